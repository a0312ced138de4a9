"""Standard problems by name: the paper's three with its errors, the cloak and the gripper.

The same problems ship as files in ``library``, which the command line reads; a test compares their
arrays to the bit.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

from metafast.problems.bridge import bridge
from metafast.problems.cloak import cloak
from metafast.problems.graded_beam import graded_beam
from metafast.problems.gripper import gripper
from metafast.problems.problem import Problem
from metafast.problems.smiley import smiley

STANDARD: dict[str, Callable[..., Problem]] = {
    "bridge": bridge,
    "graded_beam": graded_beam,
    "smiley": smiley,
    "cloak": cloak,
    "gripper": gripper,
}

# RRMSE at every pixel that the paper reports for its own targets (section 5.2)
PUBLISHED = {"bridge": 0.0600, "graded_beam": 0.1900, "smiley": 0.1623}


def standard_problem(
    name: str,
    *,
    amplitude: float | None = None,
    rows: int | None = None,
    cols: int | None = None,
) -> Problem:
    """Standard problem of a name, its own amplitude and size where none are given.

    Parameters
    ----------
    name : str
        A key of `STANDARD`.
    amplitude : float, optional
        In cell widths, as a fraction of the compression (smiley) or of the length (cloak).
    rows, cols : int, optional
        Cells from top to bottom and from left to right.

    Raises
    ------
    ValueError
        If the name is unknown, an argument is out of range, or a square body is to have different
        numbers of rows and columns.
    """
    if name not in STANDARD:
        raise ValueError(f"unknown problem {name!r}; choose one of {', '.join(STANDARD)}")
    make = STANDARD[name]
    given: dict[str, float | None] = {"amplitude": amplitude}
    if "size" in inspect.signature(make).parameters:
        if rows != cols:
            raise ValueError(
                f"the {name} is square; give the same number of rows and columns, not {rows} and "
                f"{cols}"
            )
        given["size"] = rows
    else:
        given |= {"rows": rows, "cols": cols}
    return make(**{key: value for key, value in given.items() if value is not None})
