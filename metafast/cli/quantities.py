"""Options with a unit, as "10mm" and "3GPa"."""

from __future__ import annotations


def millimetres(option: str, text: str | None) -> float | None:
    """Length of an option in millimetres."""
    from metafast.problems.file.quantities import MILLIMETRES

    return _quantity(option, text, MILLIMETRES)


def megapascals(text: str | None) -> float | None:
    """Young's modulus in MPa."""
    from metafast.problems.file.quantities import MEGAPASCALS

    return _quantity("--young", text, MEGAPASCALS)


def _quantity(option: str, text: str | None, units: dict[str, float]) -> float | None:
    from metafast.problems.file.quantities import require_quantity

    if text is None:
        return None
    try:
        return require_quantity(text, units)
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
