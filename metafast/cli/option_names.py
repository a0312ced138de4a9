"""Names of options in error messages: the option that was typed, not the argument in Python."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# arguments of functions whose option has another name, where a command has that option
_OTHERS = {
    "count": "--candidates",
    "void": "--void-stiffness",
    "path": "--output",
}
_CURES = r"(?:lower|raise|drop|with|without|leave) "


def option_names(command: Any, words: Sequence[str]) -> dict[str, str]:
    """Option of each argument that a message may name.

    Parameters
    ----------
    command : typer's command or group of commands
    words : sequence of str
        What was typed after the name of the program.
    """
    inner = getattr(command, "commands", {})
    if words and words[0] in inner:
        return option_names(inner[words[0]], words[1:])
    names = {
        each.name: each.opts[0]
        for each in command.params
        if each.param_type_name == "option" and each.opts[0].startswith("--")
    }
    arguments = {each.name for each in command.params}
    given = set(names.values())
    for argument, option in _OTHERS.items():
        if argument not in arguments and option in given:
            names[argument] = option
    return names


def with_options(message: str, names: Mapping[str, str]) -> str:
    """A message with the option in place of an argument that it begins with or asks to change.

    Words elsewhere are left alone: they may be meant as words, or be keys of a file.
    """
    first = re.match(r"(\w+) (?=is |has |are |came )", message)
    if first and first[1] in names:
        message = f"{names[first[1]]} {message[first.end() :]}"

    def cure(found: re.Match[str]) -> str:
        return f"{found[1]}{names.get(found[2], found[2])}"

    return re.sub(rf"(\b{_CURES})(\w+)\b(?=$|[;,.:]| or | and | out\b)", cure, message)
