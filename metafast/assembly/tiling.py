"""Second stage: one cell for every element, then one picture (section 5.1, Eqs. 16 and 17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._checks import require_array, require_number, require_properties
from metafast._progress import Progress, silent
from metafast._typing import AnyArray, ByteArray, FloatArray, IntArray
from metafast.assembly.boundary import incompatibility_tables
from metafast.assembly.mrf import solve_mrf
from metafast.database import CellDatabase
from metafast.database.coordinates import CoordinateKind
from metafast.homogenization import boundary_tractions


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
        Parts of the energy: property deviations, and weighted boundary mismatches.
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
    choice = np.asarray(candidates)
    wanted = require_array("targets", targets)
    if choice.ndim != 3 or choice.dtype.kind not in "iu" or wanted.shape != (*choice.shape[:2], 4):
        raise ValueError(
            f"candidates have shape {choice.shape} ({choice.dtype}) and targets {wanted.shape}; "
            "whole numbers (rows, cols, count) and (rows, cols, 4) are needed"
        )
    if choice.size == 0 or choice.min() < 0 or choice.max() >= len(database):
        raise ValueError(f"candidates must be rows of the database, 0 to {len(database) - 1}")
    require_properties(wanted.reshape(-1, 4), "targets")
    weight = require_number("edge_weight", edge_weight, above=0.0, closed=True)
    axes = database.coordinates(coordinates)
    deviation = axes.to_unit(database.properties[choice]) - axes.to_unit(wanted)[:, :, None]
    unary = np.abs(deviation).max(axis=-1)

    distinct, local = np.unique(choice, return_inverse=True)
    cells = database.take(distinct)
    tractions = boundary_tractions(
        cells, database.material, void_stiffness=database.void_stiffness, threads=threads
    )
    horizontal, vertical = incompatibility_tables(
        local.reshape(choice.shape),
        cells,
        tractions,
        geometric_weight=geometric_weight,
        mechanical_weight=mechanical_weight,
        threads=threads,
    )
    result = solve_mrf(
        unary,
        weight * horizontal,
        weight * vertical,
        gap=gap,
        max_iterations=max_iterations,
        time_limit=time_limit,
        threads=threads,
        progress=progress,
    )
    if result.interrupted:
        raise KeyboardInterrupt
    labels = result.labels
    node_cost = float(np.take_along_axis(unary, labels[..., None], 2).sum())
    mismatches = _chosen_edges(horizontal, vertical, labels)
    return Assembly(
        cells=np.take_along_axis(choice, labels[..., None], 2)[..., 0].astype(np.int64),
        candidates=choice.astype(np.int64),
        labels=labels,
        energy=result.energy,
        lower_bound=result.lower_bound,
        gap=result.gap,
        optimal=result.optimal,
        node_cost=node_cost,
        edge_cost=weight * float(mismatches.sum()),
        mismatch=float(mismatches.mean()) if mismatches.size else 0.0,
        iterations=result.iterations,
        history=result.history,
    )


def _chosen_edges(horizontal: FloatArray, vertical: FloatArray, labels: IntArray) -> FloatArray:
    """Table entries of the chosen labels on every edge, flat."""
    r, c = np.ogrid[: labels.shape[0], : labels.shape[1]]
    beside = horizontal[r, c[:, :-1], labels[:, :-1], labels[:, 1:]]
    above = vertical[r[:-1], c, labels[:-1], labels[1:]]
    return np.concatenate([beside.ravel(), above.ravel()])


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
