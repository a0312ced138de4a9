"""Convergence of both stages: macro optimisation and assembly."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from metafast.assembly.tiling import Assembly
from metafast.macro import PropertyField
from metafast.plotting.figures import ACHIEVED, INK, TARGET, figure


def plot_convergence(field: PropertyField, assembly: Assembly) -> Figure:
    """Error and constraint of the macro optimisation; bound and energy of the assembly."""
    made = figure(11.0, 3.6)
    left, right = made.subplots(1, 2)
    history = field.history
    error = f"RRMSE {field.rrmse:.4f}"
    what, name = "rrmse", "RRMSE"
    if np.isnan(field.rrmse):
        what, name, error = "compliance", "compliance", f"compliance {field.compliance:.4g}"
    left.semilogy(history["iteration"], history[what], color=ACHIEVED, label=name)
    left.set_xlabel("iteration")
    left.set_ylabel(name)
    other = left.twinx()
    other.plot(history["iteration"], history["paper_constraint"], color=TARGET, linewidth=1)
    other.axhline(0, color="0.7", linewidth=0.6)
    other.set_yscale("symlog", linthresh=1.0)
    other.set_ylabel("constraint (feasible if <= 0)", color=TARGET)
    left.set_title(f"macro optimisation: {error}", fontsize=10, loc="left")

    proof = "proved optimal" if assembly.optimal else f"gap {assembly.gap:.1e}"
    right.set_title(f"assembly: {proof}", fontsize=10, loc="left")
    if assembly.iterations == 0:
        text = f"solved exactly by dynamic programming\nenergy {assembly.energy:.6f}"
        right.text(0.5, 0.5, text, ha="center", va="center", transform=right.transAxes)
        right.set_axis_off()
        return made
    h = assembly.history
    right.plot(h["time"], h["energy"], color=INK, label="energy of the best assembly")
    right.plot(h["time"], h["bound"], color=ACHIEVED, label="certified lower bound")
    finite = h["bound"][np.isfinite(h["bound"])]
    if len(finite) > 3:
        right.set_ylim(bottom=np.quantile(finite, 0.05))
    right.set_xlabel("seconds")
    right.legend(fontsize=8)
    return made
