"""Names of pictures: the ending says how a figure is written."""

from __future__ import annotations

import os
from pathlib import Path

from metafast._base.files import require_path

PICTURES = (".png", ".pdf", ".svg")


def require_picture(path: str | os.PathLike[str]) -> Path:
    """Return the path of a picture; another ending is refused before any work.

    Raises
    ------
    ValueError
        If the name does not end in .png, .pdf or .svg.
    """
    target = require_path(path)
    if target.suffix.lower() not in PICTURES:
        raise ValueError(
            f"the picture can be written as .png, .svg or .pdf, but the name is {target.name!r}; "
            "name it so"
        )
    return target
