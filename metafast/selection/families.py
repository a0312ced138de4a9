"""Families: cells that follow a gradation while their shape changes little (section 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from metafast._base.checks import require_count, require_number
from metafast._base.typing import FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.properties.gradation import Gradation
from metafast.selection.family import Family
from metafast.selection.shapes import checked_latents, is_encoder, latents_of

if TYPE_CHECKING:
    from metafast.generative import CellVAE

_BLOCK = 1024  # rows of distances, or edges that are decoded, at a time
_BROKEN = 0.5  # distance from the gradation, in units of E, that a cell in pieces counts as


def find_families(
    database: CellDatabase,
    latents: Any,
    gradation: Gradation,
    count: int = 5,
    neighbors: int = 5,
    terminals: int = 50,
    tolerance: float = 0.02,
    *,
    vae: CellVAE | None = None,
    power: float = 1.0,
) -> list[Family]:
    """Families of cells along a gradation, by shortest paths in latent space.

    Cells within `tolerance` of the curve are sorted along it. Each is joined to the `neighbors`
    most similar cells of higher rank, an edge as long as their latent distance; a family is the
    shortest path from one of the first `terminals` cells to one of the last. Its cells are then
    taken out, and the next family is searched. If that leaves no path, since cells taken out were
    neighbours of many, what is left is joined anew.

    With `vae`, three points between the ends of every edge are decoded and homogenized, and edges
    whose points stray from the curve become longer: the continuous family then keeps to it.

    Parameters
    ----------
    database : CellDatabase
    latents : (n, d) array or Encoder
        Coordinates in which near means similar in shape, or a model whose `encode` gives them;
        then only cells near the curve are encoded.
    gradation : Gradation
    count : int
        Families, without a cell in common.
    neighbors, terminals : int
        k and N of the paper.
    tolerance : float
        Distance of (C11, C12, C22, C33) from the curve, in units of E.
    vae : CellVAE, optional
        The one that gave the latents.
    power : float
        Edges weigh their length to this power. 1 is the paper's; 2 prefers many small steps.

    Returns
    -------
    list of Family
        From the shortest path on.

    Raises
    ------
    ValueError
        If too few cells are near the curve, part of it is empty, or no path is left.
    """
    if not is_encoder(latents):
        checked_latents(latents, len(database))
    for name, value in (("count", count), ("neighbors", neighbors), ("terminals", terminals)):
        require_count(name, value)
    require_number("power", power, above=0.0)
    reach = require_number("tolerance", tolerance, above=0.0) * database.phases.solid.young
    along, distance = gradation.nearest(database.properties)
    rows = np.flatnonzero(distance <= reach)
    _refuse_gaps(gradation, along[rows], neighbors, tolerance)
    rows = rows[np.argsort(along[rows], kind="stable")]
    points = latents_of(latents, database, rows)

    def joined(points: FloatArray) -> csr_array:
        graph = _forward_graph(points, neighbors)
        graph.data **= power
        if vae is not None:
            graph.data *= 1.0 + (_strays(vae, gradation, points, graph) / reach) ** 4
        return graph

    graph = joined(points)
    families: list[Family] = []
    for k in range(count):
        path = _shortest_path(graph, terminals)
        if path is None and k and _gap(gradation, along[rows], neighbors) is None:
            graph = joined(points)
            path = _shortest_path(graph, terminals)
        if path is None:
            raise ValueError(
                f"no path from the first to the last {terminals} cells is left for family {k + 1} "
                f"of {count}; lower count, or raise tolerance ({tolerance:g}), neighbors "
                f"({neighbors}) or terminals ({terminals})"
            )
        found = rows[path]
        families.append(
            Family(
                gradation,
                along[found],
                points[path],
                database.take(found),
                database.properties[found],
                found,
                database.phases,
            )
        )
        left = np.delete(np.arange(len(rows)), path)
        rows, points, graph = rows[left], points[left], graph[left][:, left]
    return families


def _refuse_gaps(gradation: Gradation, along: FloatArray, neighbors: int, tolerance: float) -> None:
    """Name the part of the curve where no path can pass."""
    gap = _gap(gradation, along, neighbors)
    if gap is None:
        return
    if len(along) <= neighbors:
        raise ValueError(
            f"{len(along)} cells lie within {tolerance:g} of the gradation {gradation.name!r}; "
            f"more than {neighbors} are needed. Raise tolerance, use a larger database, or keep "
            "the gradation inside the property space"
        )
    raise ValueError(
        f"no cell lies within {tolerance:g} of the gradation {gradation.name!r} between "
        f"{gap[0]:.3g} and {gap[1]:.3g}; raise tolerance, or leave that part out"
    )


def _gap(gradation: Gradation, along: FloatArray, neighbors: int) -> tuple[float, float] | None:
    """Part of the curve that is empty, if it is long or there are too few cells at all."""
    first, last = gradation.parameter[[0, -1]]
    stops = np.concatenate([[first], np.sort(along), [last]])
    widest = int(np.diff(stops).argmax())
    start, stop = float(stops[widest]), float(stops[widest + 1])
    few = len(along) <= neighbors
    return (start, stop) if few or stop - start > 0.25 * (last - first) else None


def _shortest_path(graph: csr_array, terminals: int) -> IntArray | None:
    """Nodes of the shortest path from the first to the last `terminals` nodes."""
    n = graph.shape[0]
    if n < 2:
        return None
    ends = min(terminals, n // 2)
    length, before, _ = dijkstra(
        graph, indices=np.arange(ends), min_only=True, return_predecessors=True
    )
    last = n - ends + int(length[n - ends :].argmin())
    if not np.isfinite(length[last]):
        return None
    path = [last]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])


def _strays(vae: CellVAE, gradation: Gradation, points: FloatArray, graph: csr_array) -> FloatArray:
    """How far cells between the ends of each edge are from the gradation, at the worst of three."""
    from metafast.generative.decoding import decode_cells

    edges = graph.tocoo()
    worst = np.zeros(edges.nnz)
    for start in range(0, edges.nnz, _BLOCK):
        part = slice(start, start + _BLOCK)
        first, last = points[edges.row[part]], points[edges.col[part]]
        for share in (0.25, 0.5, 0.75):
            made = decode_cells(vae, (1.0 - share) * first + share * last)
            _, distance = gradation.nearest(made.properties)
            distance[~made.connected] = _BROKEN * vae.phases.solid.young
            worst[part] = np.maximum(worst[part], distance)
    return worst


def _forward_graph(points: FloatArray, neighbors: int) -> csr_array:
    """Edges from each point to its nearest ones of higher rank, as long as their distance."""
    n = len(points)
    squares = (points**2).sum(axis=1)
    start, end, weight = [], [], []
    for first in range(0, n - 1, _BLOCK):
        rows = np.arange(first, min(first + _BLOCK, n - 1))
        gap = squares[rows, None] + squares - 2.0 * points[rows] @ points.T
        gap[np.arange(n) <= rows[:, None]] = np.inf
        k = min(neighbors, n - 1)
        near = np.argpartition(gap, k - 1, axis=1)[:, :k]
        size = np.take_along_axis(gap, near, axis=1)
        real = np.isfinite(size)
        start.append(np.repeat(rows, real.sum(axis=1)))
        end.append(near[real])
        # cells of one shape are no edge for a sparse graph if their distance is zero
        weight.append(np.sqrt(np.maximum(size[real], 1e-24)))
    values = np.concatenate(weight), (np.concatenate(start), np.concatenate(end))
    return csr_array(values, shape=(n, n))
