"""Faults of a problem file that its models find, in the words of the file."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from metafast.problems.file.expressions import shorten
from metafast.problems.file.faults import Fault, Keys, nearest
from metafast.problems.file.models import Document

# what is needed, by the validator's name of the fault
_NEEDED = {
    "int_type": "a whole number",
    "float_type": "a number",
    "string_type": "text in quotes",
    "string_too_short": "text that is not empty",
    "bool_type": "true or false",
    "list_type": "a list, or tables in double brackets such as [[targets]],",
    "dict_type": "a table",
    "model_type": "a table",
}


def fault_of(error: ValidationError, data: Any, model: type[BaseModel] = Document) -> Fault:
    """The first of the errors of a validation: unknown keys before all others.

    Parameters
    ----------
    error : ValidationError
    data : dict
        What was validated.
    model : type
        Model of `data`.
    """
    every = error.errors(include_url=False)
    first = next((each for each in every if each["type"] == "extra_forbidden"), every[0])
    # a union adds the kind of the value, which is no key of the file
    keys: Keys = tuple(key for key in first["loc"] if not str(key).startswith("<"))
    return Fault(keys, _message(first, keys, model))


def _message(first: Any, keys: Keys, model: type[BaseModel]) -> str:
    kind, came = first["type"], first["input"]
    if kind == "extra_forbidden":
        known = nearest(str(keys[-1]), _keys_of(model, keys[:-1]))
        return f"{keys[-1]!r} is not known here; {known}"
    if kind == "missing":
        return f"it is missing; add {keys[-1]} to {_table(keys[:-1])}"
    if kind == "value_error":
        return str(first["ctx"]["error"])
    if kind == "kind":
        return f"{shorten(came)} came; {first['msg']}"
    needed = str(first["msg"]).replace("Input should be ", "")
    needed = _NEEDED.get(kind, f"{needed[:1].lower()}{needed[1:]}")
    return f"{shorten(came)} came; {needed} is needed"


def _table(keys: Keys) -> str:
    names = [key for key in keys if isinstance(key, str)]
    if not names:
        return "the file"
    return f"[[{names[0]}]]" if len(keys) > len(names) else f"[{'.'.join(names)}]"


def _keys_of(model: type[BaseModel], keys: Keys) -> list[str]:
    """Keys of the table that a path of keys leads to."""
    kind: Any = model
    for key in keys:
        if isinstance(key, str) and key in (fields := _fields(kind)):
            kind = fields[key].annotation
    return list(_fields(kind))


def _fields(kind: Any) -> dict[str, Any]:
    """Fields of a model by their key in the file, or of the first model within a type."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {field.alias or name: field for name, field in kind.model_fields.items()}
    return next((found for inner in get_args(kind) if (found := _fields(inner))), {})
