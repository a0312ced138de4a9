"""Compliance of a design, from the macro optimum down to every pixel, and what its loops can do.

The loops lower the errors of displacements. With compliance alone as objective they have nothing to
go by, so such a design is the open loop.
"""

from __future__ import annotations

from dataclasses import dataclass

from metafast.pipeline.options import DesignOptions
from metafast.problems import Problem

_ROUNDS = ("property_rounds", "correction_rounds", "swap_rounds")


@dataclass(frozen=True)
class Compliance:
    """Work ``f . u`` of the loads, in units of E times a cell's area and per thickness.

    Attributes
    ----------
    macro : float
        Optimal properties.
    own_cells : float
        Macro model with the chosen cells' own properties.
    pixels : float
        Every pixel.
    """

    macro: float
    own_cells: float
    pixels: float


def options_for(problem: Problem, options: DesignOptions) -> DesignOptions:
    """The options, with all loops and the finer mesh left out where compliance alone counts.

    Raises
    ------
    ValueError
        If such a loop was asked for.
    """
    if problem.objective != "compliance":
        return options
    for name in _ROUNDS:
        if getattr(options, name):
            raise ValueError(
                f"{name} is {getattr(options, name)}, but problem {problem.name!r} asks for the "
                "least compliance, and the loops lower errors of displacements; leave it out"
            )
    if options.fine_mesh is not None and options.fine_mesh > 1:
        raise ValueError(
            f"fine_mesh is {options.fine_mesh}, but only the closed loop uses it, which a problem "
            "of compliance has not; leave it out, and set refine for a finer solution"
        )
    return options.changed(**dict.fromkeys(_ROUNDS, 0), fine_mesh=1)
