"""Second stage: one cell for every element, then one picture (section 5.1, Eqs. 16 and 17)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, ByteArray, IntArray
from metafast.assembly.costs import AssemblyCosts, assembly_costs
from metafast.assembly.joining import sides_not_joined
from metafast.assembly.mrf import solve_mrf
from metafast.database import CellDatabase
from metafast.properties.coordinates import CoordinateKind


@dataclass(frozen=True, eq=False)
class Assembly:
    """Which cell stands where, and how good that choice is.

    Attributes
    ----------
    cells : (rows, cols) int array
        Rows of the database.
    candidates : (rows, cols, count) int array
    labels : (rows, cols) int array
        Chosen candidate of each element.
    energy, lower_bound : float
        Cost of the choice, and a certified bound that no choice of candidates can undercut.
    gap : float
        ``(energy - lower_bound) / |energy|``.
    optimal : bool
        Whether the choice is proved to be the best.
    node_cost, edge_cost : float
        Parts of the energy: property deviations, and weighted boundary mismatches with a high
        price for each side that is not joined.
    sides_apart : int
        Sides across which no solid pixel of the cells meets another; `design` lays a strip there
        (`join_sides`).
    mismatch : float
        Mean boundary mismatch (theta^G + theta^M, in [0, 2]) of neighbouring cells.
    iterations : int
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
    sides_apart: int
    iterations: int
    history: AnyArray


def assemble(
    database: CellDatabase,
    targets: Any,
    candidates: Any,
    *,
    edge_weight: float = 0.1,
    geometric_weight: float = 1.0,
    mechanical_weight: float = 1.0,
    coordinates: CoordinateKind = "log",
    gap: float = 0.0,
    max_iterations: int = 5000,
    time_limit: float | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> Assembly:
    """Choose one candidate per element: near to its target, fitting to its neighbours.

    Parameters
    ----------
    database : CellDatabase
    targets : (rows, cols, 4) array
        Wanted C11, C12, C22, C33 of every element.
    candidates : (rows, cols, count) int array
        Rows of the database to choose from.
    edge_weight : float
        Weight of the boundary mismatch beside the property deviation; 1 is the paper's.
    geometric_weight, mechanical_weight : float
        Weights of theta^G and theta^M within the mismatch (Eq. 17).
    coordinates : {"log", "linear"}
        Property coordinates of the deviation (Eq. 16).
    gap, max_iterations, time_limit, threads, progress
        When the solver stops, its threads, and whom it tells; see `solve_mrf`.

    Returns
    -------
    Assembly

    Raises
    ------
    ValueError
        If shapes disagree or a candidate is no row of the database.
    KeyboardInterrupt
        On Ctrl-C.
    """
    costs = assembly_costs(
        database,
        targets,
        candidates,
        edge_weight=edge_weight,
        geometric_weight=geometric_weight,
        mechanical_weight=mechanical_weight,
        coordinates=coordinates,
        threads=threads,
    )
    return choose_cells(
        costs,
        gap=gap,
        max_iterations=max_iterations,
        time_limit=time_limit,
        threads=threads,
        progress=progress,
    )


def choose_cells(costs: AssemblyCosts, **options: Any) -> Assembly:
    """The best choice for given costs; `options` go to `solve_mrf`.

    Raises
    ------
    KeyboardInterrupt
        On Ctrl-C.
    """
    result = solve_mrf(costs.unary, *costs.tables(), **options)
    if result.interrupted:
        raise KeyboardInterrupt
    return Assembly(
        **_parts(costs, result.labels),
        candidates=costs.candidates,
        energy=result.energy,
        lower_bound=result.lower_bound,
        gap=result.gap,
        optimal=result.optimal,
        iterations=result.iterations,
        history=result.history,
    )


def relabelled(assembly: Assembly, costs: AssemblyCosts, labels: IntArray) -> Assembly:
    """The assembly with other labels: their energy beside the same certified bound."""
    if (labels == assembly.labels).all():
        return assembly
    parts = _parts(costs, labels)
    energy = parts["node_cost"] + parts["edge_cost"]
    gap = (energy - assembly.lower_bound) / abs(energy) if energy else 0.0
    return replace(assembly, **parts, energy=energy, gap=max(gap, 0.0), optimal=False)


def _parts(costs: AssemblyCosts, labels: IntArray) -> dict[str, Any]:
    mismatches, apart = costs.mismatches(labels), costs.sides_apart(labels)
    return {
        "cells": costs.chosen(costs.candidates, labels),
        "labels": labels,
        "node_cost": float(costs.chosen(costs.unary, labels).sum()),
        "edge_cost": costs.edge_weight * float(mismatches.sum()) + costs.apart_cost * apart,
        "sides_apart": apart,
        "mismatch": float(mismatches.mean()) if mismatches.size else 0.0,
    }


def tile(cells: ByteArray, arrangement: IntArray) -> ByteArray:
    """Pixels (rows*h, cols*w) of the structure in which ``cells[arrangement[r, c]]`` is at (r, c).

    Parameters
    ----------
    cells : (n, h, w) array
    arrangement : (rows, cols) int array
        Row 0 at the top.
    """
    rows, cols = arrangement.shape
    _, h, w = cells.shape
    blocks = cells[arrangement]
    return np.ascontiguousarray(blocks.transpose(0, 2, 1, 3).reshape(rows * h, cols * w))


def disconnected_sides(pixels: ByteArray, rows: int, cols: int) -> int:
    """Sides between two cells across which no solid pixel meets another.

    Parameters
    ----------
    pixels : (rows*h, cols*w) array
    rows, cols : int
        Cells of the structure.
    """
    above, beside = sides_not_joined(pixels, rows, cols)
    return int(above.sum() + beside.sum())
