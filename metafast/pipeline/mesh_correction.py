"""Mesh correction: the closed loop aims at what a finer mesh will make of its bodies.

One bilinear element per pixel is too stiff in slender members, and the closed loop fits what it
sees. So its result is solved on a finer mesh; most of what that changes is taken from the target,
and the loop goes on. The change is nearly the same for bodies that differ in a few cells.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import FloatArray
from metafast.pipeline.closed_loop import close_loop
from metafast.pipeline.every_pixel import BodySolver, SolvedBody
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.swap_loop import SwapLoop
from metafast.pipeline.trace import MeshRound, Trace
from metafast.problems import Problem

_PASSES = 4  # solutions on the finer mesh
_FINE_GOAL = 1.5  # error on the finer mesh that will do, relative to that on the loop's own
_SHARE = 0.75  # of the change that the loop aims at; the rest keeps its own mesh near the target
_LEAST_TOLERANCE = 0.25  # of the loop that aims at the change, relative to the goal


class Converged(NamedTuple):
    """A body of the closed loop, and what a finer mesh makes of it.

    Attributes
    ----------
    body : SolvedBody
    fine_displacement : (rows+1, cols+1, 2) array
        Displacement of the macro nodes on the finer mesh; NaN without a solution there.
    """

    body: SolvedBody
    fine_displacement: FloatArray


def unrefined(problem: Problem, body: SolvedBody) -> Converged:
    """A body that was not solved on a finer mesh."""
    return Converged(body, np.full_like(problem.target, np.nan))


def after_mesh(
    problem: Problem,
    start: SolvedBody,
    loop: SwapLoop | None,
    open_loop: OpenLoop,
    options: DesignOptions,
    trace: Trace,
) -> Converged:
    """Body after the closed loop and its mesh correction, its error by the problem's own target.

    Parameters
    ----------
    problem : Problem
    start : SolvedBody
        The result if there is no loop.
    loop : SwapLoop, optional
        Result of `metafast.pipeline.closed_loop.closed_loop_of`.
    open_loop : OpenLoop
        Its solvers.
    options : DesignOptions
    trace : Trace

    Warns
    -----
    RuntimeWarning
        If the finer mesh does not fit into memory.
    """
    if loop is None:
        return unrefined(problem, start)
    if options.finer == 1:
        loop.take_from_rest()
        return unrefined(problem, loop.best)
    fine = open_loop.solver_of(options.refine * options.finer)
    found = correct_mesh(
        problem,
        loop,
        open_loop.solver,
        fine,
        options.finer,
        options.rounds,
        options.goal,
        trace,
    )
    response = found.body.response
    own = replace(response, rrmse=problem.rrmse(response.displacement))
    return found._replace(body=replace(found.body, response=own))


def correct_mesh(
    problem: Problem,
    loop: SwapLoop,
    solver: BodySolver,
    fine: BodySolver,
    times: int,
    rounds: int,
    goal: float,
    trace: Trace,
) -> Converged:
    """The body of a closed loop that is best on both meshes.

    Parameters
    ----------
    problem : Problem
    loop : SwapLoop
        After its rounds on the coarse mesh.
    solver, fine : BodySolver
        Of the loop's mesh and of the finer one.
    times : int
        Elements of the finer mesh per side of the loop's.
    rounds : int
        Further rounds of the closed loop at most.
    goal : float
        RRMSE on the loop's mesh at which to stop, if that on the finer mesh is at most half as
        much again.
    trace : Trace
        Its `meshes` get a row for every solution on the finer mesh.

    Warns
    -----
    RuntimeWarning
        If the finer mesh does not fit into memory.
    """
    best, error, aim = unrefined(problem, loop.best), np.inf, problem
    for step in range(_PASSES):
        solver.aim_at(problem)  # a load path is measured by the problem's own target
        loop.take_from_rest()
        solver.aim_at(aim)
        body = loop.best
        if not np.isfinite(error):
            best = unrefined(problem, body)  # whatever becomes of the finer mesh
        try:
            response = fine.on_finer_mesh(body, times).response
        except MemoryError as full:
            warnings.warn(f"no finer mesh is solved: {full}", RuntimeWarning, stacklevel=2)
            break
        except (NoEquilibriumError, np.linalg.LinAlgError):
            break
        coarse = problem.rrmse(body.response.displacement)
        trace.meshes.append(MeshRound(coarse, response.rrmse))
        worse = max(coarse, response.rrmse / _FINE_GOAL)
        if worse < error:
            best, error = Converged(body, response.displacement), worse
        left = rounds - (len(loop.rounds) - 1)
        if not goal < error < np.inf or left < 1 or step == _PASSES - 1:
            break
        change = response.displacement - body.response.displacement
        aim = problem.aiming_at(problem.target - _SHARE * change)
        solver.aim_at(aim)
        loop.aim_at(aim)
        close_loop(loop, solver, left, trace.progress, tolerance=_tolerance(problem, change, goal))
        if loop.best.assembly is body.assembly:
            break  # nothing was found to swap
    return best


def _tolerance(problem: Problem, change: FloatArray, goal: float) -> float:
    """Error of the loop, by its own aim, that leaves the goal when the share of `change` is added.

    Parameters
    ----------
    problem : Problem
    change : (rows+1, cols+1, 2) array
        Displacement on the finer mesh minus that on the loop's.
    goal : float
    """
    target, wanted = problem.target, problem.wanted
    size = float(np.linalg.norm(change[wanted]) / np.linalg.norm(target[wanted]))
    left = goal**2 - (_SHARE * size) ** 2
    return float(np.sqrt(max(left, (_LEAST_TOLERANCE * goal) ** 2)))
