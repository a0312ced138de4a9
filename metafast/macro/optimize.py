"""Property optimisation: a field of stiffnesses with the target displacement (section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

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
_SCALE = 100.0  # first value of the scaled objective: MMA's convexity terms are small there
_FEASIBLE = 1e-3  # largest value of the paper's constraint that counts as feasible

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
        One record per iteration: iteration, rrmse, constraint used, paper's constraint, beta,
        largest change of a variable.
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
    smoothing: float = 1.5,
    mesh: int = 1,
    max_iterations: int = 500,
    tolerance: float = 1e-3,
    move: float = 0.05,
    progress: Progress = silent,
) -> PropertyField:
    """Optimise the properties of every cell for the target displacement (Eqs. 8-15).

    In a property space each cell has four variables, its unit coordinates, and the constraint of
    Eqs. 11 and 12 keeps it inside; the search starts from the innermost point of the space. Along a
    gradation each cell has one variable and no constraint, since the gradation is the equality
    constraint of Eq. 8; the search starts from its middle. Sensitivities are adjoint, the optimiser
    is MMA, and the steepness of the constraint doubles from 25 to 400. The search stops when no
    variable moves by more than `tolerance`.

    If every load is a prescribed displacement, the displacement depends only on the *ratios* of the
    stiffnesses: scaling the whole field changes nothing.

    Parameters
    ----------
    problem : Problem
    space : PropertySpace or Gradation
        Properties that a cell can have. The design variables are the coordinates of the space
        (logarithmic by default), or the place along the gradation.
    start : (rows, cols, 4) array, optional
        Properties to start from; the nearest field that the variables can describe is taken.
    smoothing : float
        Radius of a filter over the field, in cell widths, that keeps neighbouring cells alike.
        Radii up to 1 reach no neighbour; 0, no filter, is the paper's.
    mesh : int
        Elements per cell side.
    max_iterations : int
        Largest number of iterations.
    tolerance : float
        Largest change of a variable at which to stop.
    move : float
        Largest change of a variable per iteration.
    progress : callable, optional
        Called as ``progress("macro optimisation", iteration, max_iterations)``.

    Returns
    -------
    PropertyField
        Best feasible iterate; if none was feasible, the one with the least violation, with
        ``feasible`` False.

    Raises
    ------
    ValueError
        If an argument is of the wrong kind or out of range.
    numpy.linalg.LinAlgError
        If a stiffness is not positive definite.
    """
    _require_kinds(problem, space)
    max_iterations = require_count("max_iterations", max_iterations)
    require_number("tolerance", tolerance, above=0.0)
    require_number("move", move, above=0.0, below=1.0, closed=True)
    model = MacroModel(problem, mesh)
    variables = _design_variables(problem, space, smoothing)
    search = _Search(model, variables, _first_iterate(problem, variables, start), move)
    history = np.zeros(max_iterations, dtype=HISTORY)
    for iteration in range(max_iterations):
        history[iteration] = search.step(iteration)
        progress("macro optimisation", iteration + 1, max_iterations)
        if search.settled and history["change"][iteration] < tolerance:
            break
    progress("macro optimisation", max_iterations, max_iterations)
    return search.result(problem, history[: iteration + 1])


def _require_kinds(problem: Any, space: Any) -> None:
    if not isinstance(problem, Problem) or not isinstance(space, PropertySpace | Gradation):
        raise ValueError(
            f"problem is a {type(problem).__name__} and space a {type(space).__name__}; a Problem "
            "and a PropertySpace are needed, or a Gradation in place of the space"
        )


def _design_variables(
    problem: Problem, space: PropertySpace | Gradation, smoothing: float
) -> Variables:
    """Variables of a space or along a gradation, filtered if the radius reaches the neighbours."""
    variables: Variables = (
        GradationVariables(space) if isinstance(space, Gradation) else SpaceVariables(space)
    )
    if require_number("smoothing", smoothing, above=0.0, closed=True) > 1.0:
        return SmoothVariables(variables, problem.rows, problem.cols, smoothing)
    return variables


def _first_iterate(problem: Problem, variables: Variables, start: Any) -> FloatArray:
    """Variables (cells, d) nearest to the given properties, or the variables' own start."""
    if start is None:
        return variables.start(problem.rows * problem.cols)
    given = require_array("start", start)
    if given.shape != (problem.rows, problem.cols, 4):
        raise ValueError(
            f"start has shape {given.shape}; ({problem.rows}, {problem.cols}, 4) is needed"
        )
    return variables.nearest(require_properties(given.reshape(-1, 4), "start"))


class _Best(NamedTuple):
    """Best iterate so far.

    Smaller ranks are better: feasible iterates by their objective, then the others by their
    violation of the paper's constraint.
    """

    rank: tuple[bool, float]
    x: FloatArray
    displacement: FloatArray


class _Search:
    """Iterates of MMA under a constraint that steepens, and the best of them.

    Attributes
    ----------
    settled : bool
        Whether the last step had the final constraint, so that the search may stop.
    """

    def __init__(self, model: MacroModel, variables: Variables, x: FloatArray, move: float) -> None:
        self._model, self._variables, self._x = model, variables, x
        self._mma = MMA(np.zeros(x.size), np.ones(x.size), move=move)
        self._norm = float(np.linalg.norm(model.target_values))
        self._scale = 0.0
        self._best: _Best | None = None
        self.settled = False

    def step(self, iteration: int) -> tuple[float, ...]:
        """Evaluate the iterate and move on; returns its record of `HISTORY`."""
        x, variables = self._x, self._variables
        beta = min(_BETA_LAST, _BETA_FIRST * 2.0 ** (iteration // _BETA_EVERY))
        value, by_property, u = displacement_objective(self._model, variables.properties(x))
        gradient = variables.gradient(x, by_property)
        constraint, slope, distance = variables.constraint(x, beta)
        self._keep(value, paper_constraint(distance, _BETA_LAST), u)
        self._scale = self._scale or _SCALE / max(value, 1e-12)
        moved = self._mma.step(x.ravel(), self._scale * gradient.ravel(), constraint, slope.ravel())
        change = float(np.abs(moved - x.ravel()).max())
        self._x = variables.settled(moved.reshape(x.shape))
        self.settled = beta == _BETA_LAST or not variables.constrained
        rrmse = float(np.sqrt(value)) / self._norm
        return iteration, rrmse, constraint, paper_constraint(distance, beta), beta, change

    def _keep(self, value: float, violation: float, displacement: FloatArray) -> None:
        """Keep the current iterate if it is better than the best so far."""
        feasible = violation <= _FEASIBLE
        rank = (not feasible, value if feasible else violation)
        if self._best is None or rank < self._best.rank:
            self._best = _Best(rank, self._x.copy(), displacement)

    def result(self, problem: Problem, history: AnyArray) -> PropertyField:
        """The best iterate as a field."""
        assert self._best is not None
        displacement = self._model.macro_nodes(self._best.displacement)
        properties = self._variables.properties(self._best.x)
        return PropertyField(
            properties=properties.reshape(problem.rows, problem.cols, 4),
            displacement=displacement,
            rrmse=problem.rrmse(displacement),
            feasible=not self._best.rank[0],
            history=history,
        )
