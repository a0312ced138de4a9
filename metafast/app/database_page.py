"""The page that shows the database: a click in the property cloud shows the cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import panel as pn
from bokeh.events import Tap
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from metafast.app.cells import cell_html, shared_database
from metafast.app.html import pane
from metafast.plotting.style import ACHIEVED, TARGET
from metafast.properties.names import NAMES, value_of

_SHOWN = 20_000  # cells in the cloud
_UNITS = {"poisson": "C12/C22", "anisotropy": "log(C22/C11)"}


class DatabasePage:
    """Property cloud of the embedded database, and one of its cells.

    Parameters
    ----------
    choose : callable
        Called with "first" or "last" and a row, to take the cell to the latent page.
    """

    def __init__(self, choose: Callable[[str, int], Any]) -> None:
        self.across = pn.widgets.Select(label="across", options=list(NAMES), value="C11", width=130)
        self.upward = pn.widgets.Select(label="upward", options=list(NAMES), value="C22", width=130)
        self.row = pn.widgets.IntInput(label="row", value=0, start=0, width=110)
        self.cell = pane()
        self.first = pn.widgets.Button(label="Walk from here", width=130)
        self.last = pn.widgets.Button(label="Walk to here", width=130)
        self._cloud = ColumnDataSource({"x": [], "y": []})
        self._mark = ColumnDataSource({"x": [], "y": []})
        self.plot = self._figure()
        self._rows = np.zeros(0, dtype=np.int64)
        for widget in (self.across, self.upward):
            widget.param.watch(lambda _: self._draw(), "value")
        self.row.param.watch(lambda _: self._show(), "value")
        self.first.on_click(lambda _: choose("first", self.row.value))
        self.last.on_click(lambda _: choose("last", self.row.value))
        self.view = pn.Row(
            pn.Column(
                pn.Row(self.across, self.upward, self.row),
                pn.pane.Bokeh(self.plot),
                pane("Click in the cloud: the nearest cell is shown. Stiffnesses over E."),
            ),
            pn.Column(self.cell, pn.Row(self.first, self.last)),
        )

    def load(self) -> None:
        """Open the database and draw its cloud."""
        database = shared_database()
        shown = min(_SHOWN, len(database))
        self._rows = np.linspace(0, len(database) - 1, shown).astype(np.int64)
        self.row.end = len(database) - 1
        self._draw()

    def tap(self, x: float, y: float) -> None:
        """Show the cell of the cloud that is nearest to a point, as the eye sees it."""
        spans = [axis.end - axis.start for axis in (self.plot.x_range, self.plot.y_range)]
        points = np.stack([self._cloud.data["x"], self._cloud.data["y"]], 1)
        apart = (points - (x, y)) * (self.plot.width, self.plot.height) / spans
        self.row.value = int(self._rows[np.argmin((apart**2).sum(axis=1))])
        self._show()

    def _figure(self) -> Any:
        plot = figure(
            width=640, height=520, tools="pan,wheel_zoom,box_zoom,reset",
            x_range=(0.0, 1.0), y_range=(0.0, 1.0),
        )  # fmt: skip
        plot.scatter("x", "y", source=self._cloud, size=2, color=ACHIEVED, alpha=0.5)
        plot.scatter(
            "x", "y", source=self._mark, size=14, fill_alpha=0, line_color=TARGET, line_width=3
        )
        plot.on_event(Tap, lambda event: self.tap(event.x, event.y))
        return plot

    def _draw(self) -> None:
        """The cloud in the chosen plane, its ranges fitted to it."""
        if not len(self._rows):
            return
        names, properties = (self.across.value, self.upward.value), shared_database().properties
        values = [value_of(properties[self._rows], name) for name in names]
        self._cloud.data = dict(zip(("x", "y"), values, strict=True))
        ranges, axes = (self.plot.x_range, self.plot.y_range), (self.plot.xaxis, self.plot.yaxis)
        for each, axis, name, found in zip(ranges, axes, names, values, strict=True):
            margin = 0.03 * (found.max() - found.min())
            each.update(start=float(found.min() - margin), end=float(found.max() + margin))
            each.update(reset_start=each.start, reset_end=each.end)
            axis.axis_label = _UNITS.get(name, f"{name} / E")
        self._show()

    def _show(self) -> None:
        """The cell of the row."""
        database, row = shared_database(), self.row.value
        if row is None or not 0 <= row < len(database):
            return
        properties = database.properties[row]
        (x,), (y,) = (value_of(properties[None], each.value) for each in (self.across, self.upward))
        self._mark.data = {"x": [float(x)], "y": [float(y)]}
        share = f"{database.take([row]).mean():.0%} solid"
        self.cell.object = cell_html(f"Cell {row}", database.take([row])[0], properties, share)
