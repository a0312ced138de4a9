"""Start from a saved design: its cells are the labels that the closed loop begins with."""

from __future__ import annotations

import os

import numpy as np

from metafast._base.typing import ByteArray, FloatArray
from metafast.assembly.tiling import assembly_of
from metafast.pipeline.attempt import Attempt
from metafast.pipeline.every_pixel import SolvedBody
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.result import Design
from metafast.problems import Problem
from metafast.problems.symmetry import symmetry_of

# options of the first stage, which a start has behind it
_FIRST_STAGE = (
    "kinematics", "coordinates", "smoothing", "follow_cells", "mesh", "space_nodes",
)  # fmt: skip
_CHOICE = ("candidates", "selection", "least_side_solid", "stiffness_floor", "mesh_error")
_COSTS = ("edge_weight", "geometric_weight", "mechanical_weight", "deviation")
_PIXELS = ("law", "refine", "minimum_width")
_LOADS = ("forces", "tractions", "springs", "weights")
_ASKED = ("objective", "compliance_weight", "solid_share")


def require_start(start: Design | str | os.PathLike[str], problem: Problem) -> Design:
    """A design to start from, itself or from its file, checked against the problem.

    Raises
    ------
    ValueError
        If the file cannot be read, or the design is of another problem.
    """
    made = start if isinstance(start, Design) else Design.load(start)
    same = {
        "body": np.array_equal(made.problem.kinds, problem.kinds),
        "given cells": np.array_equal(_given(made.problem), _given(problem)),
        **{name: _equal(made.problem, problem, name) for name in _LOADS},
        "supports": np.array_equal(made.problem.prescribed, problem.prescribed, equal_nan=True),
        "objective": all(getattr(made.problem, n) == getattr(problem, n) for n in _ASKED),
        "targets": np.array_equal(made.problem.target, problem.target, equal_nan=True),
        "load cases": made.problem.cases == problem.cases and made.problem.worst == problem.worst,
    }
    others = [name for name, equal in same.items() if not equal]
    if others:
        raise ValueError(
            f"start is a design of {made.problem.name!r} with other {' and '.join(others)} than "
            f"the problem {problem.name!r}; give the same problem, sizes and parameters"
        )
    return made


def require_options(start: Design, options: DesignOptions) -> None:
    """Refuse options of the first stage that differ from those of the start."""
    for name in _FIRST_STAGE:
        was, wanted = getattr(start.options, name), getattr(options, name)
        if was != wanted:
            raise ValueError(
                f"{name} is {wanted!r}, but the start was designed with {was!r}; leave it out, or "
                "design without a start"
            )


def options_of_start(start: Design, options: DesignOptions) -> DesignOptions:
    """The options, without symmetry if the start has none: its cells would have to change."""
    chosen = start.assembly.candidates, start.assembly.labels, start.copies
    if all(symmetry_of(start.problem).holds(array) for array in chosen):
        return options
    return options.changed(symmetry="none")


def attempt_from(
    start: Design, problem: Problem, open_loop: OpenLoop, options: DesignOptions
) -> tuple[Attempt, FloatArray | None]:
    """The start as an attempt, and its displacement on the finer mesh where that still holds.

    Its candidates are those of the start. Where other ones are asked for they are selected anew
    for the start's field, after its own cells.

    Raises
    ------
    ValueError
        If the cells at hand are not those of the start.
    """
    if len(start.added_cells) and start.added_cells.shape[1:] == open_loop.database.shape[1:]:
        open_loop.add_cells(start.added_cells)
    pixels = _same_pixels(start, open_loop)
    aim, assembly, was = problem.aiming_at(start.aim), start.assembly, start.options
    candidates, labels = assembly.candidates, assembly.labels
    if _differ(was, options, _CHOICE):
        further = open_loop.candidates(start.field.properties)
        candidates = np.concatenate([assembly.cells[..., None], further], axis=2)
        labels = np.zeros_like(labels)
    costs = open_loop.costs(aim, start.field.properties, candidates)
    if candidates is not assembly.candidates or _differ(was, options, _COSTS):
        assembly = assembly_of(costs, labels)
    body, fine = SolvedBody(assembly, pixels, start.response), None
    if _differ(was, options, _PIXELS):
        body = open_loop.solver(assembly)
    elif was.finer == options.finer:
        fine = start.fine_displacement
    finer = open_loop.mesh_change(candidates)
    return Attempt(aim, start.field, costs, start.certified, body, finer), fine


def _same_pixels(start: Design, open_loop: OpenLoop) -> ByteArray:
    """Pixels of the start, which the cells at hand must give."""
    count = len(open_loop.database)
    fits = start.assembly.cells.max() < count
    width = start.options.minimum_width
    pixels = open_loop.solver.pixels(start.assembly, width) if fits else None
    if pixels is None or not np.array_equal(pixels, start.copies):
        raise ValueError(
            f"the {count:,} cells at hand are not those that the start was made of; give the same "
            "database or family"
        )
    if open_loop.provenance["phases"] != start.provenance["phases"]:
        raise ValueError(
            "the cells at hand are of another material than the start; give the same material"
        )
    return pixels


def _differ(was: DesignOptions, wanted: DesignOptions, names: tuple[str, ...]) -> bool:
    return any(getattr(was, name) != getattr(wanted, name) for name in names)


def _equal(one: Problem, other: Problem, name: str) -> bool:
    """Whether both problems have the same array of a name, or neither has one."""
    mine, theirs = getattr(one, name), getattr(other, name)
    if mine is None or theirs is None:
        return mine is theirs
    return np.array_equal(mine, theirs)


def _given(problem: Problem) -> ByteArray:
    return np.zeros(0, np.uint8) if problem.given is None else problem.given
