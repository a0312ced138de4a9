"""Problem files that ship with the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

_FOLDER = "library"


def shipped_problems() -> tuple[str, ...]:
    """Names of the shipped problem files, in alphabetical order."""
    return tuple(sorted(file.stem for file in shipped_folder().glob("*.toml")))


def shipped_folder() -> Path:
    """Folder of the shipped problem files and of the pictures that they name."""
    return Path(str(resources.files("metafast.problems") / _FOLDER))


def shipped_text(name: str) -> str:
    """Text of the shipped problem file of a name."""
    return (shipped_folder() / f"{name}.toml").read_text(encoding="utf-8")
