"""Mesh correction: the result of the closed loop is solved on a finer mesh, and the loop goes on.

The loop lowers the errors on both meshes, but it knows the finer one from the cells' properties
only (`metafast.pipeline.mesh_change`). Each solution there tells it more.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.typing import FloatArray
from metafast.pipeline.closed_loop import close_loop
from metafast.pipeline.every_pixel import BodySolver, SolvedBody
from metafast.pipeline.mesh_change import FINE_GOAL
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.swap_loop import Keep, SwapLoop, forget
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


def is_better(problem: Problem, one: Converged, other: Converged) -> bool:
    """Whether both were solved on the finer mesh, and one is better on both together."""
    errors = [
        np.maximum(each.body.response.rrmse, problem.rrmse(each.fine_displacement) / FINE_GOAL)
        for each in (one, other)
    ]
    return bool(errors[0] < errors[1])  # never for NaN, without a finer mesh


def after_mesh(
    problem: Problem,
    loop: SwapLoop,
    open_loop: OpenLoop,
    options: DesignOptions,
    trace: Trace,
    keep: Keep = forget,
) -> Converged:
    """Body of a closed loop after its mesh correction.

    Parameters
    ----------
    problem : Problem
    loop : SwapLoop
        Result of `metafast.pipeline.closed_loop.closed_loop_of`.
    open_loop : OpenLoop
        Its solvers.
    options : DesignOptions
    trace : Trace
    keep : callable, optional
        Called with every better body.

    Warns
    -----
    RuntimeWarning
        If the finer mesh does not fit into memory.
    """
    if options.finer == 1:
        loop.take_from_rest()
        return unrefined(problem, loop.best)
    fine = open_loop.solver_of(options.refine * options.finer)
    return correct_mesh(
        problem,
        loop,
        open_loop.solver,
        fine,
        options.finer,
        options.rounds,
        options.goal,
        trace,
        keep,
    )


def correct_mesh(
    problem: Problem,
    loop: SwapLoop,
    solver: BodySolver,
    fine: BodySolver,
    times: int,
    rounds: int,
    goal: float,
    trace: Trace,
    keep: Keep = forget,
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
    keep : callable, optional
        Called with every better body.

    Warns
    -----
    RuntimeWarning
        If the finer mesh does not fit into memory.
    """
    best, error = unrefined(problem, loop.best), np.inf
    for step in range(_PASSES):
        loop.take_from_rest()
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
        trace.meshes.append(MeshRound(body.response.rrmse, response.rrmse))
        worse = max(body.response.rrmse, response.rrmse / FINE_GOAL)
        if worse < error:
            best, error = Converged(body, response.displacement), worse
        keep(*best)
        left = rounds - (len(loop.rounds) - 1)
        if not goal < error < np.inf or left < 1 or step == _PASSES - 1:
            break
        loop.learn(response.displacement - body.response.displacement)
        close_loop(loop, solver, left, trace.progress, tolerance=goal, keep=keep)
        if loop.best.assembly is body.assembly:
            break  # nothing was found to swap
    return best
