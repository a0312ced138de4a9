"""Problem files that ship with the package."""

from __future__ import annotations

from importlib import resources

_FOLDER = "library"


def shipped_problems() -> tuple[str, ...]:
    """Names of the shipped problem files, in alphabetical order."""
    files = (resources.files("metafast.problems") / _FOLDER).iterdir()
    return tuple(sorted(file.name[:-5] for file in files if file.name.endswith(".toml")))


def shipped_text(name: str) -> str:
    """Text of the shipped problem file of a name."""
    file = resources.files("metafast.problems") / _FOLDER / f"{name}.toml"
    return file.read_text(encoding="utf-8")
