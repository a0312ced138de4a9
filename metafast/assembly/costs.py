"""What a choice of cells costs: property deviations and boundary mismatches (Eqs. 16 and 17)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import require_array, require_number
from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.assembly.boundary import incompatibility_tables
from metafast.assembly.connectivity import apart_tables
from metafast.database import CellDatabase
from metafast.homogenization import boundary_tractions
from metafast.properties.coordinates import CoordinateKind
from metafast.selection import property_errors

_APART = 10.0  # energy of a side across which nothing is joined, beside what it misfits


@dataclass(frozen=True, eq=False)
class AssemblyCosts:
    """Costs of every candidate and of every pair of neighbouring candidates.

    Attributes
    ----------
    candidates : (rows, cols, count) int array
        Rows of the database.
    unary : (rows, cols, count) array
        Property deviation of each candidate from its target (Eq. 16).
    horizontal, vertical : (rows, cols-1, count, count) and (rows-1, cols, count, count) arrays
        Boundary mismatch of neighbours, not weighted; see `incompatibility_tables`.
    edge_weight : float
        Weight of the mismatch beside the deviation.
    apart : pair of bool arrays, optional
        Where `horizontal` and `vertical` pair candidates that would not be joined at all. Each such
        side costs `apart_cost` on top.
    """

    candidates: IntArray
    unary: FloatArray
    horizontal: FloatArray
    vertical: FloatArray
    edge_weight: float
    apart: tuple[BoolArray, BoolArray] | None = None

    @property
    def apart_cost(self) -> float:
        """What a side costs that is not joined: more than another cell there and ten misfits."""
        return _APART + 8.0 * self.edge_weight

    def tables(self) -> tuple[FloatArray, FloatArray]:
        """What pairs of neighbours cost, `horizontal` and `vertical`, weighted."""
        edges = self.edge_weight * self.horizontal, self.edge_weight * self.vertical
        if self.apart is not None:
            for table, apart in zip(edges, self.apart, strict=True):
                table[apart] += self.apart_cost
        return edges

    def chosen(self, table: Any, labels: IntArray) -> Any:
        """Entries (rows, cols) of a table (rows, cols, count) at the labels."""
        return np.take_along_axis(table, labels[..., None], 2)[..., 0]

    def mismatches(self, labels: IntArray) -> FloatArray:
        """Mismatch on every side that two cells share, flat."""
        return _on_sides(self.horizontal, self.vertical, labels)

    def sides_apart(self, labels: IntArray) -> int:
        """Sides across which nothing is joined."""
        return 0 if self.apart is None else int(_on_sides(*self.apart, labels).sum())

    def cells_apart(self, labels: IntArray) -> BoolArray:
        """Cells (rows, cols) with a side across which nothing is joined."""
        if self.apart is None:
            return np.zeros(labels.shape, bool)
        return np.asarray(self.chosen(_around(*self.apart, labels), labels) > 0)

    def mismatch_around(self, labels: IntArray) -> FloatArray:
        """Mismatch (rows, cols, count) of each candidate with its neighbours as they are."""
        return _around(self.horizontal, self.vertical, labels)

    def parts_around(self, labels: IntArray) -> BoolArray:
        """Which candidates (rows, cols, count) would part a side that is joined now."""
        if self.apart is None:
            return np.zeros(self.unary.shape, bool)
        r, c = np.ogrid[: labels.shape[0], : labels.shape[1]]
        left, right = (r, c[:, :-1], labels[:, :-1]), labels[:, 1:]
        upper, lower = (r[:-1], c, labels[:-1]), labels[1:]
        joined = [
            ~table[(*one, other)]
            for table, one, other in zip(self.apart, (left, upper), (right, lower), strict=True)
        ]
        beside = self.apart[0] & joined[0][..., None, None]
        above = self.apart[1] & joined[1][..., None, None]
        return np.asarray(_around(beside, above, labels) > 0)


def _on_sides(horizontal: AnyArray, vertical: AnyArray, labels: IntArray) -> AnyArray:
    r, c = np.ogrid[: labels.shape[0], : labels.shape[1]]
    beside = horizontal[r, c[:, :-1], labels[:, :-1], labels[:, 1:]]
    above = vertical[r[:-1], c, labels[:-1], labels[1:]]
    return np.concatenate([beside.ravel(), above.ravel()])


def _around(horizontal: AnyArray, vertical: AnyArray, labels: IntArray) -> FloatArray:
    r, c = np.ogrid[: labels.shape[0], : labels.shape[1]]
    around = np.zeros((*labels.shape, horizontal.shape[-1]))
    around[:, :-1] += horizontal[r, c[:, :-1], :, labels[:, 1:]]
    around[:, 1:] += horizontal[r, c[:, :-1], labels[:, :-1]]
    around[:-1] += vertical[r[:-1], c, :, labels[1:]]
    around[1:] += vertical[r[:-1], c, labels[:-1]]
    return around


def assembly_costs(
    database: CellDatabase,
    targets: Any,
    candidates: Any,
    *,
    edge_weight: float = 0.1,
    geometric_weight: float = 1.0,
    mechanical_weight: float = 1.0,
    coordinates: CoordinateKind = "log",
    threads: int | None = None,
) -> AssemblyCosts:
    """Costs of the candidates; parameters and errors as in `metafast.assembly.tiling.assemble`."""
    choice = np.asarray(candidates)
    wanted = require_array("targets", targets)
    if choice.ndim != 3 or choice.dtype.kind not in "iu" or wanted.shape != (*choice.shape[:2], 4):
        raise ValueError(
            f"candidates have shape {choice.shape} ({choice.dtype}) and targets {wanted.shape}; "
            "whole numbers (rows, cols, count) and (rows, cols, 4) are needed"
        )
    weight = require_number("edge_weight", edge_weight, above=0.0, closed=True)
    unary = property_errors(database, wanted, choice, coordinates=coordinates)

    distinct, local = np.unique(choice, return_inverse=True)
    cells = database.take(distinct)
    tractions = boundary_tractions(cells, database.phases, threads=threads)
    horizontal, vertical = incompatibility_tables(
        local.reshape(choice.shape),
        cells,
        tractions,
        geometric_weight=geometric_weight,
        mechanical_weight=mechanical_weight,
        threads=threads,
    )
    return AssemblyCosts(
        candidates=choice.astype(np.int64),
        unary=unary,
        horizontal=horizontal,
        vertical=vertical,
        edge_weight=weight,
        apart=apart_tables(local.reshape(choice.shape), cells),
    )
