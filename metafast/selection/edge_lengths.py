"""Edges of a family graph: similar cells of higher rank, and lengths that keep to a gradation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array

from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.properties.gradation import Gradation
from metafast.selection.family_options import FamilyOptions

if TYPE_CHECKING:
    from metafast.generative import CellVAE

_BLOCK = 1024  # rows of distances, or edges that are decoded, at a time
_BROKEN = 0.5  # distance from the gradation that counts for a cell in pieces, in units of E
_SHARES = (0.25, 0.5, 0.75)  # decoded points on an edge, as fractions of the way


def edge_lengths(
    latents: FloatArray,
    gradation: Gradation,
    options: FamilyOptions,
    young: float,
    decoder: CellVAE | None = None,
    progress: Progress = silent,
) -> csr_array:
    """Lengths (n, n) of the edges between cells that are sorted along a gradation.

    An edge is as long as the latent distance to the power of `options.power`. With a decoder, an
    edge gets longer by the factor ``1 + (d / tolerance)^4``, where d is the largest distance from
    the gradation among three points decoded on the edge.

    Parameters
    ----------
    latents : (n, d) array
        Latents of the cells by rank.
    gradation : Gradation
    options : FamilyOptions
    young : float
        Young's modulus of the solid, the unit of the tolerance.
    decoder : CellVAE, optional
        Model that the latents come from.
    progress : callable, optional
        Called as ``progress("joining cells", cells done, n)`` and, with a decoder,
        ``progress("decoding edges", edges done, edges in all)``.
    """
    lengths = forward_edges(latents, options.neighbors, progress)
    lengths.data **= options.power
    if decoder is not None:
        deviation = _deviation_on_edges(decoder, gradation, latents, lengths, progress)
        lengths.data *= 1.0 + (deviation / (options.tolerance * young)) ** 4
    return lengths


def forward_edges(points: FloatArray, neighbors: int, progress: Progress = silent) -> csr_array:
    """Distances (n, n) from each point to its nearest ones of higher rank."""
    n = len(points)
    squares = (points**2).sum(axis=1)
    start, end, distance = [], [], []
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
        # a sparse graph takes an edge of length zero for no edge
        distance.append(np.sqrt(np.maximum(size[real], 1e-24)))
        progress("joining cells", int(rows[-1]) + 1, n)
    values = np.concatenate(distance), (np.concatenate(start), np.concatenate(end))
    progress("joining cells", n, n)
    return csr_array(values, shape=(n, n))


def _deviation_on_edges(
    decoder: CellVAE,
    gradation: Gradation,
    latents: FloatArray,
    lengths: csr_array,
    progress: Progress,
) -> FloatArray:
    """Largest distance from the gradation among cells decoded on each edge."""
    from metafast.generative.decoding import decode_cells

    edges = lengths.tocoo()
    largest = np.zeros(edges.nnz)
    for start in range(0, edges.nnz, _BLOCK):
        part = slice(start, start + _BLOCK)
        first, last = latents[edges.row[part]], latents[edges.col[part]]
        for share in _SHARES:
            decoded = decode_cells(decoder, (1.0 - share) * first + share * last)
            distance = gradation.nearest(decoded.properties).distance
            distance[~decoded.connected] = _BROKEN * decoder.phases.solid.young
            largest[part] = np.maximum(largest[part], distance)
        progress("decoding edges", min(start + _BLOCK, edges.nnz), edges.nnz)
    return largest
