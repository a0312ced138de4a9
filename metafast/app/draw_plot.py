"""Plot to draw on: cells of the body to take out, and points of the curve wanted of its top."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.events import Tap
from bokeh.models import ColumnDataSource, PointDrawTool
from bokeh.plotting import figure

from metafast._base.typing import FloatArray
from metafast.plotting.style import INK, TARGET

CURVE, CELLS = "curve", "cells"  # what a tap changes
_MOST_POINTS = 60
_CELL = "#eef1f5"
_WIDTH = 760  # of the plot in pixels
_HEIGHTS = 240, 520  # least and largest


class DrawPlot:
    """A body at true scale with a curve above it, whose rise is magnified.

    Parameters
    ----------
    changed : callable
        Called without arguments when points or cells have changed.

    Attributes
    ----------
    source : ColumnDataSource
        Points as they are drawn.
    absent : set of (row, column)
        Cells that were taken out, row 0 at the top.
    """

    def __init__(self, changed: Callable[[], Any]) -> None:
        self._changed = changed
        self.size, self.magnified = (1, 1), 1.0
        self.absent: set[tuple[int, int]] = set()
        self.source = ColumnDataSource({"x": [], "y": []})
        self._curve = ColumnDataSource({"x": [], "y": []})
        self._cells = ColumnDataSource({"x": [], "y": []})
        self.plot = self._figure()
        self.source.on_change("data", lambda attr, old, new: changed())

    @property
    def points(self) -> FloatArray:
        """Points (n, 2) of the curve: x and u_y in cell widths, without those half made."""
        pairs = zip(self.source.data["x"], self.source.data["y"], strict=True)
        kept = [(x, y) for x, y in pairs if isinstance(x, int | float) and y is not None]
        points = np.array(kept, dtype=float).reshape(-1, 2)
        rise = (points - (0.0, self.size[0])) / (1.0, self.magnified)
        return np.clip(rise, (0.0, -np.inf), (self.size[1], np.inf))

    def resize(self, rows: int, cols: int, magnified: float, points: FloatArray) -> None:
        """Show a body of `rows` x `cols` cells, and points (n, 2) of x and u_y."""
        self.size, self.magnified = (rows, cols), magnified
        self.absent = {(r, c) for r, c in self.absent if r < rows and c < cols}
        x, rise = points.T
        margin = 0.04 * cols
        high = rows + max(1.0, 0.08 * cols, 2.0 * magnified * rise.max(initial=0.0))
        low = -0.4 - max(0.0, -magnified * rise.min(initial=0.0))
        self.plot.x_range.update(start=-margin, end=cols + margin)
        self.plot.y_range.update(start=low, end=high)
        height = _WIDTH * (high - low) / (cols + 2 * margin)
        self.plot.height = int(np.clip(height, *_HEIGHTS))
        self._show_cells()
        self.source.data = {"x": x.tolist(), "y": (rows + magnified * rise).tolist()}

    def show_curve(self, x: FloatArray, rise: FloatArray) -> None:
        """Draw the curve itself."""
        self._curve.data = {"x": x.tolist(), "y": (self.size[0] + self.magnified * rise).tolist()}

    def use(self, tap: str, *, points: bool) -> None:
        """What a tap changes, and whether the curve is made of points."""
        self._dots.visible = points
        self._tool.add = self._tool.drag = points and tap == CURVE
        self._tap = tap

    def tapped(self, x: float, y: float) -> None:
        """Take out the cell at a point of the plot, or put it back."""
        rows, cols = self.size
        row, col = rows - 1 - int(np.floor(y)), int(np.floor(x))
        if self._tap == CELLS and 0 <= row < rows and 0 <= col < cols:
            self.absent ^= {(row, col)}
            self._show_cells()
            self._changed()

    def _show_cells(self) -> None:
        rows, cols = self.size
        cells = [(r, c) for r in range(rows) for c in range(cols) if (r, c) not in self.absent]
        self._cells.data = {
            "x": [c + 0.5 for _, c in cells],
            "y": [rows - r - 0.5 for r, _ in cells],
        }

    def _figure(self) -> Any:
        plot = figure(
            width=_WIDTH, height=_HEIGHTS[0], x_range=(0.0, 1.0), y_range=(0.0, 1.0),
            tools="pan,wheel_zoom,reset", toolbar_location="above",
        )  # fmt: skip
        plot.grid.visible = False
        plot.xaxis.axis_label, plot.yaxis.axis_label = "x in cells", "y in cells"
        plot.rect(
            "x", "y", width=1, height=1, source=self._cells, fill_color=_CELL,
            line_color="#c9ced6",
        )  # fmt: skip
        plot.line("x", "y", source=self._curve, color=TARGET, line_width=3)
        self._dots = plot.scatter(
            "x", "y", source=self.source, size=12, color=TARGET, line_color=INK,
            nonselection_alpha=1.0,
        )  # fmt: skip
        self._tool = PointDrawTool(renderers=[self._dots], num_objects=_MOST_POINTS)
        self._tap = CURVE
        plot.add_tools(self._tool)
        plot.toolbar.active_tap = plot.toolbar.active_drag = self._tool
        plot.on_event(Tap, lambda event: self.tapped(event.x, event.y))
        return plot
