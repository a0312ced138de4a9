"""Command-line options from the fields of a dataclass: names, types, defaults and help."""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

Result = TypeVar("Result")

_SECTION = re.compile(r"^Parameters\n-+\n(.*?)(?:\n\n\w[^\n]*\n-+\n|\Z)", re.DOTALL | re.MULTILINE)
_ENTRY = re.compile(r"^(\w[\w, ]*?) :[^\n]*\n((?:(?: +[^\n]*)?\n)*)", re.MULTILINE)


def options_from(
    options: type, *, skip: Iterable[str] = ()
) -> Callable[[Callable[..., Result]], Callable[..., Result]]:
    """Give a typer command one option for each field of a dataclass.

    The function has one parameter annotated with the dataclass and receives an instance there. On
    the command line the options stand in the place of this parameter. Each takes its default from
    the field and its help from the field's entry in the Parameters section of the dataclass's
    docstring, so that both are typed once; the values of a ``Literal`` are shown as choices.

    Parameters
    ----------
    options : type
        Dataclass whose fields are of type int, float, str, bool, Path, ``Literal`` of strings, or
        one of these or None.
    skip : iterable of str
        Fields without an option; they keep their defaults.

    Raises
    ------
    TypeError
        If the function has no parameter of the dataclass's type, one of its own parameters is
        named like a field, or a name to skip is no field.

    Examples
    --------
    >>> @app.command()
    ... @options_from(TrainingConfig, skip=("held_out",))
    ... def train(output: Path, config: TrainingConfig) -> None: ...
    """
    fields = {field.name: field for field in dataclasses.fields(options) if field.init}
    skipped = set(skip)
    if skipped - fields.keys():
        unknown = ", ".join(sorted(skipped - fields.keys()))
        raise TypeError(f"{options.__name__} has no field {unknown}; take it out of skip")
    shown = [field for name, field in fields.items() if name not in skipped]
    types, help_texts = get_type_hints(options), parameter_help(options)
    added = [_parameter(field, types[field.name], help_texts.get(field.name)) for field in shown]

    def decorate(command: Callable[..., Result]) -> Callable[..., Result]:
        hints = get_type_hints(command, include_extras=True)
        own = inspect.signature(command).parameters
        receiver = next((name for name in own if hints.get(name) is options), None)
        if receiver is None:
            raise TypeError(f"{command.__name__} needs a parameter of type {options.__name__}")
        double = (own.keys() - {receiver}) & {field.name for field in shown}
        if double:
            names = ", ".join(sorted(double))
            raise TypeError(
                f"{command.__name__} and {options.__name__} both have {names}; rename or skip one"
            )
        parameters: list[inspect.Parameter] = []
        for name, given in own.items():
            typed = given.replace(
                annotation=hints.get(name, given.annotation), kind=inspect.Parameter.KEYWORD_ONLY
            )
            parameters += added if name == receiver else [typed]

        @functools.wraps(command)
        def run(**values: Any) -> Result:
            chosen = {field.name: values.pop(field.name) for field in shown}
            return command(**values, **{receiver: options(**chosen)})

        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorate


def parameter_help(documented: type) -> dict[str, str]:
    """Descriptions of parameters from a numpydoc docstring, each on one line, without markup."""
    section = _SECTION.search(inspect.getdoc(documented) or "")
    texts: dict[str, str] = {}
    for names, text in _ENTRY.findall(section.group(1) + "\n" if section else ""):
        plain = " ".join(text.replace("`", "").split())
        texts |= {name.strip(): plain for name in names.split(",") if plain}
    return texts


def _parameter(field: dataclasses.Field[Any], kind: Any, text: str | None) -> inspect.Parameter:
    """Keyword parameter that typer turns into the option of a field."""
    default: Any = field.default
    if field.default_factory is not dataclasses.MISSING:
        default = field.default_factory()
    return inspect.Parameter(
        field.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is dataclasses.MISSING else default,
        annotation=Annotated[kind, typer.Option(help=text)],
    )
