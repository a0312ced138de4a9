"""Endings of files that commands write, checked before any work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from metafast.cli.shared import refuse_existing

# endings of pictures that matplotlib writes
_PICTURES = (
    ".png", ".svg", ".pdf", ".svgz", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".eps", ".ps",
    ".pgf",
)  # fmt: skip


def require_ending(path: Path, what: str, endings: Sequence[str], shown: str = "") -> None:
    """Refuse a name with another ending, before the work whose result it would hold.

    Parameters
    ----------
    path : Path
    what : str
        What is written, for the message.
    endings : sequence of str
    shown : str
        Endings for the message, if not all of them.
    """
    if path.suffix.lower() not in endings:
        needed = shown or " or ".join(ending or "no ending" for ending in endings)
        raise ValueError(
            f"{what} can be written as {needed}, but the name is {path.name!r}; name it so"
        )


def require_picture_target(path: Path, overwrite: bool) -> None:
    """Refuse a picture of an unknown format, or one that is there."""
    require_ending(path, "the picture", _PICTURES, ".png, .svg or .pdf")
    refuse_existing(path, overwrite)
