"""Pieces of HTML for notebooks: pixels as pictures within the text, cells side by side, tables."""

from __future__ import annotations

import html
import io
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from metafast._base.typing import AnyArray, IntArray

_MOST_PIXELS = 1200  # across a picture; larger ones are scaled down
_CELL_WIDTH = 64  # of a cell on the screen
_SHOWN = 8  # cells


def picture(pixels: AnyArray, width: int) -> str:
    """A picture of binary pixels (h, w), solid dark, `width` pixels wide on the screen."""
    from PIL import Image

    image = Image.fromarray(np.where(np.asarray(pixels) > 0, 32, 255).astype(np.uint8))
    largest = max(image.size)
    if largest > _MOST_PIXELS:
        size = [max(1, side * _MOST_PIXELS // largest) for side in image.size]
        image = image.resize((size[0], size[1]), Image.Resampling.BOX)
    stream = io.BytesIO()
    image.save(stream, format="PNG", optimize=True)
    data = b64encode(stream.getvalue()).decode()
    style = f"width:{width}px;image-rendering:pixelated;border:1px solid #ddd"
    return f'<img style="{style}" src="data:image/png;base64,{data}">'


def table(rows: Iterable[Sequence[str]]) -> str:
    """A table of text; the first entry of a row is its name."""
    lines = (
        f"<tr><th>{html.escape(first)}</th>"
        + "".join(f"<td>{html.escape(each)}</td>" for each in others)
        + "</tr>"
        for first, *others in rows
    )
    return f"<table>{''.join(lines)}</table>"


def titled(title: str, *parts: str) -> str:
    """Parts below a line in bold."""
    return (
        f"<div><b>{html.escape(title)}</b>{''.join(f'<div>{part}</div>' for part in parts)}</div>"
    )


def spread(count: int) -> IntArray:
    """At most eight of the numbers from 0 to count - 1, evenly spread, both ends included."""
    return np.unique(np.linspace(0, max(count - 1, 0), min(_SHOWN, count)).astype(int))


def cell_table(cells: AnyArray, below: Mapping[str, Iterable[Any]]) -> str:
    """Cells (n, h, w) side by side, with rows of numbers or text below them.

    Parameters
    ----------
    cells : (n, h, w) array
    below : mapping of str to iterable
        Name of each row, and its n entries.
    """
    top = "".join(f"<td>{picture(cell, _CELL_WIDTH)}</td>" for cell in cells)
    rows = [
        f"<tr><th>{html.escape(name)}</th>"
        + "".join(f"<td>{html.escape(_short(value))}</td>" for value in values)
        + "</tr>"
        for name, values in below.items()
    ]
    return f"<table><tr><th></th>{top}</tr>{''.join(rows)}</table>"


def _short(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"
