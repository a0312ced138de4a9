"""Form of a problem: one that ships, a drawn one, or a problem file that is uploaded."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from html import escape
from io import BytesIO
from pathlib import Path
from typing import Any

import panel as pn

from metafast.app.draw_form import DrawForm
from metafast.app.html import fault, pane
from metafast.app.run import png_of
from metafast.pipeline.problem_file import read_problem
from metafast.pipeline.problem_options import check_options
from metafast.plotting import plot_problem
from metafast.problems.file import ProblemFile, shipped_problems, shipped_text

SHIPPED, DRAWN, UPLOADED = "shipped", "draw", "upload"
MOST_CELLS = 5000
_MOST_BYTES = 200_000
_OTHER_FILES = ("csv", "png", "svg")  # keys of a problem file that name another file


class ProblemForm:
    """Widgets that make a problem file, its text, and a picture of what it asks for.

    Attributes
    ----------
    file : ProblemFile or None
        The problem; None while something is wrong with it.
    text : str
        Text of its file.
    fault : str
        What is wrong with it.
    """

    def __init__(self, options: Callable[[], dict[str, Any]]) -> None:
        self._options = options
        self.file: ProblemFile | None = None
        self.text, self.fault = "", ""
        self.origin = pn.widgets.RadioButtonGroup(
            label="problem", options=[DRAWN, SHIPPED, UPLOADED], value=DRAWN
        )
        self.draw = DrawForm(self.update)
        self.name = pn.widgets.Select(
            label="problem", options=list(shipped_problems()), value="bridge", width=200
        )
        self.about = pane()
        self.parameters: dict[str, Any] = {}
        self._fields = pn.Column()
        self.upload = pn.widgets.FileInput(accept=".toml", multiple=False)
        self.shown = pn.widgets.TextAreaInput(
            label="problem file", disabled=True, rows=12, sizing_mode="stretch_width",
            max_length=_MOST_BYTES,
        )  # fmt: skip
        self.save = pn.widgets.FileDownload(
            callback=lambda: BytesIO(self.text.encode()), filename="problem.toml",
            label="Save the problem file", width=200,
        )  # fmt: skip
        self.message = pane()
        self.picture = pn.pane.PNG(None, sizing_mode="scale_width", max_width=760)
        self._shipped = pn.Column(self.name, self.about, self._fields)
        self._uploaded = pn.Column(
            self.upload, pane("A problem file, .toml, that needs no other file beside it.")
        )
        self.controls = pn.Column(self.origin, self.draw.controls)
        self.view = pn.Column(
            self.draw.view, self.message, self.picture,
            pn.Card(
                self.shown, self.save, title="Problem file", collapsed=True,
                sizing_mode="stretch_width",
            ),
        )  # fmt: skip
        self.origin.param.watch(lambda _: self._turn(), "value")
        self.name.param.watch(lambda _: self._name_changed(), "value")
        self.upload.param.watch(lambda _: self.update(), "value")
        self._name_changed()

    def update(self) -> None:
        """Read the problem again from what the widgets say."""
        self.file, self.fault = None, ""
        try:
            self.text = self._text()
            self.file = self._read()
        except ValueError as error:
            self.fault = str(error)
        self.shown.value = self.text
        self.message.object = fault(self.fault)
        self.picture.visible = self.file is not None
        self.picture.object = None if self.file is None else png_of(plot_problem(self.file.problem))

    def _text(self) -> str:
        if self.origin.value == DRAWN:
            return self.draw.drawing().text(self._options())
        if self.origin.value == SHIPPED:
            return shipped_text(self.name.value)
        return uploaded_text(self.upload.value)

    def _read(self) -> ProblemFile:
        if self.origin.value == SHIPPED:
            given = {key: field.value for key, field in self.parameters.items()}
            sizes = {key: given.pop(key) for key in ("rows", "cols") if key in given}
            file = read_problem(self.name.value, **sizes, **given)
        else:
            from metafast.problems.file.reading import parse_problem

            named = "drawing.toml" if self.origin.value == DRAWN else self.upload.filename
            # it names no other file, so no folder is looked into
            file = parse_problem(
                self.text, named or "problem.toml", Path(), check_options=check_options
            )
        cells = int(file.problem.present.sum())
        if cells > MOST_CELLS:
            raise ValueError(
                f"the body has {cells:,} cells; this page takes {MOST_CELLS:,}: use metafast design"
            )
        return file

    def _turn(self) -> None:
        """Show the widgets of the chosen origin."""
        drawn = self.origin.value == DRAWN
        forms = {DRAWN: self.draw.controls, SHIPPED: self._shipped, UPLOADED: self._uploaded}
        self.controls[1] = forms[self.origin.value]
        self.draw.view.visible = drawn
        self.update()

    def _name_changed(self) -> None:
        """Fields of the parameters of a shipped problem, as its file has them."""
        document = tomllib.loads(shipped_text(self.name.value))
        self.about.object = escape(document["about"])
        fields: dict[str, Any] = {}
        for key in ("rows", "cols"):
            if key in document["size"]:
                fields[key] = pn.widgets.IntInput(
                    label=key, value=document["size"][key], start=1, width=120
                )
        for key, value in document.get("parameters", {}).items():
            fields[key] = pn.widgets.TextInput(label=key, value=str(value), width=240)
        for field in fields.values():
            field.param.watch(lambda _: self.update(), "value")
        self.parameters = fields
        self._fields.objects = list(fields.values())
        self.update()


def uploaded_text(contents: bytes | None) -> str:
    """Text of an uploaded problem file.

    Raises
    ------
    ValueError
        If there is none, it is too long or no UTF-8, or it names another file.
    """
    if not contents:
        raise ValueError("no file came; choose a problem file, which ends in .toml")
    if len(contents) > _MOST_BYTES:
        raise ValueError(f"the file has {len(contents):,} bytes; {_MOST_BYTES:,} are the most")
    try:
        text = contents.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"the file is not UTF-8 text ({error}); save it as such") from None
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return text  # whoever reads it says what is wrong
    named = next((key for key in _OTHER_FILES if _has_key(document, key)), None)
    if named is not None:
        raise ValueError(
            f"the file names another one ({named} = ...), which was not uploaded; run it on the "
            "command line: metafast design FILE.toml --output FOLDER"
        )
    return text


def _has_key(value: Any, key: str) -> bool:
    if isinstance(value, dict):
        return key in value or any(_has_key(each, key) for each in value.values())
    return isinstance(value, list) and any(_has_key(each, key) for each in value)
