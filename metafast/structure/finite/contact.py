"""Self-contact: boundary nodes that a deformed body has pushed onto or into its own solid.

Contact forces are not modelled: pixels that would touch pass through each other. Their number says
whether that matters.

Legend
------
place   (ny+1, nx+1, 2)     deformed place (x, y) of the nodes, in elements; NaN in void
first   (bins + 1,)         elements with their centre in bin b are sorted[first[b]:first[b + 1]]
reach                       width of a bin: no element reaches farther from its centre
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from metafast._base.jit import jit
from metafast._base.typing import AnyArray, FloatArray, IntArray


def overlapping_nodes(pixels: IntArray, code: AnyArray, field: FloatArray, side: int) -> int:
    """Number of boundary nodes in or on another pixel of the deformed body.

    Parameters
    ----------
    pixels : (e, 2) int array
        Row and column of the solid pixels.
    code : (ny+1, nx+1) uint8 array
        Codes of the nodes.
    field : (ny+1, nx+1, 2) array
        Displacement of the nodes in cell widths; NaN in void.
    side : int
        Elements per cell side.
    """
    i, j = np.indices(code.shape)
    place = np.stack([j + side * field[..., 0], -i + side * field[..., 1]], axis=-1)
    r, c = pixels.T
    corners = [place[r + 1, c], place[r + 1, c + 1], place[r, c + 1], place[r, c]]
    centre = np.mean(corners, axis=0)
    reach = float(np.linalg.norm(corners - centre, axis=2).max())
    low = centre.min(axis=0)
    bins = np.floor((centre - low) / reach).astype(np.int64)
    width, height = bins.max(axis=0) + 1
    number = bins[:, 1] * width + bins[:, 0]
    order = np.argsort(number, kind="stable")
    first = np.searchsorted(number[order], np.arange(width * height + 1))
    nodes = np.argwhere((code != 0) & (code != 15))
    inside = np.zeros(len(nodes), np.bool_)
    size = (int(width), int(height))
    _overlaps(nodes, pixels[order], place, first, low, reach, size, inside)
    return int(np.count_nonzero(inside))


@jit(parallel=True)
def _overlaps(
    nodes: Any,
    pixels: Any,
    place: Any,
    first: Any,
    low: Any,
    reach: float,
    size: Any,
    inside: Any,
) -> None:
    """Mark the nodes that lie in or on a pixel of which they are no corner."""
    width, height = size
    for n in numba.prange(len(nodes)):
        i, j = nodes[n, 0], nodes[n, 1]
        x, y = place[i, j, 0], place[i, j, 1]
        bx, by = int(np.floor((x - low[0]) / reach)), int(np.floor((y - low[1]) / reach))
        for p in range(max(bx - 1, 0), min(bx + 2, width)):
            for q in range(max(by - 1, 0), min(by + 2, height)):
                b = q * width + p
                for e in range(first[b], first[b + 1]):
                    r, c = pixels[e, 0], pixels[e, 1]
                    if not (r <= i <= r + 1 and c <= j <= c + 1) and _contains(place, r, c, x, y):
                        inside[n] = True


@jit()
def _contains(place: Any, r: int, c: int, x: float, y: float) -> bool:
    """Whether a point is in the deformed pixel (r, c) or on it: not to the right of a side."""
    for side in range(4):
        if side == 0:
            a, b = place[r + 1, c], place[r + 1, c + 1]
        elif side == 1:
            a, b = place[r + 1, c + 1], place[r, c + 1]
        elif side == 2:
            a, b = place[r, c + 1], place[r, c]
        else:
            a, b = place[r, c], place[r + 1, c]
        if (b[0] - a[0]) * (y - a[1]) - (b[1] - a[1]) * (x - a[0]) < -1e-9:
            return False
    return True
