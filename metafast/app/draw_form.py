"""Form of a drawn problem: sides that are held or pushed, and a curve drawn along the top."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn

from metafast._base.typing import FloatArray
from metafast.app.draw_plot import CELLS, CURVE, DrawPlot
from metafast.app.drawing import HOLDS, LONGEST, Drawing, Side, curve_through

POINTS, EXPRESSION = "points", "expression"
_ARCH = np.array([[0.0, 0.0], [0.5, 0.15], [1.0, 0.0]])  # x in lengths of the body, u_y in cells
_HELP = (
    "Tap to add a point of the curve, drag to move one; tap one and press Backspace to delete it. "
    "The curve is where the top is wanted, its rise magnified as chosen; the picture below has the "
    "true scale, and the supports."
)


class DrawForm:
    """Widgets of a drawn body, and a plot on which the target of its top is drawn.

    Parameters
    ----------
    changed : callable
        Called without arguments after every change.
    """

    def __init__(self, changed: Callable[[], Any]) -> None:
        self._changed: Callable[[], Any] = lambda: None  # until all widgets are there
        whole = {"start": 1, "end": LONGEST, "width": 80}
        self.rows = pn.widgets.IntInput(label="rows", value=4, **whole)
        self.cols = pn.widgets.IntInput(label="columns", value=16, **whole)
        length = {"start": 0.001, "width": 80}
        self.cell_size = pn.widgets.FloatInput(label="cell in mm", value=10.0, **length)
        self.thickness = pn.widgets.FloatInput(label="thick in mm", value=5.0, **length)
        starts = {"left": ("held", 0.0), "right": ("pushed", 0.3), "bottom": ("free", 0.0)}
        self.holds = {
            side: pn.widgets.Select(
                label=f"{side} side", options=list(HOLDS), value=hold, width=180
            )
            for side, (hold, _) in starts.items()
        }
        self.pushes = {
            side: pn.widgets.FloatInput(label="push in cells", value=push, step=0.05, width=100)
            for side, (_, push) in starts.items()
        }
        self.way = pn.widgets.RadioButtonGroup(label="target", options=[POINTS, EXPRESSION])
        self.expression = pn.widgets.TextInput(
            label="u_y of the top, in cell widths", value="0.15*(1 - cos(2*pi*x/L))/2", width=320,
            visible=False,
        )  # fmt: skip
        self.scale = pn.widgets.Select(
            label="drawn magnified", options={f"{k} x": k for k in (1, 2, 5, 10, 20)}, value=5,
            width=120,
        )  # fmt: skip
        self.tap = pn.widgets.RadioButtonGroup(
            label="tap", options={"a tap draws the curve": CURVE, "a tap takes a cell out": CELLS}
        )
        self.plot = DrawPlot(self._redrawn)
        self.plot.resize(self.rows.value, self.cols.value, self.scale.value, self._arch())
        for widget in (*self.holds.values(), *self.pushes.values(), self.cell_size, self.thickness):
            widget.param.watch(lambda _: self._changed(), "value")
        for widget in (self.way, self.tap):
            widget.param.watch(lambda _: self._turn(), "value")
        for widget in (self.rows, self.cols, self.scale):
            widget.param.watch(lambda _: self._resized(), "value")
        self.expression.param.watch(lambda _: self._redrawn(), "value")
        self.controls = pn.Column(
            pn.Row(self.rows, self.cols, self.cell_size, self.thickness),
            *(pn.Row(self.holds[side], self.pushes[side]) for side in starts),
            pn.pane.HTML("target of the top, as", margin=(6, 10, 0, 10)),
            self.way,
            self.expression,
        )
        self.view = pn.Column(
            pn.Row(self.tap, self.scale),
            pn.pane.Bokeh(self.plot.plot),
            pn.pane.HTML(_HELP, width=self.plot.plot.width),
        )
        self._changed = changed

    def drawing(self) -> Drawing:
        """What is drawn.

        Raises
        ------
        ValueError
            If a field is empty or out of range, or there are too few points.
        """
        return Drawing(
            rows=self.rows.value,
            cols=self.cols.value,
            left=self._side("left"),
            right=self._side("right"),
            bottom=self._side("bottom"),
            rise=self.plot.points if self.way.value == POINTS else self.expression.value,
            absent=frozenset(self.plot.absent),
            cell_size=self.cell_size.value,
            thickness=self.thickness.value,
        )

    def _side(self, name: str) -> Side:
        return Side(self.holds[name].value, self.pushes[name].value)

    def _arch(self) -> FloatArray:
        return np.asarray(_ARCH * (self.cols.value, 1.0))

    def _resized(self) -> None:
        """Keep the curve on a body of another size or scale: its shape and its rise."""
        sizes = self.rows.value, self.cols.value
        if None in sizes:  # an empty field, which the form tells
            self._changed()
            return
        points = self.plot.points * (sizes[1] / self.plot.size[1], 1.0)
        self.plot.resize(*sizes, self.scale.value, points)

    def _turn(self) -> None:
        """Points or an expression; a tap for the curve or for cells."""
        points = self.way.value == POINTS
        self.expression.visible = not points
        self.plot.use(self.tap.value, points=points)
        self._redrawn()

    def _redrawn(self) -> None:
        rows, cols = map(float, self.plot.size)
        x = np.linspace(0.0, cols, 8 * self.plot.size[1] + 1)
        try:
            self.plot.show_curve(x, self._rise(x, rows, cols))
        except ValueError:  # the form says why
            self.plot.show_curve(x[:0], x[:0])
        self._changed()

    def _rise(self, x: FloatArray, rows: float, cols: float) -> FloatArray:
        """Displacement u_y of the top at x."""
        from metafast.problems.file.expressions import values_at

        if self.way.value == POINTS:
            return curve_through(self.plot.points, x)
        names = {"x": x, "y": np.full_like(x, rows), "L": cols, "H": rows}
        return values_at(self.expression.value, names, len(x))
