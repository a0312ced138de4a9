"""The page of the latent space: a slider from cell to cell or along an arrow, each homogenized."""

from __future__ import annotations

import time
from typing import Any

import numba
import numpy as np
import panel as pn
from bokeh.events import Tap
from bokeh.models import ColumnDataSource
from bokeh.plotting import figure

from metafast._base.html import cell_table, titled
from metafast._base.typing import FloatArray
from metafast.app.cells import LatentMap, cell_html, shared_database, shared_map
from metafast.app.html import fault, pane
from metafast.app.run import is_designing
from metafast.generative import latent
from metafast.plotting.style import ACHIEVED, TARGET
from metafast.properties.names import NAMES, by_name

BETWEEN, ARROW = "between two cells", "along an arrow"
_STRIP = 7  # cells of the way, below each other


class LatentPage:
    """A way through the latent space, and the cell at one place of it.

    Attributes
    ----------
    milliseconds : float
        What the latest cell took: decoding, repair, homogenization.
    """

    def __init__(self) -> None:
        self.milliseconds = 0.0
        self._map: LatentMap | None = None
        self._start = self._end = np.zeros(0)
        self.way = pn.widgets.RadioButtonGroup(label="way", options=[BETWEEN, ARROW])
        self.first = pn.widgets.IntInput(label="from row", value=500, start=0, width=110)
        self.last = pn.widgets.IntInput(label="to row", value=60_000, start=0, width=110)
        self.property = pn.widgets.Select(label="property", options=list(NAMES), width=120)
        self.method = pn.widgets.Select(label="arrow", options=["means", "slope"], width=100)
        self.length = pn.widgets.FloatInput(label="length", value=3.0, step=0.5, width=90)
        self.join = pn.widgets.Checkbox(label="join cells in pieces", value=False)
        self.slider = pn.widgets.FloatSlider(
            label="place on the way", start=0.0, end=1.0, step=0.01, value=0.0, width=420
        )
        self.click = pn.widgets.RadioButtonGroup(
            label="click", options={"a click sets the start": "first", "the end": "last"}
        )
        self.cell = pane()
        self.strip, self.message = pane(), pane("loading the model")
        self._cloud = ColumnDataSource({"x": [], "y": []})
        self._line = ColumnDataSource({"x": [], "y": []})
        self._mark = ColumnDataSource({"x": [], "y": []})
        self.plot = self._figure()
        for widget in (self.way, self.first, self.last, self.property, self.method, self.length):
            widget.param.watch(lambda _: self.lay(), "value")
        self.join.param.watch(lambda _: self.lay(), "value")
        self.slider.param.watch(lambda _: self.show(), "value")
        self.arrow_fields = pn.Row(self.property, self.method, self.length, visible=False)
        self.view = pn.Column(
            self.message,
            pn.Row(
                pn.Column(
                    self.way,
                    pn.Row(self.first, self.last),
                    self.arrow_fields,
                    self.join, self.slider, self.cell,
                ),
                pn.Column(self.click, pn.pane.Bokeh(self.plot)),
            ),
            self.strip,
        )  # fmt: skip

    def load(self) -> None:
        """Open the model and lay the first way; says so where torch is missing."""
        try:
            self._map = shared_map()
        except ImportError as missing:
            self.message.object = fault(str(missing))
            return
        self.message.object = ""
        self._cloud.data = dict(zip(("x", "y"), self._map.plane.T, strict=True))
        self.first.end = self.last.end = len(shared_database()) - 1
        self.lay()

    def choose(self, end: str, row: int) -> None:
        """Take a row of the database as the first or the last cell of the way."""
        (self.first if end == "first" else self.last).value = row

    def tap(self, x: float, y: float) -> None:
        """Take the nearest cell of the map as the start or the end."""
        if self._map is not None:
            nearest = np.argmin(((self._map.plane - (x, y)) ** 2).sum(axis=1))
            end = "first" if self.way.value == ARROW else self.click.value
            self.choose(end, int(self._map.rows[nearest]))

    def lay(self) -> None:
        """Lay the way anew, and show the cells along it."""
        arrow_way = self.way.value == ARROW
        self.last.visible = self.click.visible = not arrow_way
        self.arrow_fields.visible = arrow_way
        ends = self.first.value, self.last.value
        if self._map is None or None in (*ends, self.length.value):
            return
        found = self._map
        database = shared_database()
        points = found.vae.encode(database.take(np.clip(ends, 0, len(database) - 1)))
        self._start, self._end = points
        if arrow_way:
            arrow = latent.property_arrow(
                found.z, found.properties, self.property.value, method=self.method.value
            )
            self._end = self._start + self.length.value * arrow
        line = self._on_map(np.stack([self._start, self._end]))
        self._line.data = dict(zip(("x", "y"), line.T, strict=True))
        shown = np.vstack([found.plane, line])
        for axis, values in zip((self.plot.x_range, self.plot.y_range), shown.T, strict=True):
            low, high = float(values.min()) - 0.2, float(values.max()) + 0.2
            axis.update(start=low, end=high, reset_start=low, reset_end=high)
        if self._is_free():
            along = np.linspace(0.0, 1.0, _STRIP)[:, None]
            z = self._start + along * (self._end - self._start)
            walk = latent.decode_cells(found.vae, z, join=self.join.value)
            self.strip.object = titled("The way", cell_table(walk.cells, by_name(walk.properties)))
        self.show()

    def show(self) -> None:
        """Decode, repair and homogenize the cell at the slider."""
        if self._map is None or not self._is_free():
            return
        z = self._start + self.slider.value * (self._end - self._start)
        begun = time.perf_counter()
        made = latent.decode_cells(self._map.vae, z[None], join=self.join.value)
        self.milliseconds = 1000 * (time.perf_counter() - begun)
        pieces = "joined from pieces" if made.joined[0] else "in one piece"
        note = pieces if made.connected[0] else "in pieces: it carries next to nothing"
        title = f"Decoded cell at {self.slider.value:.2f} of the way"
        took = f"{note}; decoded and homogenized in {self.milliseconds:.1f} ms"
        self.cell.object = cell_html(title, made.cells[0], made.properties[0], took)
        self._mark.data = dict(zip(("x", "y"), self._on_map(z[None]).T, strict=True))

    def _is_free(self) -> bool:
        """Whether kernels may run: with some of numba's layers only one thread at a time may."""
        if is_designing() and _kernels_exclude_each_other():
            self.message.object = fault("a design is at work; cells are decoded after it")
            return False
        self.message.object = ""
        return True

    def _on_map(self, z: FloatArray) -> FloatArray:
        """Places (n, 2) of latent points on the map, whose axes are linear in them."""
        assert self._map is not None
        return np.asarray(self._map.project(z))

    def _figure(self) -> Any:
        plot = figure(
            width=520, height=460, tools="pan,wheel_zoom,reset",
            x_range=(-4.0, 4.0), y_range=(-3.5, 3.5),
        )  # fmt: skip
        plot.xaxis.axis_label, plot.yaxis.axis_label = "first principal component", "second"
        plot.scatter("x", "y", source=self._cloud, size=2, color="#9aa3af")
        plot.line("x", "y", source=self._line, color=ACHIEVED, line_width=3)
        plot.scatter("x", "y", source=self._mark, size=12, color=TARGET)
        plot.on_event(Tap, lambda event: self.tap(event.x, event.y))
        return plot


def _kernels_exclude_each_other() -> bool:
    """Whether numba's threads end the process when two threads start kernels at once."""
    try:
        return bool(numba.threading_layer() == "workqueue")  # type: ignore[attr-defined]
    except ValueError:  # no kernel has run yet
        return False
