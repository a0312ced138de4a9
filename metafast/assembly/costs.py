"""Assembly costs: property deviations and boundary mismatches of candidates (Eqs. 16 and 17)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from metafast._base.checks import (
    as_array,
    require_array,
    require_number,
)
from metafast._base.typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.assembly.body_cells import (
    cells_in_use,
    shared_sides,
    single_labels,
    without_absent,
)
from metafast.assembly.boundary import incompatibility_tables
from metafast.assembly.solid_budget import SolidBudget
from metafast.database import CellDatabase
from metafast.homogenization import boundary_tractions
from metafast.problems import Problem
from metafast.properties.coordinates import CoordinateKind
from metafast.selection import property_errors

_OPEN = 10.0  # penalty for a side with no solid contact, in addition to its mismatch


@dataclass(frozen=True, eq=False)
class AssemblyCosts:
    """Costs of every candidate and of every pair of neighbouring candidates.

    A side between two cells is open if no solid pixel of one meets a solid pixel of the other.

    Attributes
    ----------
    candidates : (rows, cols, count) int array
        Rows of the database; -1 where a cell is not designed.
    unary : (rows, cols, count) array
        Property deviation of each candidate from its target (Eq. 16). Cells that are not designed
        have label 0 only: the others cost +inf.
    horizontal : (rows, cols-1, count, count) array
        Mismatch of candidate a at (r, c) to the left of candidate b at (r, c+1), not weighted; see
        `incompatibility_tables`.
    vertical : (rows-1, cols, count, count) array
        Mismatch of candidate a at (r, c) above candidate b at (r+1, c), not weighted.
    edge_weight : float
        Weight of the mismatch relative to the property deviation.
    open_pairs : pair of bool arrays, optional
        Pairs of candidates with an open side, in the layout of `horizontal` and `vertical`. Each
        such side costs `open_cost` in addition; None if no pair has one.
    shared : pair of bool arrays, optional
        Sides (rows, cols-1) and (rows-1, cols) of two cells that are present; None if all are.
        The edge costs of the others are zero.
    budget : SolidBudget, optional
        Bound on the solid of the chosen cells; none by default.
    """

    candidates: IntArray
    unary: FloatArray
    horizontal: FloatArray
    vertical: FloatArray
    edge_weight: float
    open_pairs: tuple[BoolArray, BoolArray] | None = None
    shared: tuple[BoolArray, BoolArray] | None = None
    budget: SolidBudget | None = None

    @property
    def open_cost(self) -> float:
        """Penalty for an open side; any other candidate with its four mismatches costs less."""
        return _OPEN + 8.0 * self.edge_weight

    def tables(self) -> tuple[FloatArray, FloatArray]:
        """Weighted costs of neighbouring pairs, in the layout of `horizontal` and `vertical`."""
        edges = self.edge_weight * self.horizontal, self.edge_weight * self.vertical
        if self.open_pairs is not None:
            for table, open_pairs in zip(edges, self.open_pairs, strict=True):
                table[open_pairs] += self.open_cost
        return edges

    def chosen(self, table: Any, labels: IntArray) -> Any:
        """Entries (rows, cols) of a table (rows, cols, count) at the labels."""
        return np.take_along_axis(table, labels[..., None], 2)[..., 0]

    def mismatches(self, labels: IntArray) -> FloatArray:
        """Mismatch (sides,) on every side shared by two cells."""
        values = _on_sides(self.horizontal, self.vertical, labels)
        if self.shared is None:
            return values
        return np.asarray(values[np.concatenate([sides.ravel() for sides in self.shared])])

    def mismatch_around(self, labels: IntArray) -> FloatArray:
        """Mismatch (rows, cols, count) of each candidate with its current neighbours."""
        return _around(self.horizontal, self.vertical, labels)

    def cost_around(self, labels: IntArray) -> FloatArray:
        """Cost (rows, cols, count) of each candidate, its sides to current neighbours included."""
        return np.asarray(self.unary + _around(*self.tables(), labels))

    def open_sides(self, labels: IntArray) -> int:
        """Number of open sides."""
        return 0 if self.open_pairs is None else int(_on_sides(*self.open_pairs, labels).sum())

    def cells_with_open_sides(self, labels: IntArray) -> BoolArray:
        """Cells (rows, cols) with an open side."""
        if self.open_pairs is None:
            return np.zeros(labels.shape, bool)
        return np.asarray(self.chosen(_around(*self.open_pairs, labels), labels) > 0)

    def would_open(self, labels: IntArray) -> BoolArray:
        """Candidates (rows, cols, count) that would open a side that is joined now."""
        if self.open_pairs is None:
            return np.zeros(self.unary.shape, bool)
        horizontal, vertical = self.open_pairs
        r, c = np.ogrid[: labels.shape[0], : labels.shape[1]]
        joined = ~horizontal[r, c[:, :-1], labels[:, :-1], labels[:, 1:]]
        joined_below = ~vertical[r[:-1], c, labels[:-1], labels[1:]]
        return np.asarray(
            _around(
                horizontal & joined[..., None, None],
                vertical & joined_below[..., None, None],
                labels,
            )
            > 0
        )


def _on_sides(horizontal: AnyArray, vertical: AnyArray, labels: IntArray) -> AnyArray:
    """Entries (sides,) of both tables at the labels."""
    r, c = np.ogrid[: labels.shape[0], : labels.shape[1]]
    across = horizontal[r, c[:, :-1], labels[:, :-1], labels[:, 1:]]
    down = vertical[r[:-1], c, labels[:-1], labels[1:]]
    return np.concatenate([across.ravel(), down.ravel()])


def _around(horizontal: AnyArray, vertical: AnyArray, labels: IntArray) -> FloatArray:
    """Sum (rows, cols, count) over the sides of each candidate among neighbours at the labels."""
    r, c = np.ogrid[: labels.shape[0], : labels.shape[1]]
    around = np.zeros((*labels.shape, horizontal.shape[-1]))
    around[:, :-1] += horizontal[r, c[:, :-1], :, labels[:, 1:]]
    around[:, 1:] += horizontal[r, c[:, :-1], labels[:, :-1]]
    around[:-1] += vertical[r[:-1], c, :, labels[1:]]
    around[1:] += vertical[r[:-1], c, labels[:-1]]
    return around


def open_tables(candidates: IntArray, cells: ByteArray) -> tuple[BoolArray, BoolArray]:
    """Pairs of neighbouring candidates with an open side: no solid pixel meets another there.

    Parameters
    ----------
    candidates : (rows, cols, count) int array
        Index into `cells`.
    cells : (n, h, h) array
        Binary pixels, row 0 at the top.

    Returns
    -------
    horizontal : (rows, cols-1, count, count) bool array
        Candidate a at (r, c) to the left of candidate b at (r, c+1).
    vertical : (rows-1, cols, count, count) bool array
        Candidate a at (r, c) above candidate b at (r+1, c).
    """
    sides = cells[:, :, 0], cells[:, :, -1], cells[:, 0], cells[:, -1]
    left, right, top, bottom = (side.astype(np.float32)[candidates] for side in sides)
    across = right[:, :-1] @ left[:, 1:].transpose(0, 1, 3, 2)
    down = bottom[:-1] @ top[1:].transpose(0, 1, 3, 2)
    return across < 0.5, down < 0.5


def assembly_costs(
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
    threads: int | None = None,
) -> AssemblyCosts:
    """Costs of the candidates; parameters and errors as in `metafast.assembly.tiling.assemble`."""
    choice, target = as_array("candidates", candidates), require_array("targets", targets)
    if choice.ndim != 3 or choice.dtype.kind not in "iu" or target.shape != (*choice.shape[:2], 4):
        raise ValueError(
            f"candidates have shape {choice.shape} ({choice.dtype}) and targets {target.shape}; "
            "whole numbers (rows, cols, count) and (rows, cols, 4) are needed"
        )
    weight = require_number("edge_weight", edge_weight, above=0.0, closed=True)
    for name, share in (
        ("geometric_weight", geometric_weight),
        ("mechanical_weight", mechanical_weight),
    ):
        require_number(name, share, above=0.0, closed=True)
    designed = np.ones(choice.shape[:2], bool) if problem is None else problem.designed
    if designed.shape != choice.shape[:2]:
        raise ValueError(
            f"candidates have shape {choice.shape}, but the problem has {designed.shape[0]} x "
            f"{designed.shape[1]} cells; give candidates for each of them"
        )
    unary = np.zeros(choice.shape)
    unary[designed] = property_errors(
        database, target[designed], choice[designed], coordinates=coordinates, scaled=scaled
    )
    cells, local = cells_in_use(database, choice, problem)
    mismatch = incompatibility_tables(
        local,
        cells,
        boundary_tractions(cells, database.phases, threads=threads),
        geometric_weight=geometric_weight,
        mechanical_weight=mechanical_weight,
        threads=threads,
    )
    costs = AssemblyCosts(
        candidates=np.where(designed[..., None], choice.astype(np.int64), -1),
        unary=unary,
        horizontal=mismatch.horizontal,
        vertical=mismatch.vertical,
        edge_weight=weight,
        open_pairs=open_tables(local, cells),
        budget=SolidBudget.of(problem, database, choice),
    )
    return costs if problem is None or problem.body is None else _on_body(costs, problem)


def _on_body(costs: AssemblyCosts, problem: Problem) -> AssemblyCosts:
    """Costs with one label for cells that are not designed, and none for absent ones."""
    assert costs.open_pairs is not None
    for tables in ((costs.horizontal, costs.vertical), costs.open_pairs):
        without_absent(tables, problem.present)
    return replace(
        costs,
        unary=single_labels(costs.unary, problem.designed),
        shared=shared_sides(problem.present),
    )
