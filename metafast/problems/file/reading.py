"""From the text of a problem file to the problem, its material and its options."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from metafast.material import Material
from metafast.problems.file.beside import Beside
from metafast.problems.file.bodies import build_body, picture_size
from metafast.problems.file.building import build_problem, cells_of, names_of
from metafast.problems.file.contents import ProblemFile, ProblemSource
from metafast.problems.file.faults import Fault, told
from metafast.problems.file.given import given_cells, properties_by_name
from metafast.problems.file.invalid import fault_of
from metafast.problems.file.models import Document, MaterialTable

_LARGEST = 50_000  # characters as JSON: the text is an attribute of design.h5, at most 64 kB


def parse_problem(
    text: str,
    name: str,
    folder: Path,
    *,
    rows: int | None = None,
    cols: int | None = None,
    parameters: Mapping[str, float | str] | None = None,
    check_options: Callable[[dict[str, Any]], None] | None = None,
    kept: Mapping[str, bytes] | None = None,
) -> ProblemFile:
    """Contents of a problem file from its text.

    Parameters
    ----------
    text : str
    name : str
        Name of the file, for messages.
    folder : Path
        Folder that CSV files and pictures are looked for in; an empty one if they are `kept`.
    rows, cols : int, optional
        Cells in place of the file's.
    parameters : mapping of str to float or str, optional
        Numbers or expressions in place of the file's.
    check_options : callable, optional
        Called with the table ``[design]``; raises a `Fault` where an option is wrong.
    kept : mapping of str to bytes, optional
        Contents of the files that the problem names, in place of those in its folder.

    Raises
    ------
    ValueError
        With file, line, key and cure in one line.
    """
    changes = dict(parameters or {})
    beside = Beside(folder, kept)
    try:
        document = _document(tables_of_text(text))
        title = document.name or Path(name).stem
        cells = cells_of(document.size, title, rows, cols, picture_size(document.body, beside))
        material = None if document.material is None else _material(document.material)
        given = given_cells(document.cells, beside)
        names = names_of(document, cells, changes, properties_by_name(given, material, text))
        if check_options is not None:
            check_options(document.design)
        body = build_body(title, document, cells, given, names, beside)
        young = None if material is None else material.young
        problem = build_problem(title, document, body, names, beside, young)
    except Fault as fault:
        raise ValueError(told(name, text, fault)) from None
    sizes = {key: value for key, value in (("rows", rows), ("cols", cols)) if value is not None}
    return ProblemFile(
        problem=problem,
        options=dict(document.design),
        material=material,
        cell_size=document.size.cell_size,
        thickness=document.size.thickness,
        source=ProblemSource(name, text, {**sizes, **changes}, beside.files),
    )


def tables_of_text(text: str) -> dict[str, Any]:
    """Tables of a TOML text; a `Fault` names the line that is none."""
    if len(json.dumps(text)) > _LARGEST:
        raise Fault((), f"the file has over {_LARGEST:,} characters; put curves into CSV files")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        reason, _, position = str(error).partition(" (at ")
        found = re.match(r"line (\d+)", position)
        line = int(found[1]) if found else len(text.splitlines()) or 1
        cure = "text needs quotes, tables [brackets]"
        raise Fault((), f"this is no TOML: {reason}; mend the line ({cure})", line) from None
    except RecursionError:
        raise Fault((), "values are nested too deep; flatten them") from None


def _document(data: dict[str, Any]) -> Document:
    try:
        return Document.model_validate(data)
    except ValidationError as error:
        raise fault_of(error, data) from None


def _material(table: MaterialTable) -> Material:
    """Material of a name or of constants."""
    constants = table.young, table.poisson
    try:
        if table.name is not None:
            if constants != (None, None):
                raise ValueError("a name and constants came; leave either out")
            return Material.named(table.name, table.plane)
        if None in constants:
            raise ValueError('a name, or young and poisson are needed; add young = "3000 MPa"')
        return Material(*constants, table.plane)  # type: ignore[arg-type]
    except ValueError as error:
        raise Fault(("material",), str(error)) from None
