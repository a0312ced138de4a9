"""Candidates for targets by several ways of choosing, on a map of the latent space (Fig. 11)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from metafast._base.typing import AnyArray, FloatArray
from metafast.plotting.cells import draw_cell
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.style import CYCLE, GREY, MARK, PALE, SMALL_TYPE, THIN, Width, width_in_mm
from metafast.plotting.words import legend, main_heading

_NARROW = 120.0  # mm up to which the cells are below the map
_MARKERS = "os^Dv"


@dataclass(frozen=True, eq=False)
class CandidateSets:
    """Candidates for one target, by the way in which they were chosen.

    Parameters
    ----------
    title : str
        Words above, for instance the target.
    pool : (m, 2) array
        Places of the cells that were chosen from, on a map of the latent space.
    points : mapping of str to (k, 2) array
        Places of the candidates.
    cells : mapping of str to (k, h, w) array
        The candidates, in the same order.
    """

    title: str
    pool: FloatArray
    points: Mapping[str, FloatArray]
    cells: Mapping[str, AnyArray]


def plot_candidates(
    targets: Sequence[CandidateSets],
    title: str = "",
    *,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Candidates for each target on a map of the latent space, and the cells themselves (Fig. 11).

    Parameters
    ----------
    targets : sequence of CandidateSets
    title : str
        Words above all; none if empty.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If there is no target, the width is out of range, or the file cannot be written.
    """
    if not targets:
        raise ValueError("there are no targets to draw; give one set of candidates at least")
    beside = width_in_mm(width) > _NARROW
    high = (0.2 if beside else 0.95) * len(targets) + 0.06
    names = list(targets[0].cells)
    with drawing(path, width, height=high) as made:
        parts = made.subfigures(len(targets), 1, squeeze=False).ravel()
        for part, target in zip(parts, targets, strict=True):
            _draw_target(part, target, beside)
            part.suptitle(target.title, x=0.01, ha="left")
        near: dict[str, Any] = {"color": GREY, "marker": ".", "markersize": MARK}
        looks = [near, *(_look(k) for k in range(len(names)))]
        marks = [
            Line2D([], [], linestyle="", label=name, **look)
            for name, look in zip(["cells near the target", *names], looks, strict=True)
        ]
        legend(made.axes[0], marks, inside=False)
        main_heading(made, title)
    return made


def _draw_target(part: Any, target: CandidateSets, beside: bool) -> None:
    """Map and cells of one target."""
    ratios: dict[str, Any] = {"width_ratios": (1.0, 3.2)} if beside else {"height_ratios": (2, 1)}
    sides = part.subfigures(*((1, 2) if beside else (2, 1)), squeeze=False, **ratios).ravel()
    ax = sides[0].subplots()
    ax.plot(*target.pool.T, ".", color=PALE, markersize=MARK)
    ax.set(xlabel="first component", ylabel="second component")
    most = max(len(cells) for cells in target.cells.values())
    places = sides[1].subplots(len(target.cells), most, squeeze=False)
    for k, (name, cells) in enumerate(target.cells.items()):
        look = _look(k)
        ax.plot(*target.points[name].T, linestyle="", zorder=3, **look)
        for c, place in enumerate(places[k]):
            draw_cell(place, cells[c] if c < len(cells) else None)
        places[k, 0].set_title(" ", fontsize=SMALL_TYPE, pad=2.0)
        where = places[k, 0].transAxes
        words = places[k, 0].text(
            0.0, 1.05, name, fontsize=SMALL_TYPE, color=look["color"], transform=where
        )
        words.set_in_layout(False)  # it is wider than its cell


def _look(number: int) -> dict[str, Any]:
    """Look of a way of choosing: dots, then rings that leave those inside them visible."""
    style: dict[str, Any] = {"color": CYCLE[number % len(CYCLE)], "marker": _MARKERS[number % 5]}
    if number == 0:
        return style | {"markersize": MARK, "markeredgewidth": 0.0}
    return style | {"markersize": (1.0 + 0.6 * number) * MARK, "fillstyle": "none",
                    "markeredgewidth": THIN}  # fmt: skip
