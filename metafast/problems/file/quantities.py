"""Lengths, moduli, forces and stiffnesses with their unit, as text: "10mm", "3.5 GPa", "2 N/mm"."""

from __future__ import annotations

import math
import re
from typing import Any

MILLIMETRES = {"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 1e-3, "in": 25.4}
MEGAPASCALS = {"MPa": 1.0, "GPa": 1000.0, "kPa": 1e-3, "Pa": 1e-6}
NEWTONS = {"N": 1.0, "kN": 1000.0, "mN": 1e-3}
NEWTONS_PER_MILLIMETRE = {"N/mm": 1.0, "kN/mm": 1000.0, "mN/mm": 1e-3, "N/m": 1e-3, "kN/m": 1.0}

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"\s*({_NUMBER})\s*([A-Za-z]+(?:/[A-Za-z]+)?)\s*")


def pattern_of(units: dict[str, float]) -> str:
    """Regular expression of a quantity, for the JSON Schema."""
    return rf"^\s*{_NUMBER}\s*({'|'.join(units)})\s*$"


def quantity(text: Any, units: dict[str, float]) -> float | None:
    """Value of a quantity in the first of the units; None for anything else."""
    found = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    if found is None or found[2] not in units:
        return None
    value = float(found[1]) * units[found[2]]
    return value if math.isfinite(value) else None


def refuse_other_units(text: Any, units: dict[str, float]) -> None:
    """Refuse a number with a unit that is not one of the given.

    Raises
    ------
    ValueError
        If the text is a number and a word that is no unit.
    """
    found = _QUANTITY.fullmatch(text) if isinstance(text, str) else None
    if found is not None and found[2] not in units:
        raise ValueError(f"{found[2]!r} in {text!r} is no unit; use one of {', '.join(units)}")


def require_quantity(text: Any, units: dict[str, float]) -> float:
    """Value above 0 of a quantity in the first of the units.

    Raises
    ------
    ValueError
        If it is no number with a unit, or not above 0.
    """
    value = quantity(text, units)
    if value is None:
        example = f'"10 {next(iter(units))}"'
        raise ValueError(
            f"{text!r} is not a number with a unit ({', '.join(units)}); write it like {example}"
        )
    if value <= 0:
        raise ValueError(f"{text!r} is not above 0; give a positive one")
    return value
