"""Tables and keys of a study file."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from metafast.problems.file.place_models import Table


class StudyDocument(Table):
    """Study of metafast: designs of one problem over a grid of parameters and options."""

    name: str | None = Field(None, description="Short name; the file's by default.")
    about: str = Field("", description="What it is for, in a line.")
    problem: str = Field(
        min_length=1, description="Name of a shipped problem, or a .toml file beside this one."
    )
    grid: dict[str, list[Any]] = Field(
        description="Lists of values: parameters of the problem, rows, cols, size (both), options."
    )
    parameters: dict[str, Any] = Field(
        {}, description="Parameters of the problem that all runs have; rows, cols and size too."
    )
    design: dict[str, Any] = Field({}, description="Options of the design that all runs have.")
    units: dict[str, str] = Field({}, description="Units of parameters, for the picture.")
