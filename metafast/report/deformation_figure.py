"""Interactive deformation of a body: a slider for the load, linear and finite side by side."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from metafast._base.typing import FloatArray
from metafast.problems import Problem
from metafast.report.deformed_mesh import MeshLines
from metafast.report.moving_mesh import Panel, moved_part, moving_traces
from metafast.report.section import BLUE, SCALE, WIDTH, Section, look, plotly

if TYPE_CHECKING:
    from metafast.structure import StructureResponse

_STEPS = 10
_STILL = {"transition": {"duration": 0}}
_COMPONENTS = ("u<sub>x</sub>", "u<sub>y</sub>")


def deformation_section(response: StructureResponse, problem: Problem) -> Section:
    """The macro mesh from rest to the full load, by linear elasticity and at finite deformation."""
    go = plotly()
    panels = _panels(response, problem)
    mesh = MeshLines.of(problem.present)
    component = _component(problem, response.displacement)
    wide = problem.cols > 2 * problem.rows
    shares = np.linspace(0.0, 1.0, _STEPS + 1)
    drawn = [[moving_traces(mesh, problem, p, component, float(s)) for p in panels] for s in shares]
    ranges = _ranges([trace for frame in drawn for panel in frame for trace in panel])
    rows, cols = (len(panels), 1) if wide else (1, len(panels))
    figure = import_module("plotly.subplots").make_subplots(
        rows,
        cols,
        subplot_titles=[panel.title for panel in panels],
        vertical_spacing=0.12,
        horizontal_spacing=0.04,
    )
    for number, traces in enumerate(drawn[-1]):
        place = (number + 1, 1) if wide else (1, number + 1)
        for trace in traces:
            figure.add_trace(trace.update(showlegend=number == 0 and trace.showlegend), *place)
        _name_cases(figure, problem, ranges[1][0], place)
    moving = list(range(len(figure.data)))
    figure.frames = [
        go.Frame(
            name=f"{share:.1f}",
            data=[moved_part(trace) for panel in frame for trace in panel],
            traces=moving,
        )
        for share, frame in zip(shares, drawn, strict=True)
    ]
    _arrange(figure, ranges, rows, cols, component)
    known = np.concatenate([panel.full[problem.nodes][:, component] for panel in panels])
    low, high = min(float(known.min()), 0.0), max(float(known.max()), 0.0)
    figure.update_coloraxes(cmin=low, cmax=high if high > low else 1.0)  # one scale for all loads
    return Section("deformation", "Deformation", _words(response, problem), figure)


def _panels(response: StructureResponse, problem: Problem) -> list[Panel]:
    asked = bool(problem.wanted.any())
    linear, full = np.nan_to_num(response.linear_displacement), np.nan_to_num(response.displacement)
    was = f" (RRMSE {response.linear_rrmse:.4f})" if asked else ""
    panels = [Panel(f"linear elasticity{was}", linear, linear)]
    if response.kinematics == "finite":
        error = f" (RRMSE {response.rrmse:.4f})" if asked else ""
        panels.append(Panel(f"finite deformation, {response.law}{error}", linear, full))
    return panels


def _component(problem: Problem, displacement: FloatArray) -> int:
    """The component to colour by: the one that the targets ask most of, else the larger one."""
    asked = problem.target if problem.wanted.any() else displacement
    return int(np.argmax(np.nansum(asked**2, axis=(0, 1))))


def _name_cases(figure: Any, problem: Problem, bottom: float, place: tuple[int, int]) -> None:
    """The name of each of several load cases, below its copy of the body."""
    row, col = place
    for number, name in enumerate(problem.cases):
        middle = number * problem.period + 0.5 * (problem.period - 1)
        where = {"x": middle, "y": bottom, "yanchor": "bottom", "row": row, "col": col}
        figure.add_annotation(text=name, showarrow=False, **where)


def _ranges(traces: list[Any]) -> list[list[float]]:
    """Ranges of x and y that hold all traces."""
    found = []
    for values in ([t.x for t in traces], [t.y for t in traces]):
        low = min(float(np.nanmin(v)) for v in values if len(v))
        high = max(float(np.nanmax(v)) for v in values if len(v))
        found.append([low - 0.4, high + 0.3])
    return found


def _arrange(figure: Any, ranges: list[list[float]], rows: int, cols: int, component: int) -> None:
    """Axes of equal scale, the slider, the buttons that play, and the colours."""
    (left, right), (bottom, top) = ranges
    figure.update_xaxes(range=[left, right], visible=False, constrain="domain")
    figure.update_yaxes(range=[bottom, top], visible=False, constrain="domain")
    for number, axis in enumerate(figure.select_yaxes()):
        axis.update(scaleanchor="x" if number == 0 else f"x{number + 1}")
    inner = (WIDTH - 130) / cols
    height = min(inner * (top - bottom) / (right - left), 620)
    names = [frame.name for frame in figure.frames]
    at_once = {"mode": "immediate", "frame": {"duration": 0, "redraw": True}}
    steps = [
        {"label": name, "method": "animate", "args": [[name], at_once | _STILL]} for name in names
    ]
    slider = {
        "active": len(names) - 1,
        "steps": steps,
        "currentvalue": {"prefix": "share of the load: "},
        "x": 0.17,
        "len": 0.83,
        "pad": {"t": 20},
    }
    play = {"frame": {"duration": 250, "redraw": True}, "fromcurrent": False} | _STILL
    buttons = [
        {"label": "play", "method": "animate", "args": [names, play]},
        {"label": "stop", "method": "animate", "args": [[None], at_once | _STILL]},
    ]
    menu = {
        "type": "buttons",
        "direction": "left",
        "buttons": buttons,
        "x": 0.0,
        "xanchor": "left",
        "y": 0.0,
        "yanchor": "top",
        "pad": {"t": 35},
        "showactive": False,
    }
    figure.update_layout(
        look(
            rows * (height + 45) + 170,
            margin={"l": 15, "r": 110, "t": 70, "b": 110},
            sliders=[slider],
            updatemenus=[menu],
            legend={"orientation": "h", "x": 0, "y": 1.0, "yanchor": "top", "yref": "container"},
            coloraxis={
                "colorscale": SCALE,
                "colorbar": {
                    "title": {"text": f"{_COMPONENTS[component]} in cell widths", "side": "right"},
                    "thickness": 14,
                },
            },
        )
    )
    figure.update_annotations(font={"size": 13, "color": BLUE})


def _words(response: StructureResponse, problem: Problem) -> str:
    finite = response.kinematics == "finite"
    words = (
        "The macro mesh at true scale, moved by the displacement of every pixel around its nodes. "
    )
    if problem.wanted.any():
        words += "Circles are the target at the same share of the load. "
    words += "Move the slider from the undeformed body to the full load, or press play. "
    if not finite:
        return words + "The solution is linear: displacements grow with the load."
    return words + (
        "At the left or above small displacements are assumed, as in the paper; the other is the "
        "equilibrium at finite deformation. The full load is what was solved. In between the body "
        "is drawn on the quadratic curve that starts at the rate of linear elasticity and ends "
        "there; it shows the way and is not an equilibrium of its own."
    )
