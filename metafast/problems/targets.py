"""Checks of target weights, and of the copies of a body that several load cases have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from metafast._base.checks import require_array
from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.problems.body import CellKind


def require_weights(name: str, weights: Any, wanted: BoolArray) -> FloatArray | None:
    """Return the weights (rows+1, cols+1, 2) of targets; None if they are all 1.

    Parameters
    ----------
    name : str
        The problem's, for messages.
    weights : (rows+1, cols+1, 2) array or None
    wanted : (rows+1, cols+1, 2) bool array
        Degrees of freedom with a target; only there weights count.

    Raises
    ------
    ValueError
        If the shape is wrong, or the weight of a target is not a positive number.
    """
    if weights is None:
        return None
    values = require_array("weights", weights)
    if values.shape != wanted.shape:
        raise ValueError(
            f"problem {name!r}: weights have shape {values.shape}; (rows+1, cols+1, 2) = "
            f"{wanted.shape} is needed"
        )
    wrong = wanted & ~((values > 0.0) & np.isfinite(values))
    if wrong.any():
        node = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"problem {name!r}: weights{list(node)} is {values[node]:g}; the weight of a target is "
            "a positive number; set the target to NaN to leave it out"
        )
    return None if (values[wanted] == 1.0).all() else values


def require_copies(name: str, cases: Any, kinds: IntArray) -> tuple[str, ...]:
    """Return the names of several load cases, checked against the copies of the body.

    Parameters
    ----------
    name : str
        The problem's, for messages.
    cases : sequence of str
    kinds : (rows, cols) int array
        Kinds of the cells.

    Raises
    ------
    ValueError
        If these are no names, or the body is not as many copies with absent columns between.
    """
    if isinstance(cases, str) or not isinstance(cases, Sequence):
        raise ValueError(f"problem {name!r}: cases is {cases!r}; names of load cases are needed")
    names = tuple(cases)
    if not names:
        return names
    if len(names) < 2 or not all(isinstance(each, str) and each.strip() for each in names):
        raise ValueError(
            f"problem {name!r}: cases are {list(names)}; two names or more are needed, or none for "
            "a single load case"
        )
    whole = np.pad(kinds, ((0, 0), (0, 1)), constant_values=int(CellKind.ABSENT))
    copies = np.split(whole, len(names), axis=1) if whole.shape[1] % len(names) == 0 else []
    alike = bool(copies) and all(np.array_equal(copies[0], copy) for copy in copies)
    if not alike or (copies[0][:, -1] != CellKind.ABSENT).any():
        raise ValueError(
            f"problem {name!r} has {len(names)} load cases, but its body is not as many copies "
            "with an absent column between; use metafast.load_cases"
        )
    return names
