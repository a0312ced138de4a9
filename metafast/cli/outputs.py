"""Endings of files that commands write, checked before any work."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metafast._base.pictures import require_picture
from metafast.cli.quantities import millimetres
from metafast.cli.shared import refuse_existing

if TYPE_CHECKING:
    from metafast.plotting.style import Width


FigureWidth = Annotated[
    str, typer.Option(help="Width of the figure: single (89 mm), double (183 mm), or as 120mm.")
]


def width_of(text: str) -> Width:
    """Width of a figure from its option, checked."""
    from metafast.plotting.style import WIDTHS, width_in_mm

    if text in WIDTHS:
        return WIDTHS[text]
    return width_in_mm(millimetres("--width", text))


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
    require_picture(path)
    refuse_existing(path, overwrite)
