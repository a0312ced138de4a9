"""Load paths of a structure at finite deformation: reaction and error over the load."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from metafast._base.typing import AnyArray
from metafast.plotting.figures import ACHIEVED, INK, TARGET, figure

_COLOURS = (ACHIEVED, TARGET, "#edae49", INK, "#3d9970", "#7b4b94")


def plot_load_paths(
    paths: Mapping[str, AnyArray], title: str, *, linear: Mapping[str, float] | None = None
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
    """
    made = figure(11.0, 3.8)
    left, right = made.subplots(1, 2)
    for k, (name, steps) in enumerate(paths.items()):
        colour, style = _COLOURS[k % len(_COLOURS)], "-o" if len(steps) < 40 else "-"
        steps = np.sort(steps, order="load")
        load, look = steps["load"], {"color": colour, "markersize": 3, "linewidth": 1.4}
        left.plot(np.r_[0.0, load], np.r_[0.0, steps["reaction"]], style, label=name, **look)
        begin = (linear or {}).get(name, np.nan)
        right.plot(np.r_[0.0, load], np.r_[begin, steps["rrmse"]], style, **look)
        left_behind = steps[steps["negative"] > 0]
        circles = {"facecolors": "none", "edgecolors": colour, "s": 70, "zorder": 3}
        left.scatter(left_behind["load"], left_behind["reaction"], **circles)
        right.scatter(left_behind["load"], left_behind["rrmse"], **circles)
    left.set_ylabel("reaction (work per share of the load)")
    left.set_title(f"{title}: reaction", fontsize=10, loc="left")
    left.legend(fontsize=8, frameon=False)
    right.set_ylabel("RRMSE")
    right.set_title("error relative to that share of the target", fontsize=10, loc="left")
    for axes in (left, right):
        axes.set_xlabel("share of the load")
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    return made
