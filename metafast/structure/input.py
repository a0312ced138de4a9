"""Input checks of a full-resolution solution: pixels, load cases and memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from metafast._base.checks import (
    require_cells,
    require_items,
)
from metafast._base.memory import available_memory
from metafast._base.typing import BoolArray, FloatArray
from metafast.problems.problem import Problem
from metafast.structure.nodes import LARGEST


def require_load_cases(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems as a list; all must have the supports of the first."""
    problems = require_items("problems", problems, "problems, even for a single one,")
    for problem in problems:
        if not isinstance(problem, Problem):
            raise ValueError(
                f"problem is a {type(problem).__name__}; a metafast.Problem is needed, for "
                "instance metafast.problems.bridge()"
            )
    if not problems:
        raise ValueError("there are no load cases; give at least one problem")
    first = problems[0]
    for k, problem in enumerate(problems):
        if problem.fixed.shape != first.fixed.shape or (problem.fixed != first.fixed).any():
            raise ValueError(
                f"load case {k}, {problem.name!r}, is not held where {first.name!r} is; the same "
                "components of the same macro nodes must be prescribed: solve it on its own"
            )
        if (problem.present != first.present).any():
            raise ValueError(
                f"load case {k}, {problem.name!r}, has other holes than {first.name!r}; load cases "
                "are those of one body: solve it on its own"
            )
        if not np.array_equal(_springs(problem), _springs(first)):
            raise ValueError(
                f"load case {k}, {problem.name!r}, has other springs than {first.name!r}; load "
                "cases share one stiffness: solve it on its own"
            )
    return problems


def _springs(problem: Problem) -> FloatArray:
    return np.zeros_like(problem.prescribed) if problem.springs is None else problem.springs


def require_pixels(pixels: Any, problem: Problem, refine: int) -> tuple[BoolArray, int]:
    """Return the refined binary image and the pixels per cell side."""
    cells = require_cells(pixels)
    if np.ndim(pixels) != 2:
        raise ValueError(
            f"pixels have shape {cells.shape}; one image (rows*p, cols*p) is needed, for instance "
            "cells laid out with numpy.block"
        )
    image = problem.side_by_side(cells[0])
    sides = image.shape[0] / problem.rows, image.shape[1] / problem.cols
    if sides[0] != sides[1] or sides[0] % 1:
        raise ValueError(
            f"pixels have shape {image.shape}, which is {sides[0]:g} x {sides[1]:g} pixels for "
            f"each of the {problem.rows} x {problem.cols} cells of problem {problem.name!r}; a "
            "shape (rows*p, cols*p) with one whole number p is needed: check the problem's size "
            "and whether rows and columns are swapped"
        )
    if not image.any():
        raise ValueError("pixels have no solid pixel (1 = solid); there is nothing to solve")
    solid = image.astype(bool)
    if refine > 1:
        # a body has more nodes than pixels: a lower bound, before an image of that size exists
        require_memory(2 * int(np.count_nonzero(solid)) * refine**2, available_memory())
        solid = solid.repeat(refine, axis=0).repeat(refine, axis=1)
    return solid, int(sides[0]) * refine


def estimate_memory(unknowns: int) -> int:
    """Estimate the peak memory of the solution of a porous body, in bytes.

    The part of the factor that is kept grows like n log n, node fields and work arrays like n. The
    constants are fitted to measured peaks and lie on the safe side for porous bodies; solid ones
    take up to twice as much.

    Parameters
    ----------
    unknowns : int
        Free degrees of freedom.

    Returns
    -------
    int
    """
    n = max(int(unknowns), 2)
    return int(n * (160 + 20 * max(n.bit_length() - 14, 0)))


def require_memory(unknowns: int, free: int | None, more: int = 0) -> None:
    """Raise MemoryError if the estimate clearly exceeds the free bytes (None where unknown).

    `more` bytes are needed in addition to those of a linear solution.
    """
    if unknowns > LARGEST:
        raise MemoryError(
            f"{unknowns} unknowns, but 32-bit numbers reach {LARGEST}; solve fewer cells, or with "
            "a smaller refine"
        )
    needed = estimate_memory(unknowns) + more
    if free is not None and needed > 1.25 * free:
        raise MemoryError(
            f"{unknowns} unknowns need about {needed / 2**30:.1f} GiB, but {free / 2**30:.1f} GiB "
            "are free; solve fewer cells, use refine=1, or free memory"
        )
