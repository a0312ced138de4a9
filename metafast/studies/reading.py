"""From the text of a study file to the fields of a study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from metafast.problems.file import shipped_problems
from metafast.problems.file.invalid import fault_of
from metafast.problems.file.reading import tables_of_text
from metafast.studies.models import StudyDocument


def fields_of(text: str, name: str, folder: Path) -> dict[str, Any]:
    """Fields of the study of a TOML text.

    Parameters
    ----------
    text : str
    name : str
        Name of a study that says none.
    folder : Path
        Folder that a problem file is looked for in.

    Raises
    ------
    Fault
        If it is no TOML, or a key is unknown, missing or of a wrong kind.
    """
    data = tables_of_text(text)
    try:
        document = StudyDocument.model_validate(data)
    except ValidationError as error:
        raise fault_of(error, data, StudyDocument) from None
    problem = document.problem
    return {
        "name": document.name or name,
        "problem": problem if problem in shipped_problems() else str(folder / problem),
        "grid": document.grid,
        "parameters": document.parameters,
        "options": document.design,
        "units": document.units,
        "about": document.about,
    }
