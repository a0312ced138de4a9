"""Choice of one cell per element (section 5.1, Eqs. 16 and 17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from metafast._base.checks import (
    require_instance,
    require_progress,
)
from metafast._base.one_line import one_line
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.assembly.bounded_choice import choose_within
from metafast.assembly.costs import AssemblyCosts, assembly_costs
from metafast.assembly.folding import folded
from metafast.assembly.joining import open_sides
from metafast.assembly.mrf import HISTORY_DTYPE, MrfResult, solve_mrf
from metafast.assembly.solid_budget import SolidBudget
from metafast.database import CellDatabase
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry, repetition_of
from metafast.properties.coordinates import CoordinateKind

_PROVED = 1e-9  # relative gap that proves an assembly with a bound on its solid optimal


@dataclass(frozen=True, eq=False)
class Assembly:
    """A choice of cells, its cost and the bound that certifies it.

    Attributes
    ----------
    cells : (rows, cols) int array
        Rows of the database; -1 where a cell is not designed.
    candidates : (rows, cols, count) int array
        Rows of the database to choose from; -1 where a cell is not designed.
    labels : (rows, cols) int array
        Chosen candidate of each element.
    energy : float
        Cost of the choice.
    lower_bound : float
        Certified bound: no choice of candidates costs less; in a symmetric design no symmetric one.
    gap : float
        ``(energy - lower_bound) / |energy|``.
    optimal : bool
        Whether the choice is proved to be the best.
    node_cost, edge_cost : float
        Parts of the energy: property deviations, and weighted boundary mismatches with the penalty
        for open sides.
    mismatch : float
        Mean boundary mismatch (theta^G + theta^M, in [0, 2]) of neighbouring cells.
    open_sides : int
        Sides across which no solid pixel of the cells meets another; `design` adds a bar there
        (`join_sides`).
    iterations : int
        Passes of the solver; 0 if dynamic programming solved the grid outright.
    history : structured array
        Time, bound and energy of the solver's iterations.
    """

    cells: IntArray
    candidates: IntArray
    labels: IntArray
    energy: float
    lower_bound: float
    gap: float
    optimal: bool
    node_cost: float
    edge_cost: float
    mismatch: float
    open_sides: int
    iterations: int
    history: AnyArray

    __repr__ = one_line


def assemble(
    database: CellDatabase,
    targets: Any,
    candidates: Any,
    *,
    edge_weight: float = 0.1,
    geometric_weight: float = 1.0,
    mechanical_weight: float = 1.0,
    coordinates: CoordinateKind = "log",
    scaled: bool = True,
    problem: Problem | None = None,
    time_limit: float | None = None,
    gap: float = 0.0,
    max_iterations: int = 5000,
    threads: int | None = None,
    progress: Progress = silent,
) -> Assembly:
    """Choose one candidate per element, close to its target and compatible with its neighbours.

    Parameters
    ----------
    database : CellDatabase
    targets : (rows, cols, 4) array
        Target C11, C12, C22, C33 of every element; only those of designed cells are used.
    candidates : (rows, cols, count) int array
        Rows of the database to choose from; only those of designed cells are used.
    edge_weight : float
        Weight of the boundary mismatch relative to the property deviation; 1 is the paper's.
    geometric_weight, mechanical_weight : float
        Weights of theta^G and theta^M within the mismatch (Eq. 17).
    coordinates : {"log", "linear"}
        Property coordinates of the deviation (Eq. 16).
    scaled : bool
        Whether the deviation is relative to the database's ranges; see `property_errors`.
    problem : Problem, optional
        Problem whose body has passive or absent cells; by default all cells are designed.
    time_limit, gap, max_iterations, threads, progress
        Limits, threads and progress of the solver; see `solve_mrf`.

    Returns
    -------
    Assembly

    Raises
    ------
    ValueError
        If shapes disagree, a candidate is no row of the database, or the copies of a body with
        several load cases have other candidates.
    KeyboardInterrupt
        On Ctrl-C; that of the solver is a `metafast.MrfInterrupted` with the best labels so far.
    """
    require_instance("database", database, CellDatabase)
    if problem is not None:
        require_instance("problem", problem, Problem)
    require_progress(progress)
    costs = assembly_costs(
        database,
        targets,
        candidates,
        edge_weight=edge_weight,
        geometric_weight=geometric_weight,
        mechanical_weight=mechanical_weight,
        coordinates=coordinates,
        scaled=scaled,
        problem=problem,
        threads=threads,
    )
    copies = Symmetry() if problem is None else repetition_of(problem)
    if not copies.holds(costs.candidates):
        raise ValueError(
            "candidates differ between the copies of the body, which have the same cells; give "
            "all load cases the same candidates"
        )
    return choose_cells(
        costs,
        copies,
        time_limit=time_limit,
        gap=gap,
        max_iterations=max_iterations,
        threads=threads,
        progress=progress,
    )


def choose_cells(
    costs: AssemblyCosts, symmetry: Symmetry | None = None, **options: Any
) -> Assembly:
    """Best choice for given costs; options and errors are those of `solve_mrf`.

    With a symmetry, the best and the bound are those of all symmetric choices; with a budget of
    solid, those of all choices within it.
    """
    symmetry = symmetry or Symmetry()
    if costs.budget is not None:
        return _choose_within_budget(costs, costs.budget, symmetry, options)
    result = solve_mrf(*folded(costs.unary, *costs.tables(), symmetry), **options)
    return Assembly(
        **_parts(costs, symmetry.unfold(result.labels, costs.unary.shape)),
        candidates=costs.candidates,
        energy=result.energy,
        lower_bound=result.lower_bound,
        gap=result.gap,
        optimal=result.optimal,
        iterations=result.iterations,
        history=result.history,
    )


def _choose_within_budget(
    costs: AssemblyCosts, budget: SolidBudget, symmetry: Symmetry, options: dict[str, Any]
) -> Assembly:
    """Best choice within a budget of solid, with a bound for all choices within it."""
    tables = costs.tables()

    def solve(unary: FloatArray) -> tuple[MrfResult, IntArray]:
        result = solve_mrf(*folded(unary, *tables, symmetry), **options)
        return result, symmetry.unfold(result.labels, unary.shape)

    def energy(labels: IntArray) -> float:
        parts = _parts(costs, labels)
        return float(parts["node_cost"] + parts["edge_cost"])

    found = choose_within(costs.unary, budget, solve, energy)
    labels = _filled(costs, budget, found.labels, symmetry, energy)
    value, bound = energy(labels), found.lower_bound
    gap = max((value - bound) / abs(value), 0.0) if value else 0.0
    return Assembly(
        **_parts(costs, labels),
        candidates=costs.candidates,
        energy=value,
        lower_bound=bound,
        gap=gap,
        optimal=gap <= _PROVED,
        iterations=found.iterations,
        history=found.result.history,
    )


def _filled(
    costs: AssemblyCosts,
    budget: SolidBudget,
    labels: IntArray,
    symmetry: Symmetry,
    energy: Callable[[IntArray], float],
) -> IntArray:
    """Labels after single changes that lower the energy with the solid that a price left over."""
    while True:
        around = costs.cost_around(labels)
        change = symmetry.sums(around - np.take_along_axis(around, labels[..., None], 2))
        change[budget.refuses(labels, symmetry)] = np.inf
        r, c, label = (int(k) for k in np.unravel_index(int(change.argmin()), change.shape))
        trial = labels.copy()
        for i, j in symmetry.images(r, c, labels.shape):
            trial[i, j] = label
        if not energy(trial) < energy(labels):
            return labels
        labels = trial


def assembly_of(costs: AssemblyCosts, labels: IntArray) -> Assembly:
    """The assembly of given labels, with the bound of their node costs alone."""
    parts = _parts(costs, labels)
    energy, bound = parts["node_cost"] + parts["edge_cost"], float(costs.unary.min(axis=2).sum())
    return Assembly(
        **parts,
        candidates=costs.candidates,
        energy=energy,
        lower_bound=bound,
        gap=(energy - bound) / abs(energy) if energy else 0.0,
        optimal=energy <= bound,
        iterations=0,
        history=np.empty(0, HISTORY_DTYPE),
    )


def relabelled(assembly: Assembly, costs: AssemblyCosts, labels: IntArray) -> Assembly:
    """The assembly with other labels: their energy, with the same certified bound."""
    if (labels == assembly.labels).all():
        return assembly
    parts = _parts(costs, labels)
    energy = parts["node_cost"] + parts["edge_cost"]
    gap = (energy - assembly.lower_bound) / abs(energy) if energy else 0.0
    return replace(assembly, **parts, energy=energy, gap=max(gap, 0.0), optimal=False)


def _parts(costs: AssemblyCosts, labels: IntArray) -> dict[str, Any]:
    """Fields of an `Assembly` that depend on the labels."""
    mismatches, opened = costs.mismatches(labels), costs.open_sides(labels)
    return {
        "cells": costs.chosen(costs.candidates, labels),
        "labels": labels,
        "node_cost": float(costs.chosen(costs.unary, labels).sum()),
        "edge_cost": costs.edge_weight * float(mismatches.sum()) + costs.open_cost * opened,
        "open_sides": opened,
        "mismatch": float(mismatches.mean()) if mismatches.size else 0.0,
    }


def disconnected_sides(
    pixels: ByteArray, rows: int, cols: int, shared: tuple[BoolArray, BoolArray] | None = None
) -> int:
    """Number of open sides: sides of two cells across which no solid pixel meets another.

    Parameters
    ----------
    pixels : (rows*h, cols*w) array
    rows, cols : int
        Number of cells of the structure.
    shared : pair of bool arrays, optional
        Sides (rows, cols-1) and (rows-1, cols) to look at; all by default.
    """
    across, down = open_sides(pixels, rows, cols)
    if shared is not None:
        across, down = across & shared[0], down & shared[1]
    return int(across.sum() + down.sum())
