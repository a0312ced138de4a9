"""The options of a design, checked before any work is done."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np

from metafast._base.checks import require_count, require_number
from metafast.database import CellDatabase
from metafast.problems import Problem
from metafast.selection import LEAST_SIDE_SOLID, Family
from metafast.selection.shapes import Encoder

# least value of each whole number
_COUNTS = (
    ("candidates", 1),
    ("target_rounds", 0),
    ("refine_rounds", 0),
    ("refine", 1),
    ("mesh", 1),
    ("nodes", 7),
    ("seed", 0),
)
_TARGET_ROUNDS = 2  # before a closed loop, unless asked otherwise
_LARGEST = {"side_solid": 1.0, "softest": 1.0, "edge_weight": np.inf, "smoothing": np.inf}
# where a database is designed with, and where a family is
_DEFAULTS = {"selection": ("diverse", "nearest"), "side_solid": (LEAST_SIDE_SOLID, 0.0)}


def checked_options(
    problem: Problem,
    database: CellDatabase | None,
    vae: Encoder | None,
    family: Family | None,
    **options: Any,
) -> dict[str, str | int | float]:
    """The options as plain numbers and names, all checked before any work is done."""
    for name, (free, graded) in _DEFAULTS.items():
        if options[name] is None:
            options[name] = free if family is None else graded
    if not isinstance(problem, Problem):
        raise ValueError(f"problem is a {type(problem).__name__}; use metafast.problems.bridge()")
    if database is not None and not isinstance(database, CellDatabase):
        raise ValueError(
            f"database is a {type(database).__name__}; a CellDatabase is needed, for instance "
            "CellDatabase.load(path)"
        )
    if family is not None and not isinstance(family, Family):
        raise ValueError(
            f"family is a {type(family).__name__}; a Family is needed, for instance "
            "Family.load(path)"
        )
    if family is not None and database is not None:
        raise ValueError("a database and a family were given; the family brings its own cells")
    if vae is not None and not callable(getattr(vae, "encode", None)):
        raise ValueError(f"vae is a {type(vae).__name__} without a method encode(cells)")
    if options["selection"] not in ("nearest", "diverse"):
        raise ValueError(f"selection is {options['selection']!r}; use 'nearest' or 'diverse'")
    if options["coordinates"] not in ("log", "linear"):
        raise ValueError(f"coordinates are {options['coordinates']!r}; use 'log' or 'linear'")
    checked: dict[str, str | int | float] = {
        "selection": options["selection"],
        "coordinates": options["coordinates"],
        "encoder": type(vae).__name__ if vae else "pixel components",
        "metafast": version("metafast"),
    }
    if family is not None:
        checked["family"] = family.gradation.name
    if options["target_rounds"] is None:
        options["target_rounds"] = 0 if options["refine_rounds"] == 0 else _TARGET_ROUNDS
    for name, least in _COUNTS:
        checked[name] = require_count(name, options[name], least)
    for name, largest in _LARGEST.items():
        checked[name] = require_number(name, options[name], above=0, below=largest, closed=True)
    return checked
