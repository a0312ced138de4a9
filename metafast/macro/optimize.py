"""First stage: a field of properties that deforms as wanted (section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import require_array, require_count, require_number, require_properties
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, FloatArray
from metafast.macro.constraint import paper_constraint
from metafast.macro.fem import MacroModel
from metafast.macro.mma import MMA
from metafast.macro.objective import displacement_objective
from metafast.macro.smoothing import SmoothVariables
from metafast.macro.variables import GradationVariables, SpaceVariables, Variables
from metafast.problems import Problem
from metafast.properties import PropertySpace
from metafast.properties.gradation import Gradation

_BETA_FIRST, _BETA_LAST, _BETA_EVERY = 25.0, 400.0, 60
_SCALE = 100.0  # of the first objective value: where MMA's convexity terms are small
_FEASIBLE = 1e-3

HISTORY = np.dtype(
    [
        ("iteration", int),
        ("rrmse", float),
        ("constraint", float),
        ("paper_constraint", float),
        ("beta", float),
        ("change", float),
    ]
)


@dataclass(frozen=True, eq=False)
class PropertyField:
    """Optimised properties of every cell.

    Attributes
    ----------
    properties : (rows, cols, 4) array
        C11, C12, C22, C33, in units of E.
    displacement : (rows+1, cols+1, 2) array
        Displacement of the macro nodes (u_x, u_y), in cell widths.
    rrmse : float
        Relative root mean square error of the target degrees of freedom.
    feasible : bool
        Whether the paper's constraint holds at the final steepness.
    history : structured array
        Per iteration: rrmse, constraint used, paper's constraint, beta, largest change.
    """

    properties: FloatArray
    displacement: FloatArray
    rrmse: float
    feasible: bool
    history: AnyArray


def optimize_properties(
    problem: Problem,
    space: PropertySpace | Gradation,
    *,
    start: Any = None,
    smoothing: float = 0.0,
    mesh: int = 1,
    max_iterations: int = 500,
    tolerance: float = 1e-3,
    move: float = 0.05,
    progress: Progress = silent,
) -> PropertyField:
    """Find properties inside the space whose displacement meets the target (Eqs. 8-15).

    Four variables per cell in the space's unit coordinates, adjoint sensitivities, MMA, steepness
    doubled from 25 to 400. Starts from the innermost point of the space, keeps the best feasible
    iterate, and stops when no variable moves by more than `tolerance`.

    Along a gradation there is one variable per cell and nothing to violate: the gradation is the
    equality constraint of Eq. 8. It starts from its middle.

    When every load is a prescribed displacement, the displacement depends only on the *ratios* of
    the stiffnesses: scaling a whole field changes nothing.

    Parameters
    ----------
    problem : Problem
    space : PropertySpace or Gradation
        The coordinates of a space (logarithmic by default), or the place along a gradation, are the
        design variables.
    start : (rows, cols, 4) array, optional
        Properties to start from: the nearest that the variables can describe.
    smoothing : float
        Radius of a filter, in cell widths, that keeps neighbouring cells alike; nothing happens
        up to 1.
    mesh : int
        Elements per cell side.
    max_iterations : int
    tolerance : float
        Largest change of a variable at which to stop.
    move : float
        Largest change of a variable per iteration.
    progress : callable, optional
        Called as ``progress(what, iteration, max_iterations)``.

    Returns
    -------
    PropertyField
        Best feasible iterate; if none was feasible, the one that violates least, with
        ``feasible`` False.

    Raises
    ------
    ValueError
        If an argument is out of range.
    """
    if not isinstance(problem, Problem) or not isinstance(space, PropertySpace | Gradation):
        raise ValueError(
            f"got {type(problem).__name__} and {type(space).__name__}; a Problem and a "
            "PropertySpace are needed, or a Gradation in its place"
        )
    max_iterations = require_count("max_iterations", max_iterations)
    require_number("tolerance", tolerance, above=0.0)
    require_number("move", move, above=0.0, below=1.0, closed=True)
    model = MacroModel(problem, mesh)
    variables: Variables = (
        GradationVariables(space) if isinstance(space, Gradation) else SpaceVariables(space)
    )
    if require_number("smoothing", smoothing, above=0.0, closed=True) > 1.0:
        variables = SmoothVariables(variables, problem.rows, problem.cols, smoothing)
    x = variables.start(problem.rows * problem.cols)
    if start is not None:
        given = require_array("start", start)
        if given.shape != (problem.rows, problem.cols, 4):
            raise ValueError(
                f"start has shape {given.shape}; ({problem.rows}, {problem.cols}, 4) is needed"
            )
        x = variables.nearest(require_properties(given.reshape(-1, 4), "start"))
    mma = MMA(np.zeros(x.size), np.ones(x.size), move=move)
    history = np.zeros(max_iterations, dtype=HISTORY)
    best: tuple[tuple[bool, float], FloatArray, FloatArray] | None = None
    norm = float(np.linalg.norm(model.target_values))
    scale = 0.0

    for iteration in range(max_iterations):
        beta = min(_BETA_LAST, _BETA_FIRST * 2.0 ** (iteration // _BETA_EVERY))
        value, by_property, u = displacement_objective(model, variables.properties(x))
        gradient = variables.gradient(x, by_property)
        constraint, slope, distance = variables.constraint(x, beta)
        violation = paper_constraint(distance, _BETA_LAST)
        scale = scale or _SCALE / max(value, 1e-12)
        feasible = violation <= _FEASIBLE
        rank = (not feasible, value if feasible else violation)
        if best is None or rank < best[0]:
            best = rank, x.copy(), u
        moved = mma.step(x.ravel(), scale * gradient.ravel(), constraint, slope.ravel())
        change = float(np.abs(moved - x.ravel()).max())
        x = variables.settled(moved.reshape(x.shape))
        history[iteration] = (
            iteration,
            np.sqrt(value) / norm,
            constraint,
            paper_constraint(distance, beta),
            beta,
            change,
        )
        progress("macro optimisation", iteration + 1, max_iterations)
        if change < tolerance and (beta == _BETA_LAST or not variables.constrained):
            break
    history = history[: iteration + 1]
    progress("macro optimisation", max_iterations, max_iterations)

    assert best is not None
    rank, unit, u = best
    displacement = model.macro_nodes(u)
    return PropertyField(
        properties=variables.properties(unit).reshape(problem.rows, problem.cols, 4),
        displacement=displacement,
        rrmse=problem.rrmse(displacement),
        feasible=not rank[0],
        history=history,
    )
