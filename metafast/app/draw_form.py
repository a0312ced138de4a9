"""Form of a drawn problem: sides that are held or pushed, and a curve drawn along the top."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource, PointDrawTool
from bokeh.plotting import figure

from metafast._base.typing import FloatArray
from metafast.app.drawing import HOLDS, LONGEST, Drawing, Side, curve_through

_MOST_POINTS = 60
_INK, _WANTED = "#20242b", "#d1495b"
_ARCH = np.array([[0.0, 0.0], [0.5, 0.15], [1.0, 0.0]])  # x in lengths of the body, u_y in cells
_HELP = (
    "Tap to add a point of the curve, drag to move one; tap one and press Backspace to delete it. "
    "The curve is where the top is wanted, its rise magnified as chosen; the picture below it has "
    "the true scale."
)
_WIDTH = 760  # of the plot in pixels
_HEIGHTS = 240, 520  # least and largest


class DrawForm:
    """Widgets of a drawn body, and a plot on which the target of its top is drawn.

    Parameters
    ----------
    changed : callable
        Called without arguments after every change.
    """

    def __init__(self, changed: Callable[[], Any]) -> None:
        self._changed = changed
        whole = {"start": 1, "end": LONGEST, "width": 80}
        self.rows = pn.widgets.IntInput(name="rows", value=4, **whole)
        self.cols = pn.widgets.IntInput(name="columns", value=16, **whole)
        length = {"start": 0.001, "width": 80}
        self.cell_size = pn.widgets.FloatInput(name="cell in mm", value=10.0, **length)
        self.thickness = pn.widgets.FloatInput(name="thick in mm", value=5.0, **length)
        starts = {"left": ("held", 0.0), "right": ("pushed", 0.3), "bottom": ("free", 0.0)}
        self.holds = {
            side: pn.widgets.Select(name=f"{side} side", options=list(HOLDS), value=hold, width=180)
            for side, (hold, _) in starts.items()
        }
        self.pushes = {
            side: pn.widgets.FloatInput(name="push in cells", value=push, step=0.05, width=100)
            for side, (_, push) in starts.items()
        }
        self.scale = pn.widgets.Select(
            name="drawn magnified", options={f"{k} x": k for k in (1, 2, 5, 10, 20)}, value=5,
            width=120,
        )  # fmt: skip
        self.way = pn.widgets.RadioButtonGroup(name="target", options=["points", "expression"])
        self.expression = pn.widgets.TextInput(
            name="u_y of the top, in cell widths", value="0.15*(1 - cos(2*pi*x/L))/2", width=320
        )
        self.source = ColumnDataSource({"x": [], "y": []})
        self._curve = ColumnDataSource({"x": [], "y": []})
        self._grid = ColumnDataSource({"xs": [], "ys": []})
        self.plot = self._figure()
        self._size: tuple[int, int] = (self.rows.value, self.cols.value)
        self._magnified = float(self.scale.value)
        self._place(_ARCH * (self.cols.value, 1.0))
        self.source.on_change("data", lambda attr, old, new: self._redrawn())
        for widget in (*self.holds.values(), *self.pushes.values(), self.cell_size, self.thickness):
            widget.param.watch(lambda _: self._changed(), "value")
        for widget in (self.way, self.expression):
            widget.param.watch(lambda _: self._redrawn(), "value")
        for widget in (self.rows, self.cols, self.scale):
            widget.param.watch(lambda _: self._resized(), "value")
        self.controls = pn.Column(
            pn.Row(self.rows, self.cols, self.cell_size, self.thickness),
            *(pn.Row(self.holds[side], self.pushes[side]) for side in starts),
            self.way,
            self.expression,
        )
        self.view = pn.Column(
            pn.pane.Bokeh(self.plot), pn.pane.HTML(_HELP, width=_WIDTH), self.scale
        )
        self._draw()

    @property
    def points(self) -> FloatArray:
        """Points (n, 2) of the curve: x and u_y in cell widths, without those half made."""
        pairs = zip(self.source.data["x"], self.source.data["y"], strict=True)
        kept = [(x, y) for x, y in pairs if isinstance(x, int | float) and y is not None]
        points = np.array(kept, dtype=float).reshape(-1, 2)
        rise = (points - (0.0, self._size[0])) / (1.0, self._magnified)
        return np.clip(rise, (0.0, -np.inf), (self._size[1], np.inf))

    def drawing(self) -> Drawing:
        """What is drawn.

        Raises
        ------
        ValueError
            If a field is empty or out of range, or there are too few points.
        """
        sides = {
            side: Side(hold.value, self.pushes[side].value) for side, hold in self.holds.items()
        }
        return Drawing(
            rows=self.rows.value,
            cols=self.cols.value,
            **sides,
            rise=self.points if self.way.value == "points" else self.expression.value,
            cell_size=self.cell_size.value,
            thickness=self.thickness.value,
        )

    def _figure(self) -> Any:
        plot = figure(
            width=_WIDTH, height=_HEIGHTS[0], x_range=(0.0, 1.0), y_range=(0.0, 1.0),
            tools="pan,wheel_zoom,reset", toolbar_location="above",
        )  # fmt: skip
        plot.grid.visible = False
        plot.xaxis.axis_label, plot.yaxis.axis_label = "x in cells", "y in cells"
        plot.multi_line("xs", "ys", source=self._grid, color="#c9ced6", line_width=1)
        plot.line("x", "y", source=self._curve, color=_WANTED, line_width=3)
        dots = plot.scatter(
            "x", "y", source=self.source, size=12, color=_WANTED, line_color=_INK,
            nonselection_alpha=1.0,
        )  # fmt: skip
        tool = PointDrawTool(renderers=[dots], num_objects=_MOST_POINTS, add=True)
        plot.add_tools(tool)
        plot.toolbar.active_tap = plot.toolbar.active_drag = tool
        return plot

    def _place(self, points: FloatArray) -> None:
        """Show points of x and u_y."""
        x, rise = points.T
        rows, cols = self._size
        top = rows + max(1.0, 0.08 * cols, 2.0 * self._magnified * abs(rise).max(initial=0.0))
        low, high = -0.4 - max(0.0, self._magnified * -rise.min(initial=0.0)), top
        margin = 0.04 * cols
        self.plot.x_range.update(start=-margin, end=cols + margin)
        self.plot.y_range.update(start=low, end=high)
        height = _WIDTH * (high - low) / (cols + 2 * margin)
        self.plot.height = int(np.clip(height, *_HEIGHTS))
        self.source.data = {"x": x.tolist(), "y": (rows + self._magnified * rise).tolist()}

    def _resized(self) -> None:
        """Keep the curve on a body of another size or scale: its shape and its rise."""
        if self.rows.value is None or self.cols.value is None:
            return
        points, before = self.points, self._size
        self._size = self.rows.value, self.cols.value
        self._magnified = float(self.scale.value)
        self._place(points * (self._size[1] / before[1], 1.0))

    def _redrawn(self) -> None:
        self._draw()
        self._changed()

    def _draw(self) -> None:
        """The body's cells, and the curve through the points or of the nodes."""
        rows, cols = self._size
        across = [[0, cols]] * (rows + 1) + [[c, c] for c in range(cols + 1)]
        upward = [[r, r] for r in range(rows + 1)] + [[0, rows]] * (cols + 1)
        self._grid.data = {"xs": across, "ys": upward}
        x = np.linspace(0.0, cols, 8 * cols + 1)
        try:
            rise = self._rise(x)
            shown = {"x": x.tolist(), "y": (rows + self._magnified * rise).tolist()}
        except ValueError:  # the form says why
            shown = {"x": [], "y": []}
        self._curve.data = shown

    def _rise(self, x: FloatArray) -> FloatArray:
        from metafast.problems.file.expressions import values_at

        if self.way.value == "points":
            return curve_through(self.points, x)
        rows, cols = map(float, self._size)
        names = {"x": x, "y": np.full_like(x, rows), "L": cols, "H": rows}
        return values_at(self.expression.value, names, len(x))
