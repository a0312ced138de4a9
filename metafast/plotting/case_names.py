"""Names of load cases, below the copies of the body."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes

from metafast.plotting.figures import INK
from metafast.problems import Problem

_BELOW = 0.04  # distance from the body, as a share of its height


def name_cases(ax: Axes, problem: Problem) -> None:
    """Write the name of each of several load cases below its copy of the body."""
    for number, name in enumerate(problem.cases):
        middle = number * problem.period + 0.5 * (problem.period - 1)
        style: dict[str, Any] = {"ha": "center", "va": "top", "fontsize": 9, "color": INK}
        ax.text(middle, -_BELOW * problem.rows, name, **style)
