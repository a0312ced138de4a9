"""Macro mesh of a body on the way to its full load, as lines and points to draw.

A response keeps the displacement at the full load, u, and that of linear elasticity, v, which is
the rate at which the body starts to move. Between rest and the full load the report draws

    u(s) = s v + s^2 (u - v),     s = share of the load,

the quadratic curve with the right start, the right rate there and the right end. It is exact for
linear elasticity, where u = v.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.problems.body import edges_of, nodes_of

_MOST_NODES = 1500  # of the mesh inside the body; larger bodies are drawn with fewer lines


def on_the_way(linear: FloatArray, full: FloatArray, share: float) -> FloatArray:
    """Displacement at a share of the load, from the rate at rest and that at the full load."""
    return np.asarray(share * linear + share**2 * (full - linear))


class MeshLines(NamedTuple):
    """Nodes along the lines of a mesh, to be joined by strokes.

    Attributes
    ----------
    inside, outline : (n,) int arrays
        Numbers of macro nodes in the order of drawing, -1 where the pen is lifted.
    nodes : (m,) int array
        Numbers of the nodes to mark.
    columns : int
        Macro nodes in a row: node (r, c) has the number ``r * columns + c``.
    """

    inside: IntArray
    outline: IntArray
    nodes: IntArray
    columns: int

    @staticmethod
    def of(present: BoolArray) -> MeshLines:
        """Lines of a body with the given cells (rows, cols)."""
        right, down = edges_of(present)
        rows, columns = right.shape[0], down.shape[1]
        stride = max(1, int(np.ceil(np.sqrt(rows * columns / _MOST_NODES))))
        number = np.arange(rows * columns).reshape(rows, columns)
        coarse_right, coarse_down = np.zeros_like(right), np.zeros_like(down)
        coarse_right[::stride], coarse_down[:, ::stride] = right[::stride], down[:, ::stride]
        inside = [*_strokes(number, coarse_right == 2), *_strokes(number.T, coarse_down.T == 2)]
        outline = [*_strokes(number, right == 1), *_strokes(number.T, down.T == 1)]
        marked = nodes_of(present)[::stride, ::stride]
        return MeshLines(
            _joined(inside), _joined(outline), number[::stride, ::stride][marked], columns
        )

    def drawn(self, which: IntArray, displacement: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Positions x and y, from the bottom left, of displaced nodes; NaN where the pen is lifted.

        Parameters
        ----------
        which : (n,) int array
            `inside`, `outline` or `nodes`.
        displacement : (rows+1, cols+1, 2) array
        """
        r, c = np.divmod(np.maximum(which, 0), self.columns)
        bottom = len(displacement) - 1
        x, y = c + displacement[r, c, 0], bottom - r + displacement[r, c, 1]
        lifted = which < 0
        x[lifted], y[lifted] = np.nan, np.nan
        return x.astype(np.float32), y.astype(np.float32)


def _strokes(number: IntArray, drawn: BoolArray) -> list[IntArray]:
    """Nodes of each run of edges along the rows of a grid; edges (n, m-1) between nodes (n, m)."""
    strokes = []
    for row, edges in zip(number, drawn, strict=True):
        ends = np.flatnonzero(np.diff(np.pad(edges.astype(np.int8), 1)))
        strokes += [row[a : b + 1] for a, b in zip(ends[::2], ends[1::2], strict=True)]
    return strokes


def _joined(strokes: list[IntArray]) -> IntArray:
    """Strokes one after the other, each followed by -1."""
    return np.concatenate([np.append(stroke, -1) for stroke in strokes] or [np.empty(0, np.int64)])
