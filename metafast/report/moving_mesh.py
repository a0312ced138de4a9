"""Traces of a macro mesh that a slider moves from rest to the full load."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from metafast._base.typing import FloatArray
from metafast.problems import Problem
from metafast.report.deformed_mesh import MeshLines, on_the_way
from metafast.report.section import FAINT, INK, VERMILION, plotly


class Panel(NamedTuple):
    """One kinematics of a body.

    Attributes
    ----------
    title : str
    rate, full : (rows+1, cols+1, 2) arrays
        Displacement by linear elasticity, at which the body starts to move, and at the full load.
    """

    title: str
    rate: FloatArray
    full: FloatArray


def moving_traces(
    mesh: MeshLines, problem: Problem, panel: Panel, component: int, share: float
) -> list[Any]:
    """Traces of one panel at a share of the load: lines, outline, nodes, and targets if any.

    Parameters
    ----------
    mesh : MeshLines
    problem : Problem
    panel : Panel
    component : int
        Component of the displacement that colours the nodes.
    share : float
    """
    go = plotly()
    u = on_the_way(panel.rate, panel.full, share)
    (ix, iy), (ox, oy) = mesh.drawn(mesh.inside, u), mesh.drawn(mesh.outline, u)
    nx, ny = mesh.drawn(mesh.nodes, u)
    at = np.divmod(mesh.nodes, mesh.columns)
    moved = u[at].astype(np.float32)
    traces = [
        go.Scatter(
            x=ix,
            y=iy,
            mode="lines",
            line={"color": FAINT, "width": 1},
            hoverinfo="skip",
            showlegend=False,
            name="cells",
        ),
        go.Scatter(
            x=ox,
            y=oy,
            mode="lines",
            line={"color": INK, "width": 1.8},
            hoverinfo="skip",
            showlegend=True,
            name="outline",
        ),
        go.Scatter(
            x=nx,
            y=ny,
            mode="markers",
            showlegend=False,
            name="nodes",
            customdata=moved,
            marker={"size": 5, "color": moved[:, component], "coloraxis": "coloraxis"},
            hovertemplate="u<sub>x</sub> %{customdata[0]:.4f}<br>"
            "u<sub>y</sub> %{customdata[1]:.4f}<extra></extra>",
        ),
    ]
    if problem.wanted.any():
        tx, ty = _targets(problem, u, share)
        size = float(np.clip(300 / problem.cols, 5, 10))
        traces.append(
            go.Scatter(
                x=tx,
                y=ty,
                mode="markers",
                showlegend=True,
                name="target at this load",
                marker={
                    "symbol": "circle-open",
                    "size": size,
                    "color": VERMILION,
                    "line": {"width": 1.8},
                },
                hovertemplate="target<extra></extra>",
            )
        )
    return traces


def _targets(problem: Problem, u: FloatArray, share: float) -> tuple[FloatArray, FloatArray]:
    """Positions of the nodes with a target, at that share of it; components without one follow."""
    at = np.nonzero(problem.wanted.any(axis=2))
    target = share * problem.target[at]
    moved = np.where(np.isfinite(target), target, u[at])
    x, y = at[1] + moved[:, 0], problem.rows - at[0] + moved[:, 1]
    return x.astype(np.float32), y.astype(np.float32)


def moved_part(trace: Any) -> dict[str, Any]:
    """What changes in a trace from one share of the load to the next."""
    part = {"type": "scatter", "x": trace.x, "y": trace.y}
    if trace.customdata is not None:
        part |= {"customdata": trace.customdata, "marker": {"color": trace.marker.color}}
    return part
