"""Interactive load path: force, energy and error over the share of the load."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from metafast.report.section import BLUE, VERMILION, Section, look, plotly

if TYPE_CHECKING:
    from metafast.structure import StructureResponse

_TITLES = {
    "reaction": "force, {unit} per load",
    "energy": "stored energy, {unit}",
    "rrmse": "RRMSE to that share of the target",
}


def path_section(response: StructureResponse, scale: float, unit: str) -> Section | None:
    """The equilibria from rest to the full load; None for linear elasticity, which has no path.

    Parameters
    ----------
    response : StructureResponse
    scale : float
        What an energy of the response is in `unit`.
    unit : str
    """
    steps = np.sort(response.path, order="load")
    if not len(steps):
        return None
    go = plotly()
    shown = [name for name in _TITLES if np.isfinite(steps[name]).any()]
    figure = import_module("plotly.subplots").make_subplots(
        1,
        len(shown),
        subplot_titles=[_TITLES[name].format(unit=unit) for name in shown],
        horizontal_spacing=0.09,
    )
    followed = len(steps) > 1  # else the body was solved at the full load alone
    unstable = steps["negative"] > 0
    look_of = {"mode": "lines+markers" if followed else "markers", "showlegend": False}
    for place, name in enumerate(shown, 1):
        factor = 1.0 if name == "rrmse" else scale
        start = response.linear_rrmse if name == "rrmse" else 0.0
        load, value = np.r_[0.0, steps["load"]], np.r_[start, factor * steps[name]]
        number = f"{name} %{{y:.4g}}{'' if name == 'rrmse' else ' ' + unit}"
        figure.add_trace(
            go.Scatter(
                x=load,
                y=value,
                **look_of,
                marker={"color": BLUE, "size": 7},
                line={"color": BLUE},
                hovertemplate=f"load %{{x:.3f}}<br>{number}<extra></extra>",
                name=name,
            ),
            1,
            place,
        )
        if unstable.any():
            figure.add_trace(
                go.Scatter(
                    x=steps["load"][unstable],
                    y=factor * steps[name][unstable],
                    mode="markers",
                    marker={"symbol": "x", "size": 11, "color": VERMILION},
                    name="an unstable equilibrium was left here",
                    showlegend=place == 1,
                ),
                1,
                place,
            )
    figure.update_xaxes(title_text="share of the load", range=[-0.03, 1.05])
    figure.update_yaxes(rangemode="tozero", linecolor="#8a9099", ticks="outside")
    figure.update_layout(
        look(
            340, margin={"l": 60, "r": 20, "t": 50, "b": 60}, legend={"y": -0.3, "orientation": "h"}
        )
    )
    return Section("path", "Load path", _words(followed), figure)


def _words(followed: bool) -> str:
    words = (
        "Points are equilibria that were solved. The force is the work per share of the load: the "
        "derivative of the energy by the load where no dead loads act. The error starts with that "
        "of linear elasticity."
    )
    if followed:
        return words
    return words + (
        " This body was solved at the full load alone, from the displacement of one like it; "
        "metafast verify follows it from rest."
    )
