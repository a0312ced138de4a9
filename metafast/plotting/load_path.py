"""Load paths of a structure at finite deformation: reaction and error over the load."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast._base.typing import AnyArray
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.panels import panels_height, panels_of, panels_shape
from metafast.plotting.style import CYCLE, DOT, LINE, Width
from metafast.plotting.words import heading, legend

_FEW = 40  # steps up to which each is a dot
_CIRCLE = 30.0  # area of a circle in points squared
_STYLES = ("-", "--", "-.", ":")


def plot_load_paths(
    paths: Mapping[str, AnyArray],
    title: str = "",
    *,
    linear: Mapping[str, float] | None = None,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Reaction, and RRMSE relative to that share of the target, over the share of the load.

    Parameters
    ----------
    paths : mapping of str to structured array
        Steps (`metafast.structure.finite.path.STEPS`) by the name of the path. Steps that left an
        unstable equilibrium are circled.
    title : str
    linear : mapping of str to float, optional
        RRMSE by linear elasticity, where the error of the path of that name begins.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If there is no path, the width is out of range, or the file cannot be written.
    """
    if not paths:
        raise ValueError("there is no load path to draw; solve a body at finite deformation")
    # problems without targets have no error to draw
    asked = any(np.isfinite(steps["rrmse"]).any() for steps in paths.values())
    count = 2 if asked else 1
    shape = panels_shape(width, count)
    with drawing(path, width, height=panels_height(width, shape)) as made:
        axes = panels_of(made, shape, count)
        for k, (name, steps) in enumerate(paths.items()):
            begin = (linear or {}).get(name, np.nan)
            _draw_path(axes, name, np.sort(steps, order="load"), k, begin)
        axes[0].set_ylabel("work per share of load ($E\\,t\\,w^2$)")
        heading(axes[0], f"{title}: reaction" if title else "reaction", shape[1])
        if asked:
            axes[1].set_ylabel("RRMSE")
            heading(axes[1], "error relative to that share of the target", shape[1])
        for ax in axes:
            ax.set_xlabel("share of the full load")
            ax.set_xlim(-0.02, 1.02)
            ax.set_ylim(bottom=min(0.0, ax.get_ylim()[0]))
        legend(axes[0], inside=False)
    return made


def _draw_path(axes: list[Axes], name: str, steps: AnyArray, number: int, begin: float) -> None:
    """One path: its reaction and, where there are two axes, its error."""
    colour, load = CYCLE[number % len(CYCLE)], steps["load"]
    look: dict[str, Any] = {"color": colour, "markersize": DOT, "linewidth": LINE}
    look |= {"linestyle": _STYLES[number % len(_STYLES)]}
    look |= {"marker": "o" if len(steps) < _FEW else ""}
    circled = steps[steps["negative"] > 0]
    for ax, what, start in zip(axes, ("reaction", "rrmse"), (0.0, begin), strict=False):
        ax.plot(np.r_[0.0, load], np.r_[start, steps[what]], label=name, **look)
        ax.scatter(circled["load"], circled[what], s=_CIRCLE, facecolors="none", edgecolors=colour)
