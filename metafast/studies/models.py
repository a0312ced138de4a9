"""Tables and keys of a study file."""

from __future__ import annotations

from types import GenericAlias
from typing import Any

from pydantic import Field, create_model

from metafast.pipeline.problem_options import option_types
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


def study_schema() -> dict[str, Any]:
    """JSON Schema of a study file, with the options of a design in its tables."""
    options = option_types()
    design: Any = create_model("Design", __base__=Table, **options)  # type: ignore[call-overload]
    # names of the grid that are no options are parameters of the problem
    axes: Any = {
        name: (GenericAlias(list, (kind,)), Field(None, min_length=1))
        for name, (kind, _) in options.items()
    }
    grid: Any = create_model("Grid", __config__={"extra": "allow"}, **axes)
    document: Any = create_model(
        "Study",
        __base__=StudyDocument,
        grid=(grid, StudyDocument.model_fields["grid"]),
        design=(design, Field({}, description=StudyDocument.model_fields["design"].description)),
    )
    schema = document.model_json_schema()
    anything: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string"}]}
    schema["$defs"]["Grid"]["additionalProperties"] = {
        "type": "array", "minItems": 1, "items": anything
    }  # fmt: skip
    schema["properties"]["parameters"]["additionalProperties"] = anything
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
