"""Words of a figure: measured, broken into lines, and put into headings and legends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath

from metafast.plotting.figures import figure_of
from metafast.plotting.style import SMALL_TYPE, TYPE
from metafast.properties.names import PROPERTIES

_HANDLE = 4.0  # widths of a legend's mark with its spaces, in sizes of its type
_FIGURE = re.compile(r"(?<=[^\W\d]) (?=\d+\.)")  # the space between a word and its figure
_POINTS = 72.0  # points in an inch
_TITLE, _MARGIN = 0.8, 0.96  # shares of the width that titles of axes and of a figure take


def text_width(text: str, size: float = TYPE) -> float:
    """Width of a line of text in points."""
    if not text.strip():
        return 0.0
    return _measured(text, size, FontProperties(), tuple(rcParams["font.sans-serif"]))


@lru_cache(maxsize=1024)
def _measured(text: str, size: float, font: FontProperties, families: tuple[str, ...]) -> float:
    """Width of a text in a font; the families are what "sans-serif" stands for."""
    return float(TextPath((0, 0), text, size=size, prop=font).get_extents().width)


def in_lines(text: str, width: float, size: float = TYPE) -> str:
    """The text in lines of at most `width` points, broken between words."""
    whole = _FIGURE.sub("\u00a0", text)
    if text_width(whole, size) <= width:
        return whole
    lines = [""]
    for word in whole.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and text_width(longer, size) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return "\n".join(lines)


def heading(ax: Axes, text: str, columns: int = 1) -> None:
    """Title above axes, in lines that fit their share of the figure's width."""
    width = _POINTS * figure_of(ax).get_size_inches()[0] / columns
    ax.set_title(in_lines(text, _TITLE * width))


def main_heading(made: Figure, text: str) -> None:
    """Title of a whole figure, at its left."""
    if text:
        width = _POINTS * made.get_size_inches()[0]
        made.suptitle(in_lines(text, _MARGIN * width), x=0.01, ha="left")


def legend(ax: Axes, handles: Sequence[Any] = (), *, inside: bool | None = None) -> None:
    """Legend of what axes show: below the figure, or inside the axes.

    By default it is inside where the figure has several panels, or a layout of its own.
    """
    marks = list(handles) or ax.get_legend_handles_labels()[0]
    if not marks:
        return
    made = figure_of(ax)
    if inside is None:
        inside = made.get_layout_engine() is None or len(_panels(made)) > 1
    if inside:
        ax.legend(handles=marks, loc="best")
        return
    widest = max(text_width(str(mark.get_label()), SMALL_TYPE) for mark in marks)
    room = _POINTS * made.get_size_inches()[0]
    columns = max(1, min(len(marks), int(room / (widest + _HANDLE * SMALL_TYPE))))
    made.legend(handles=marks, loc="outside lower center", ncols=columns)


def symbol(name: str) -> str:
    """A property as it is typeset: C11 as C with two indices."""
    return f"${name[0]}_{{{name[1:]}}}$"


def property_label(number: int, young: float | None = None) -> str:
    """A property with its unit: relative to Young's modulus, or in MPa if that is known."""
    mark = symbol(PROPERTIES[number])
    return f"{mark[:-1]}/E$" if young is None else f"{mark} (MPa)"


def _panels(made: Figure) -> list[Axes]:
    """Axes that are no colour bars."""
    return [ax for ax in made.axes if ax.get_subplotspec() is not None]
