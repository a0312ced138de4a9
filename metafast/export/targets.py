"""Names of the files of an export, checked before any work is spent on them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from metafast._base.checks import require_items
from metafast._base.files import require_file_target, require_writable_directory


def file_targets(
    folder: str | os.PathLike[str], name: str, formats: Sequence[str], overwrite: bool
) -> dict[str, Path]:
    """Path of the file of each format.

    Raises
    ------
    ValueError
        If the folder cannot be written, or a file is there that is not to be replaced.
    """
    directory = require_writable_directory(folder)
    targets = {kind: directory / f"{name}.{kind}" for kind in formats}
    for path in targets.values():
        require_file_target(path)
        if path.exists() and not overwrite:
            raise ValueError(
                f"{str(path)!r} is already there; choose another folder, or overwrite it "
                "(--overwrite, overwrite=True)"
            )
    return targets


def require_formats(formats: str | Iterable[str], known: Sequence[str]) -> list[str]:
    """Return the names of formats, each once.

    Raises
    ------
    ValueError
        If there is none, or one is unknown.
    """
    names = [formats] if isinstance(formats, str) else require_items("formats", formats, "names")
    names = list(dict.fromkeys(str(name).lower().removeprefix(".") for name in names))
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        came = f"{unknown[0]!r} is no format here" if unknown else "no format was asked for"
        raise ValueError(f"{came}; choose from {', '.join(known)}")
    return names


def file_name(title: str) -> str:
    """A name for files from a title: letters, digits, - and _."""
    return re.sub(r"[^\w-]+", "_", title).strip("_") or "structure"
