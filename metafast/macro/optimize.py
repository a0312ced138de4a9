"""Property optimisation: a field of stiffnesses with the target displacement (section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.checks import (
    require_array,
    require_count,
    require_instance,
    require_number,
    require_progress,
    require_properties,
)
from metafast._base.memory import require_memory
from metafast._base.one_line import one_line
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, FloatArray, Kinematics
from metafast.macro.finite import macro_model
from metafast.macro.passive import DesignedVariables, passive_properties
from metafast.macro.search import HISTORY, Search
from metafast.macro.share_bound import ShareBound
from metafast.macro.smoothing import SmoothVariables
from metafast.macro.symmetric import SymmetricVariables
from metafast.macro.variables import GradationVariables, SpaceVariables, Variables
from metafast.material import Material
from metafast.phases import (
    Phases,
    require_phases,
)
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry, repetition_of
from metafast.properties import PropertySpace
from metafast.properties.gradation import Gradation
from metafast.properties.solid_share import ShareMap


@dataclass(frozen=True, eq=False)
class PropertyField:
    """Optimised properties of every cell.

    Attributes
    ----------
    properties : (rows, cols, 4) array
        C11, C12, C22, C33, in units of E; zero where a cell is absent.
    displacement : (rows+1, cols+1, 2) array
        Displacement of the macro nodes (u_x, u_y), in cell widths; at finite deformation the one
        that loading from zero reaches.
    rrmse : float
        Relative root mean square error of the target degrees of freedom; NaN without any.
    feasible : bool
        Whether the paper's constraint holds at the final steepness, and the bound on the solid.
    history : structured array
        One record per iteration: iteration, rrmse, constraint used, paper's constraint, beta,
        largest change of a variable, the share of the load that the iterate had to bear, compliance
        and solid share.
    kinematics : str
        "finite" or "linear".
    margin : float
        Least ratio, over all modes, of the stiffness at the displacement to that at rest: 1 without
        load, and 0 where the body loses its stability. The linear model cannot tell; there it is 1.
    stable : bool
        Whether loading from zero reaches the displacement without a loss of stability on the way.
        Where it does not, imperfections decide what a real body does. The linear model cannot
        tell; there it is True.
    compliance : float
        Work ``f . u`` of the loads at the displacement, in units of E times a cell's area and per
        thickness; 0 without forces.
    solid_share : float
        Expected mean solid share of the designed cells; NaN without a bound.
    """

    properties: FloatArray
    displacement: FloatArray
    rrmse: float
    feasible: bool
    history: AnyArray
    kinematics: str
    margin: float
    stable: bool
    compliance: float = 0.0
    solid_share: float = float("nan")

    __repr__ = one_line


def optimize_properties(
    problem: Problem,
    space: PropertySpace | Gradation,
    *,
    kinematics: Kinematics = "finite",
    start: Any = None,
    smoothing: float = 1.5,
    mesh: int = 1,
    phases: Phases | Material | None = None,
    max_iterations: int = 500,
    tolerance: float = 1e-3,
    move: float = 0.05,
    margin: float = 0.2,
    symmetry: Symmetry | None = None,
    shares: ShareMap | None = None,
    progress: Progress = silent,
) -> PropertyField:
    """Optimise the properties of every cell for the problem's objective (Eqs. 8-15).

    In a property space each cell has four variables, its unit coordinates, and the constraint of
    Eqs. 11 and 12 keeps it inside; the search starts from the innermost point of the space. Along a
    gradation each cell has one variable and no constraint, since the gradation is the equality
    constraint of Eq. 8; the search starts from its middle. Sensitivities are adjoint, the optimiser
    is MMA, and the steepness of the constraint doubles from 25 to 400. The search stops when no
    variable moves by more than `tolerance`.

    At finite deformation an iterate without a stable equilibrium moves back toward the last one
    that has one. If that is not enough, the iterates have to bear a smaller share of the load
    for a while, and aim at the same share of the target.

    If every load is a prescribed displacement and there are no springs, the displacement depends
    only on the *ratios* of the stiffnesses: scaling the whole field changes nothing.

    Parameters
    ----------
    problem : Problem
    space : PropertySpace or Gradation
        Properties that a cell can have. The design variables are the coordinates of the space
        (logarithmic by default), or the place along the gradation.
    kinematics : {"finite", "linear"}
        Displacements of any size, with the stress C : E of the Green-Lagrange strain E, or small
        ones as in the paper.
    start : (rows, cols, 4) array, optional
        Properties to start from; the nearest field that the variables can describe is taken.
    smoothing : float
        Radius of a filter over the designed cells, in cell widths, that keeps neighbours alike.
        Radii up to 1 reach no neighbour; 0, no filter, is the paper's.
    mesh : int
        Elements per cell side.
    phases : Phases or Material, optional
        Materials of the problem's passive cells; `Phases()` by default.
    max_iterations : int
        Largest number of iterations.
    tolerance : float
        Largest change of a variable at which to stop.
    move : float
        Largest change of a variable per iteration.
    margin : float
        Stability margin (see `PropertyField`) below which a penalty grows; 0 for none. It costs
        little, keeps the search away from collapse, and the optimum from depending on properties
        that no cell has exactly.
    symmetry : Symmetry, optional
        Mirror symmetry of the field, which must be one of the problem (`symmetry_of`); none by
        default.
    shares : ShareMap, optional
        Expected solid share at any properties, for instance `SolidShare.fitted` to the cells;
        needed where the problem bounds the solid.
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
    NoEquilibriumError
        If no iterate bears the whole load.
    """
    require_progress(progress)
    _require_kinds(problem, space)
    if phases is not None:
        require_phases(phases)
    max_iterations = require_count("max_iterations", max_iterations)
    require_memory(
        HISTORY.itemsize * max_iterations,
        f"the history of {max_iterations:,} steps",
        "ask for less",
    )
    require_number("tolerance", tolerance, above=0.0)
    require_number("move", move, above=0.0, below=1.0, closed=True)
    require_number("margin", margin, above=0.0, below=1.0, closed=True)
    model = macro_model(problem, mesh, kinematics)
    if symmetry is not None:
        require_instance("symmetry", symmetry, Symmetry)
    symmetry = symmetry or repetition_of(problem)
    variables = _design_variables(problem, space, smoothing, phases)
    if symmetry:
        variables = SymmetricVariables(variables, problem.designed, symmetry)
    first = _first_iterate(problem, variables, start)
    search = Search(model, variables, first, move, margin, _share_bound(problem, shares))
    history = np.zeros(max_iterations, dtype=HISTORY)
    for iteration in range(max_iterations):
        history[iteration] = search.step(iteration)
        progress("macro optimisation", iteration + 1, max_iterations)
        if search.settled and history["change"][iteration] < tolerance:
            break
    progress("macro optimisation", max_iterations, max_iterations)
    return _property_field(search, history[: iteration + 1], symmetry)


def _property_field(search: Search, history: AnyArray, symmetry: Symmetry) -> PropertyField:
    """The best iterate, loaded from zero."""
    model, problem = search.model, search.model.problem
    loaded, margin, stable = search.loaded()
    displacement = model.macro_nodes(loaded)
    solid = np.nan if search.bound is None else search.bound.mean(search.properties)
    return PropertyField(
        # a filter adds up in another order in the images, so they may differ by rounding
        properties=symmetry.spread(search.properties.reshape(problem.rows, problem.cols, 4)),
        displacement=displacement,
        rrmse=problem.rrmse(displacement),
        feasible=search.feasible,
        history=history,
        kinematics=model.kinematics,
        margin=margin,
        stable=stable,
        compliance=model.work(loaded),
        solid_share=solid,
    )


def _share_bound(problem: Problem, shares: ShareMap | None) -> ShareBound | None:
    """The problem's bound on the solid, if it has one."""
    if problem.solid_share is None:
        return None
    if shares is None:
        raise ValueError(
            f"problem {problem.name!r} bounds the solid share; give shares, for instance "
            "SolidShare.fitted(database.properties, database.solid_share)"
        )
    return ShareBound(shares, problem.solid_share, problem.designed.ravel())


def _require_kinds(problem: Any, space: Any) -> None:
    if not isinstance(problem, Problem) or not isinstance(space, PropertySpace | Gradation):
        raise ValueError(
            f"problem is a {type(problem).__name__} and space a {type(space).__name__}; a Problem "
            "and a PropertySpace are needed, or a Gradation in place of the space"
        )


def _design_variables(
    problem: Problem, space: PropertySpace | Gradation, smoothing: float, phases: Any
) -> Variables:
    """Variables of a space or along a gradation, filtered if the radius reaches the neighbours."""
    variables: Variables = (
        GradationVariables(space) if isinstance(space, Gradation) else SpaceVariables(space)
    )
    if require_number("smoothing", smoothing, above=0.0, closed=True) > 1.0:
        variables = SmoothVariables(variables, problem.designed, smoothing, problem.period)
    if problem.body is None:
        return variables
    return DesignedVariables(variables, problem.designed, passive_properties(problem, phases))


def _first_iterate(problem: Problem, variables: Variables, start: Any) -> FloatArray:
    """Variables (cells, d) nearest to the given properties, or the variables' own start."""
    if start is None:
        return variables.start(problem.rows * problem.cols)
    given = require_array("start", start)
    if given.shape != (problem.rows, problem.cols, 4):
        raise ValueError(
            f"start has shape {given.shape}; ({problem.rows}, {problem.cols}, 4) is needed"
        )
    require_properties(given[problem.designed], "start")
    return variables.nearest(given.reshape(-1, 4))
