"""Options of a design in a problem file: checked, and in the JSON Schema."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

from pydantic import ValidationError, create_model

from metafast.pipeline.options import DesignOptions
from metafast.problems.file.faults import Fault
from metafast.problems.file.invalid import fault_of
from metafast.problems.file.models import problem_schema
from metafast.problems.file.place_models import Table


def schema() -> dict[str, Any]:
    """JSON Schema of a problem file, the options of a design included."""
    return problem_schema(option_types())


def option_types() -> dict[str, tuple[Any, Any]]:
    """Type and default of each option of a design, for a model."""
    types = get_type_hints(DesignOptions)
    return {field.name: (types[field.name], field.default) for field in fields(DesignOptions)}


def check_options(table: dict[str, Any]) -> None:
    """Refuse a table ``[design]`` with options that are unknown or out of range."""
    options: Any = option_types()
    model = create_model("Design", __base__=Table, **options)
    try:
        model.model_validate(table)
        DesignOptions(**table)
    except ValidationError as error:
        fault = fault_of(error, table, model)
        raise Fault(("design", *fault.keys), str(fault)) from None
    except ValueError as error:
        named = str(error).split(" ", 1)[0]
        raise Fault(("design", named) if named in table else ("design",), str(error)) from None
