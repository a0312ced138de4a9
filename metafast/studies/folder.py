"""Folder of a study: ``study.json`` says which study it is, and each finished run has a folder."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metafast._base.files import atomic_write, new_folder, require_path, require_writable_directory
from metafast._base.sealed import content_checksum
from metafast.database import CellDatabase
from metafast.pipeline import Design
from metafast.pipeline.design_file import FILE_NAME
from metafast.studies.row import StudyRow, row_of

if TYPE_CHECKING:
    from metafast.studies.many import FailedDesign
    from metafast.studies.runs import StudyRun
    from metafast.studies.study import Study

STUDY_NAME, RUN_NAME = "study.json", "run.json"
_STUDY_FORMAT, _RUN_FORMAT = "metafast-study-1", "metafast-study-run-1"


def folder_of(study: Study, directory: Any, database: CellDatabase | None) -> Path:
    """The folder of a study, new or begun by the same study.

    Raises
    ------
    ValueError
        If the directory holds something else, another study, or a study with other cells.
    """
    path = require_path(directory, "directory")
    described = _described(study, database)
    if not (path / STUDY_NAME).is_file():
        if path.is_dir() and any(path.iterdir()):
            raise ValueError(
                f"{str(path)!r} holds something that is no study; name a new directory"
            )
        folder = require_writable_directory(path)
        _write(folder / STUDY_NAME, _STUDY_FORMAT, described)
        return folder
    found = read_study_file(path)
    if found.get("content") != study.content:
        raise ValueError(
            f"{str(path)!r} belongs to the study {found.get('name')!r}, whose problem, grid, "
            "parameters or options are others; name a new directory"
        )
    if found.get("cells") != described["cells"]:
        raise ValueError(
            f"{str(path)!r} was begun with other cells; give the same database, or name a new "
            "directory"
        )
    return require_writable_directory(path)


def read_study_file(folder: Path) -> dict[str, Any]:
    """What ``study.json`` says about the study of a folder."""
    return _read(folder / STUDY_NAME, _STUDY_FORMAT, "name a new directory")


def read_row(folder: Path, run: StudyRun) -> StudyRow | None:
    """The row of a run that is finished, None for one that is not.

    Raises
    ------
    ValueError
        If the run's folder is damaged or incomplete.
    """
    place = folder / run.folder
    if not place.exists():
        return None
    cure = f"delete the folder {str(place)!r}, and its run is made again"
    try:
        row = StudyRow.from_dict(_read(place / RUN_NAME, _RUN_FORMAT, cure))
    except (TypeError, KeyError) as error:
        raise ValueError(f"{str(place / RUN_NAME)!r} is damaged ({error}); {cure}") from None
    if (row.number, row.values) != (run.number, run.values):
        raise ValueError(f"{str(place)!r} holds another run, {row.values}; {cure}")
    if not row.failure and not (place / FILE_NAME).is_file():
        raise ValueError(f"{str(place)!r} has no {FILE_NAME}; {cure}")
    return row


def write_run(folder: Path, run: StudyRun, made: Design | FailedDesign) -> StudyRow:
    """Write the folder of a run, which is there only when it is complete; returns its row."""
    row = row_of(run, made)
    with new_folder(folder / run.folder) as place:
        if isinstance(made, Design):
            made.save(place)
        _write(place / RUN_NAME, _RUN_FORMAT, row.as_dict())
    return row


def _described(study: Study, database: CellDatabase | None) -> dict[str, Any]:
    """What ``study.json`` holds."""
    return {
        "name": study.name,
        "about": study.about,
        "problem": Path(study.problem).name,
        "grid": {name: list(values) for name, values in study.grid.items()},
        "parameters": dict(study.parameters),
        "options": dict(study.options),
        "units": dict(study.units),
        "content": study.content,
        "cells": None if database is None else _cells_digest(database),
    }


def _cells_digest(database: CellDatabase) -> str:
    """Hash of the cells, their properties and their phases."""
    digest = hashlib.sha256(database.phases.to_json().encode())
    digest.update(database.properties.tobytes())
    digest.update(database.packed.tobytes())
    return digest.hexdigest()


def _write(path: Path, form: str, content: dict[str, Any]) -> None:
    """Write JSON with its format and a checksum."""
    data = {"format": form, **content}
    data["sha256"] = content_checksum(data)
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(data, indent=1, allow_nan=False), encoding="utf-8")


def _read(path: Path, form: str, cure: str) -> dict[str, Any]:
    """Content of a JSON file of a format, whose checksum fits."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(data, dict) or data.get("format") != form:
            raise ValueError(f"its format is not {form!r}")
        if data.pop("sha256", None) != content_checksum(data):
            raise ValueError("it was damaged or changed: its checksum does not fit")
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(f"{str(path)!r} is not readable ({error}); {cure}") from None
    del data["format"]
    return data
