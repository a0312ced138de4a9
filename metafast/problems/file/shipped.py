"""Problem files that ship with the package."""

from __future__ import annotations

from importlib import resources

_FOLDER = "library"


def shipped_problems() -> tuple[str, ...]:
    """Names of the shipped problem files, in alphabetical order."""
    files = (resources.files("metafast.problems") / _FOLDER).iterdir()
    return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".toml")))


def shipped_text(name: str) -> str:
    """Text of a shipped problem file.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name not in shipped_problems():
        raise ValueError(
            f"unknown problem {name!r}; choose one of {', '.join(shipped_problems())}, or give a "
            "problem file, which ends in .toml"
        )
    file = resources.files("metafast.problems") / _FOLDER / f"{name}.toml"
    return file.read_text(encoding="utf-8")
