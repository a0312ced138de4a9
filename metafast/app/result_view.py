"""A finished design on the page: pictures, tables, downloads."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any

import panel as pn

from metafast._base.html import table, titled
from metafast.app.downloads import archived, exported
from metafast.app.html import fault, pane
from metafast.app.run import DesignRun
from metafast.export.options import FORMATS
from metafast.pipeline.presentation import tables_of
from metafast.report import summary_lines

EVERYTHING = "everything"
_LABELS = {
    "vtu": "VTU for ParaView",
    "inp": "INP for CalculiX and Abaqus",
    "csv": "CSV of the cells",
    EVERYTHING: "design.h5 and report.html",
}
_LENGTHS = {"cell_size": "cell in mm", "thickness": "thick in mm", "young": "E in MPa"}


class ResultView:
    """Pictures of both loops side by side, the errors, and a button for every export.

    Parameters
    ----------
    run : DesignRun
        One that has made a design.
    """

    def __init__(self, run: DesignRun) -> None:
        assert run.made is not None
        self.made = made = run.made
        known = made.units
        values = {"cell_size": known.cell_size or 10.0, "thickness": known.thickness or 5.0}
        self.lengths = {
            name: pn.widgets.FloatInput(
                label=label, value=values.get(name, known.young), start=0.001, width=100,
                placeholder="for inp",
            )
            for name, label in _LENGTHS.items()
        }  # fmt: skip
        zero = {"value": 0.0, "start": 0.0, "width": 100}
        self.frame = pn.widgets.FloatInput(label="frame in mm", **zero)
        self.base = pn.widgets.FloatInput(label="base in mm", **zero)
        self.parts = pn.widgets.Select(label="parts", options=["one", "largest", "all"], width=100)
        self.deformed = pn.widgets.Checkbox(label="deformed shape too")
        self.message = pane()
        self.buttons: dict[str, Any] = {kind: self._button(kind) for kind in (*FORMATS, EVERYTHING)}
        self.view = pn.Column(
            pane(self._heading()),
            fault_pane(run.warnings),
            self._pictures(run),
            pane("<b>Download</b>"),
            pn.Row(*self.lengths.values(), self.frame, self.base, self.parts, self.deformed),
            pn.FlexBox(*self.buttons.values()),
            self.message,
            pn.FlexBox(
                *(
                    pane(titled(title, table(rows)), margin=(8, 24, 8, 0))
                    for title, rows in tables_of(made)
                )
            ),
            sizing_mode="stretch_width",
        )

    def _heading(self) -> str:
        made = self.made
        (first, *_) = summary_lines(made.problem, made.errors, made.certified, made.trace)
        return titled(first)

    def _pictures(self, run: DesignRun) -> Any:
        errors = {"open loop": run.open_loop, "closed loop": self.made, "every pixel": self.made}
        shown = []
        for title, contents in run.pictures.items():
            design = errors[title]
            assert design is not None
            asked = design.problem.wanted.any()
            error = f": RRMSE {design.errors.pixels:.4f} at every pixel" if asked else ""
            shown.append(
                pn.Column(
                    pane(titled(title + error)),
                    pn.pane.PNG(contents, sizing_mode="scale_width", max_width=900),
                    sizing_mode="stretch_width",
                )
            )
        problem = self.made.problem
        wide = problem.cols > 2 * problem.rows
        return (pn.Column if wide else pn.Row)(*shown, sizing_mode="stretch_width")

    def _options(self) -> dict[str, Any]:
        """Options of the exports, as the widgets have them."""
        return {
            **{name: field.value for name, field in self.lengths.items()},
            "frame": self.frame.value or 0.0,
            "base": self.base.value or 0.0,
            "parts": self.parts.value,
            "deformed": self.deformed.value,
        }

    def _file(self, kind: str) -> tuple[str, bytes]:
        """Name and contents of a download."""
        if kind == EVERYTHING:
            return archived(self.made)
        return exported(self.made, kind, **self._options())

    def _button(self, kind: str) -> Any:
        """A button whose file is made when it is pressed, while the page stays alive."""

        async def contents() -> BytesIO:
            try:
                name, data = await asyncio.to_thread(self._file, kind)
                self.message.object = ""
            except (ValueError, ArithmeticError, MemoryError, OSError) as error:
                # the browser awaits a file, so that it gets the reason as one
                name, data = f"no_{kind}.txt", f"{error}\n".encode()
                self.message.object = fault(str(error))
            button.filename = name
            return BytesIO(data)

        button = pn.widgets.FileDownload(
            callback=contents, filename=f"design.{kind}", label=_LABELS.get(kind, kind.upper()),
        )  # fmt: skip
        return button


def fault_pane(lines: list[str]) -> Any:
    """Warnings, one below the other."""
    return pane("".join(map(fault, lines)))
