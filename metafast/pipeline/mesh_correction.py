"""Mesh correction: the closed loop aims at what a finer mesh will make of its bodies.

One bilinear element per pixel is too stiff in slender members, and the closed loop fits what it
sees. So its result is solved on a finer mesh; what that changes is taken from the target, and the
loop goes on. The change is nearly the same for bodies that differ in a few cells.
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
    """The body of a closed loop that is best on a finer mesh.

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
        RRMSE on the finer mesh at which to stop.
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
        if response.rrmse < error:
            best, error = Converged(body, response.displacement), response.rrmse
        left = rounds - (len(loop.rounds) - 1)
        if not goal < error < np.inf or left < 1 or step == _PASSES - 1:
            break
        change = response.displacement - body.response.displacement
        aim = problem.aiming_at(problem.target - change)
        solver.aim_at(aim)
        loop.aim_at(aim)
        close_loop(loop, solver, left, trace.progress, tolerance=goal)
        if loop.best is body:
            break
    return best
