"""Convergence of both stages: macro optimisation and assembly."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullLocator

from metafast.assembly.tiling import Assembly
from metafast.macro import PropertyField
from metafast.plotting.figures import PathLike, drawing
from metafast.plotting.panels import panels_height, panels_of, panels_shape
from metafast.plotting.style import ACHIEVED, GREY, HAIR, INK, TARGET, THIN, Width
from metafast.plotting.words import heading, legend

_FEW, _NICE = 100.0, (1.0, 2.0, 5.0)
_LINEAR = 1.0  # size of the constraint up to which its axis is linear


def plot_convergence(
    field: PropertyField,
    assembly: Assembly,
    *,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Error and constraint of the macro optimisation; bound and energy of the assembly.

    An assembly that dynamic programming solved outright has no course to draw: its energy is told.

    Parameters
    ----------
    field : PropertyField
    assembly : Assembly
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the width is out of range, or the file cannot be written.
    """
    count = 1 if assembly.iterations == 0 else 2
    shape = panels_shape(width, count)
    with drawing(path, width, height=panels_height(width, shape)) as made:
        axes = panels_of(made, shape, count)
        _draw_macro(axes[0], field, shape[1])
        if count == 1:
            proof = "solved exactly by dynamic programming"
            exact = f"assembly: {proof}, energy\u00a0{assembly.energy:.6f}"
            heading(axes[0], f"{axes[0].get_title(loc='left')}; {exact}")
        else:
            _draw_assembly(axes[1], assembly, shape[1])
    return made


def _draw_macro(ax: Axes, field: PropertyField, columns: int) -> None:
    """Error, or compliance, and constraint over the iterations."""
    history = field.history
    error = f"RRMSE {field.rrmse:.4f}"
    what, name, unit = "rrmse", "RRMSE", ""
    if np.isnan(field.rrmse):
        what, name, unit = "compliance", "compliance", " ($E\\,t\\,w^2$)"
        error = f"compliance {field.compliance:.4g}"
    (line,) = ax.semilogy(history["iteration"], history[what], color=ACHIEVED, label=name)
    ax.set(xlabel="iteration", ylabel=f"{name}{unit}")
    low, high = ax.get_ylim()
    if high < _FEW * low:  # decades alone would leave one number or none
        ax.yaxis.set_major_locator(LogLocator(subs=_NICE))
        ax.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        ax.yaxis.set_minor_locator(NullLocator())
    other = ax.twinx()
    style: dict[str, Any] = {
        "color": TARGET,
        "linewidth": THIN,
        "linestyle": "--",
        "label": "constraint",
    }
    (bound,) = other.plot(history["iteration"], history["paper_constraint"], **style)
    other.axhline(0, color=GREY, linewidth=HAIR)
    other.set_yscale("symlog", linthresh=_LINEAR)
    other.set_ylabel("constraint (met if $\\leq$ 0)")
    other.spines["right"].set_visible(True)
    legend(ax, (line, bound), inside=True)
    heading(ax, f"macro optimisation: {error}", columns)


def _draw_assembly(ax: Axes, assembly: Assembly, columns: int) -> None:
    """Energy of the best assembly and certified bound over the time."""
    h = assembly.history
    ax.plot(h["time"], h["energy"], color=INK, label="energy of the best assembly")
    ax.plot(h["time"], h["bound"], color=ACHIEVED, linestyle="--", label="certified lower bound")
    finite = h["bound"][np.isfinite(h["bound"])]
    if len(finite) > 3:
        ax.set_ylim(bottom=np.quantile(finite, 0.05))
    ax.set(xlabel="time (s)", ylabel="energy (sum of costs)")
    legend(ax, inside=True)
    proof = "proved optimal" if assembly.optimal else f"gap {assembly.gap:.1e}"
    heading(ax, f"assembly: {proof}", columns)
