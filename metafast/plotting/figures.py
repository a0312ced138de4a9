"""Matplotlib figures without global state: made at a journal's width, fitted, and written."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast._base.checks import shown
from metafast._base.files import atomic_write, require_file_target
from metafast._base.pictures import require_picture
from metafast.plotting.style import STYLE, Width, width_in_mm

PathLike = str | os.PathLike[str]

INCH = 25.4  # mm
_PAD = 0.02  # inches between parts of a figure
_DPI = {".png": 300, ".pdf": 600, ".svg": 600}  # of pictures inside vector files too
_DATES = {".png": {}, ".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
_TALL = 2.5  # height over width of a figure before it is fitted
_FITS = 4  # the numbers beside axes depend on their size
_FITTED = 1e-4  # inches, a thirtieth of a pixel: nobody sees a smaller change of the height
_LEAST_HEIGHT = 0.3  # inches
_SCREEN = 144  # points per inch in a notebook, where screens are finer than one per pixel


class ShownFigure(Figure):
    """A figure that a notebook shows without pyplot, which alone would teach it to."""

    def _repr_png_(self) -> bytes:
        stream = io.BytesIO()
        with rc_context(STYLE):
            self.savefig(stream, format="png", dpi=_SCREEN, facecolor="white")
        return stream.getvalue()


@contextmanager
def drawing(
    path: PathLike | None,
    width: Width | None,
    ax: Axes | None = None,
    *,
    height: float | None = None,
) -> Iterator[Figure]:
    """Figure to draw on in the common style; it is fitted and written when the block ends.

    Parameters
    ----------
    path : path or None
        Where to write it: .png, .pdf or .svg.
    width : {"single", "double"}, float or None
        Width in mm or that of a journal's column; None for "double".
    ax : Axes or None
        Axes to draw on, of a figure that has its own size.
    height : float or None
        Height relative to the width; None for axes of equal scales, whose figure becomes as high
        as they are.

    Raises
    ------
    ValueError
        If the ending or the width is wrong, the file cannot be written, or `ax` comes with a width.
    """
    target = None if path is None else require_picture(path)
    if target is not None:
        require_file_target(target)
    if ax is not None and not isinstance(ax, Axes):
        raise ValueError(f"ax is {shown(ax)}; matplotlib Axes are needed, or None for a new figure")
    if ax is not None and width is not None:
        raise ValueError("axes have the width of their own figure; leave width= out beside ax=")
    with rc_context(STYLE):
        if ax is not None:
            made = figure_of(ax)
            yield made
        else:
            inches = width_in_mm(width) / INCH
            share = _TALL if height is None else height
            made = ShownFigure(figsize=(inches, share * inches), layout="constrained")
            engine: Any = made.get_layout_engine()
            engine.set(w_pad=_PAD, h_pad=_PAD)
            yield made
            if height is None:
                _fit_height(made)
    if target is not None:
        save_figure(made, target)


def axes_of(made: Figure, ax: Axes | None) -> Axes:
    """The axes that were given, or the only ones of a new figure."""
    return made.subplots() if ax is None else ax


def figure_of(ax: Axes) -> Figure:
    """The whole figure that axes belong to, also from inside a part of one."""
    owner: Any = ax.figure
    return owner if isinstance(owner, Figure) else owner.figure


def save_figure(made: Figure, path: PathLike, dpi: float | None = None) -> Path:
    """Write a figure as .png, .pdf or .svg; an older file is replaced only by a complete one.

    Parameters
    ----------
    made : Figure
    path : path
    dpi : float, optional
        Points per inch of the picture, or of the pictures in a vector file: 300 in .png, 600 in
        .pdf and .svg.

    Raises
    ------
    ValueError
        If the ending is another one, or the file cannot be written.
    """
    target = require_picture(path)
    kind = target.suffix.lower()
    with rc_context(STYLE), atomic_write(target) as partial:
        made.savefig(partial, dpi=dpi or _DPI[kind], facecolor="white", metadata=_DATES[kind])
    return target


def _fit_height(made: Figure) -> None:
    """Make a figure as high as its axes of equal scales need at its width, in every row of them.

    The layout does not know where axes of equal scales will leave their place empty, so meanwhile
    they fill it.
    """
    engine: Any = made.get_layout_engine()
    aspects = {ax: ax.get_aspect() for ax in made.axes if ax.get_subplotspec() is not None}
    equal = [ax for ax, aspect in aspects.items() if aspect != "auto"]
    for ax in equal:
        ax.set_aspect("auto")
    for _ in range(_FITS):
        engine.execute(made)
        width, height = made.get_size_inches()
        missing: dict[int, float] = {}
        for ax in equal:
            spec, place = ax.get_subplotspec(), ax.get_position(original=True)
            assert spec is not None
            lacks = place.width * width * ax.get_data_ratio() - place.height * height
            missing[spec.rowspan.start] = max(missing.get(spec.rowspan.start, -height), lacks)
        fitted = max(height + sum(missing.values()), _LEAST_HEIGHT)
        made.set_size_inches(width, fitted)
        if abs(fitted - height) < _FITTED:
            break
    engine.execute(made)
    made.set_layout_engine("none")  # the places are right now, and stay
    for ax in equal:
        ax.set_aspect("equal")
