"""From the text of a study file to the study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from metafast.problems.file.faults import Fault, told
from metafast.problems.file.invalid import fault_of
from metafast.problems.file.reading import tables_of_text
from metafast.studies.models import StudyDocument
from metafast.studies.study import Study, problem_path


def parse_study(text: str, name: str, folder: Path) -> Study:
    """The study of a TOML text.

    Parameters
    ----------
    text : str
    name : str
        Name of the file, for messages; without its ending the name of a study that has none.
    folder : Path
        Folder that a problem file is looked for in.

    Raises
    ------
    ValueError
        With file, line, key and cure in one line.
    """
    try:
        document = _document(tables_of_text(text))
        return Study(
            document.name or Path(name).stem,
            problem_path(document.problem, folder),
            document.grid,
            document.parameters,
            document.design,
            document.units,
            document.about,
        )
    except Fault as fault:
        raise ValueError(told(name, text, fault)) from None


def _document(data: dict[str, Any]) -> StudyDocument:
    try:
        return StudyDocument.model_validate(data)
    except ValidationError as error:
        raise fault_of(error, data, StudyDocument) from None
