"""Arrays of a family graph: cells near a gradation, sorted along it, and their edges."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from metafast._base.progress import Progress, silent
from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.phases import Phases
from metafast.properties.gradation import Gradation
from metafast.selection.edge_lengths import edge_lengths
from metafast.selection.family import Family
from metafast.selection.family_options import FamilyOptions
from metafast.selection.shapes import Encoder, latents_of, require_encoder

if TYPE_CHECKING:
    from metafast.generative import CellVAE

_LARGEST_GAP = 0.25  # of the gradation without a cell, as a fraction of its range


@dataclass(frozen=True, eq=False)
class GraphArrays:
    """Family graph whose node k is the cell of rank k.

    Attributes
    ----------
    gradation : Gradation
    phases : Phases
        Solid and void that the properties hold for.
    options : FamilyOptions
    decoder : CellVAE or None
        Model by which edges keep to the gradation.
    rows : (n,) int array
        Rows of the database.
    parameter : (n,) array
        Parameter of the gradation's point nearest to each cell, rising.
    latents : (n, d) array
    properties : (n, 4) array
        C11, C12, C22, C33.
    take : callable
        ``take(rows)`` returns pixels (m, h, w).
    lengths : (n, n) sparse array
    starts, stops : int arrays
        Ranks joined to the source and to the sink.
    """

    gradation: Gradation
    phases: Phases
    options: FamilyOptions
    decoder: CellVAE | None
    rows: IntArray
    parameter: FloatArray
    latents: FloatArray
    properties: FloatArray
    take: Callable[[IntArray], ByteArray]
    lengths: csr_array
    starts: IntArray
    stops: IntArray

    @classmethod
    def of_database(
        cls,
        database: CellDatabase,
        encoder: Encoder | FloatArray,
        gradation: Gradation,
        options: FamilyOptions,
        *,
        decoder: CellVAE | None = None,
        threads: int | None = None,
        progress: Progress = silent,
    ) -> GraphArrays:
        """Graph of a database's cells within the tolerance of a gradation; see `family_graph`."""
        encoder = require_encoder(encoder, len(database))
        young = database.phases.solid.young
        points = gradation.nearest(database.properties, threads=threads)
        rows = np.flatnonzero(points.distance <= options.tolerance * young)
        _refuse_gaps(gradation, points.parameter[rows], options)
        rows = rows[np.argsort(points.parameter[rows], kind="stable")]
        latents = latents_of(encoder, database, rows)
        starts, stops = _ends(len(rows), options.terminals)
        return cls(
            gradation=gradation,
            phases=database.phases,
            options=options,
            decoder=decoder,
            rows=rows,
            parameter=points.parameter[rows],
            latents=latents,
            properties=database.properties[rows],
            take=database.take,
            lengths=edge_lengths(latents, gradation, options, young, decoder, progress),
            starts=starts,
            stops=stops,
        )

    def has_gap(self) -> bool:
        """Whether a long part of the gradation is empty, or there are too few cells."""
        return _gap(self.gradation, self.parameter, self.options.neighbors) is not None

    def shortest_path(self) -> IntArray | None:
        """Ranks on the shortest path from the source to the sink; None if there is no path."""
        if not (len(self.starts) and len(self.stops)):
            return None
        length, before, _ = dijkstra(
            self.lengths, indices=self.starts, min_only=True, return_predecessors=True
        )
        last = int(self.stops[length[self.stops].argmin()])
        if not np.isfinite(length[last]):
            return None
        path = [last]
        while before[path[-1]] >= 0:
            path.append(int(before[path[-1]]))
        return np.array(path[::-1])

    def family(self, path: IntArray) -> Family:
        """Family of the cells on a path of ranks."""
        rows = self.rows[path]
        return Family(
            self.gradation,
            self.parameter[path],
            self.latents[path],
            self.take(rows),
            self.properties[path],
            rows,
            self.phases,
        )

    def without(self, path: IntArray) -> GraphArrays:
        """Graph without the cells on a path; the first and last cells left join the terminals."""
        left = np.delete(np.arange(len(self.rows)), path)
        starts, stops = _ends(len(left), self.options.terminals)
        arrays: dict[str, Any] = {
            name: getattr(self, name)[left]
            for name in ("rows", "parameter", "latents", "properties")
        }
        lengths = self.lengths[left][:, left]
        return replace(self, **arrays, lengths=lengths, starts=starts, stops=stops)

    def joined_again(self, progress: Progress = silent) -> GraphArrays:
        """Graph of the same cells with edges to the nearest of those that are left."""
        young = self.phases.solid.young
        lengths = edge_lengths(
            self.latents, self.gradation, self.options, young, self.decoder, progress
        )
        return replace(self, lengths=lengths)


def _ends(n: int, terminals: int) -> tuple[IntArray, IntArray]:
    """First and last ranks, of which families start and end."""
    count = min(terminals, n // 2)
    return np.arange(count), np.arange(n - count, n)


def _refuse_gaps(gradation: Gradation, parameter: FloatArray, options: FamilyOptions) -> None:
    """Raise an error that names the part of the gradation that no path can pass."""
    gap = _gap(gradation, parameter, options.neighbors)
    if gap is None:
        return
    if len(parameter) <= options.neighbors:
        raise ValueError(
            f"{len(parameter)} cells lie within {options.tolerance:g} of the gradation "
            f"{gradation.name!r}; more than {options.neighbors} are needed. Raise tolerance, use "
            "a larger database, or keep the gradation inside the property space"
        )
    raise ValueError(
        f"no cell lies within {options.tolerance:g} of the gradation {gradation.name!r} between "
        f"{gap[0]:.3g} and {gap[1]:.3g}; raise tolerance, or leave that part out"
    )


def _gap(gradation: Gradation, parameter: FloatArray, neighbors: int) -> tuple[float, float] | None:
    """Longest empty part of the gradation, if it is long or there are too few cells."""
    first, last = gradation.parameter[[0, -1]]
    stops = np.concatenate([[first], np.sort(parameter), [last]])
    widest = int(np.diff(stops).argmax())
    start, stop = float(stops[widest]), float(stops[widest + 1])
    few = len(parameter) <= neighbors
    return (start, stop) if few or stop - start > _LARGEST_GAP * (last - first) else None
