"""Errors of a design: RRMSE of the target displacements by its stages and meshes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Errors:
    """RRMSE of the target displacements, from the macro optimum down to every pixel.

    Attributes
    ----------
    macro : float
        Optimal properties, relative to the aim of the first stage.
    own_cells : float
        Macro model with the chosen cells' own properties, relative to the same aim.
    pixels : float
        Every pixel, relative to the problem's own target.
    open_loop : float
        Every pixel before any target correction or swap.
    linear : float
        Every pixel by linear elasticity, as the paper has it.
    fine : float
        Every pixel on a finer mesh; NaN if it was not solved.
    extrapolated : float
        The limit that both meshes point to; NaN without the finer one.
    """

    macro: float
    own_cells: float
    pixels: float
    open_loop: float
    linear: float
    fine: float
    extrapolated: float

    @property
    def headline(self) -> float:
        """The figure nearest to the truth: on the finest mesh that was solved, extrapolated."""
        return self.pixels if np.isnan(self.extrapolated) else self.extrapolated
