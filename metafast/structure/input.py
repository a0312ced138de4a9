"""What a structure is solved with: pixels and load cases, checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from metafast._base.checks import require_cells
from metafast._base.typing import BoolArray
from metafast.problems.problem import Problem
from metafast.structure.memory import require_memory


def require_load_cases(problems: Sequence[Problem]) -> list[Problem]:
    """The problems, after a look whether all have the supports of the first."""
    if isinstance(problems, Problem) or not isinstance(problems, Iterable):
        raise ValueError(
            f"problems is a {type(problems).__name__}; a list of problems is needed, also for one"
        )
    problems = list(problems)
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
                "components of the same macro nodes must be prescribed, or solve it by itself"
            )
    return problems


def require_pixels(pixels: Any, problem: Problem, refine: int) -> tuple[BoolArray, int]:
    """Binary image, refined, and the pixels per cell side."""
    cells = require_cells(pixels)
    if np.ndim(pixels) != 2:
        raise ValueError(
            f"pixels have shape {cells.shape}; one image (rows*p, cols*p) is needed, for instance "
            "cells laid out with numpy.block"
        )
    image = cells[0]
    sides = image.shape[0] / problem.rows, image.shape[1] / problem.cols
    if sides[0] != sides[1] or sides[0] % 1:
        raise ValueError(
            f"pixels have shape {image.shape}, which is {sides[0]:g} x {sides[1]:g} pixels for "
            f"each of the {problem.rows} x {problem.cols} cells of problem {problem.name!r}; a "
            "shape (rows*p, cols*p) with one whole p is needed: check the problem's size and "
            "whether rows and columns are swapped"
        )
    if not image.any():
        raise ValueError("pixels have no solid pixel (1 = solid); there is nothing to solve")
    solid = image.astype(bool)
    if refine > 1:
        # more nodes than pixels: a lower bound, before anything of that size is made
        require_memory(2 * int(np.count_nonzero(solid)) * refine**2)
        solid = solid.repeat(refine, axis=0).repeat(refine, axis=1)
    return solid, int(sides[0]) * refine
