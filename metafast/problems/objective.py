"""Objective of a problem: the error of displacements, compliance, or both; a bound on the solid.

Compliance is the work ``f . u`` of forces and tractions f at the equilibrium u under the whole
load, in units of E times a cell's area and per thickness. The body of least compliance is the
stiffest one; since solid makes stiff, it needs a bound on the solid.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from metafast._base.checks import require_number

Objective = Literal["displacement", "compliance"]
OBJECTIVES = get_args(Objective)


def require_objective(name: str, objective: str, weight: float, *, work: bool) -> float:
    """Check an objective, and return the weight of compliance beside displacements.

    Parameters
    ----------
    name : str
        The problem's, for messages.
    objective : {"displacement", "compliance"}
    weight : float
    work : bool
        Whether forces alone act, so that their work measures stiffness.

    Raises
    ------
    ValueError
        If the weight is negative or has no use, or there are no forces, or moved supports beside
        them.
    """
    weight = float(require_number("compliance_weight", weight, above=0.0, closed=True))
    if objective == "compliance" and weight:
        raise ValueError(
            f"problem {name!r}: compliance_weight is {weight:g}, but compliance alone counts; "
            "leave the weight out, or use the objective 'displacement' for both"
        )
    if (objective == "compliance" or weight) and not work:
        raise ValueError(
            f"problem {name!r}: compliance is the work of forces on a body that rests on its "
            "supports; add forces or tractions, and let all supports prescribe 0"
        )
    return weight


def require_share(share: Any) -> float | None:
    """Return a bound on the mean solid share of the designed cells; None for none.

    Raises
    ------
    ValueError
        If it is not in (0, 1].
    """
    if share is None:
        return None
    bound = require_number("solid_share", share, above=0.0, below=1.0, closed=True)
    if bound == 0.0:
        raise ValueError("solid_share is 0; a share above 0 is needed")
    return bound
