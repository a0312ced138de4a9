"""Rounds of a design's two loops: attempts at corrected targets, and swaps of cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from metafast._base.typing import FloatArray
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.panels import panels_height, panels_of, panels_shape
from metafast.plotting.style import ACHIEVED, MARK, TARGET, Width
from metafast.plotting.words import heading, legend

if TYPE_CHECKING:
    from metafast.pipeline.trace import CorrectionRound, SwapRound


def plot_loops(
    corrections: Sequence[CorrectionRound],
    swaps: Sequence[SwapRound],
    *,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Error at every pixel over the attempts at corrected targets and over the rounds of swaps.

    Bodies that were kept are filled dots, the others circles; those that fell apart are left out.

    Parameters
    ----------
    corrections : sequence of CorrectionRound
        Attempts at a target; not drawn if there is one alone.
    swaps : sequence of SwapRound
        Rounds of the closed loop, the first the body that it started from.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If there was no round, the width is out of range, or the file cannot be written.
    """
    parts = [rounds for rounds in (corrections, swaps) if len(rounds) > 1]
    if not parts:
        raise ValueError(
            "there is no round to draw; design with correction_rounds or swap_rounds above 0"
        )
    shape = panels_shape(width, len(parts))
    with drawing(path, width, height=panels_height(width, shape)) as made:
        panels = panels_of(made, shape, len(parts))
        if len(corrections) > 1:
            ax = panels[0]
            macro = np.array([each.macro for each in corrections])
            pixels = np.array([each.pixels for each in corrections])
            _draw(ax, 1, macro, "macro optimum, of its own aim")
            _draw_pixels(ax, 1, pixels, [each.kept for each in corrections])
            ax.set_xlabel("attempt")
            heading(ax, "corrected targets", shape[1])
        if len(swaps) > 1:
            ax = panels[-1]
            predicted = np.array([each.predicted for each in swaps])
            pixels = np.array([each.pixels for each in swaps])
            _draw(ax, 0, predicted, "predicted by the windows")
            _draw_pixels(ax, 0, pixels, [each.kept for each in swaps])
            ax.set_xlabel("round of swaps")
            heading(ax, "closed loop", shape[1])
        for ax in panels:
            ax.set_ylabel("RRMSE")
            ax.set_ylim(bottom=0.0)
            ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
            legend(ax, inside=True)
    return made


def _draw(ax: Axes, first: int, values: FloatArray, label: str) -> None:
    """Errors that a cheaper model gives."""
    rounds = np.arange(first, first + len(values))
    ax.plot(rounds, values, "x", color=TARGET, markersize=MARK, label=label)


def _draw_pixels(ax: Axes, first: int, values: FloatArray, kept: Sequence[bool]) -> None:
    """Errors at every pixel; a line joins the bodies that were kept."""
    rounds, is_kept = np.arange(first, first + len(values)), np.array(kept, bool)
    solved = np.where(np.isfinite(values), values, np.nan)
    ax.plot(rounds[is_kept], solved[is_kept], "-o", color=ACHIEVED, markersize=MARK,
            label="every pixel")  # fmt: skip
    if not is_kept.all():
        ax.plot(rounds[~is_kept], solved[~is_kept], "o", color=ACHIEVED, markersize=MARK,
                fillstyle="none", label="every pixel, not kept")  # fmt: skip
