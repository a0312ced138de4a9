"""Closed loop: cells swapped by their effect at full resolution, the best body kept.

Swaps are judged in `swap_effects` and chosen in `swap_choice`; `SwapLoop.settle` keeps or rejects
the body that they make.
"""

from __future__ import annotations

import warnings

import numpy as np

from metafast._base.progress import Progress, silent
from metafast.pipeline.attempt import Attempt
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.swap_effects import SwapEffects
from metafast.pipeline.swap_loop import Keep, SwapLoop, TrialSolver, first_round, forget
from metafast.pipeline.target_correction import error_of
from metafast.pipeline.trace import Trace
from metafast.problems import Problem

_SEARCHES = 4  # sets of windows before a loop that was asked for an error gives up


def close_loop(
    loop: SwapLoop,
    solver: TrialSolver,
    rounds: int,
    progress: Progress = silent,
    *,
    tolerance: float = 0.0,
    keep: Keep = forget,
) -> None:
    """Lower the error at every pixel by swapping cells among their candidates.

    Every round judges the most promising swaps, takes those that together lower the error most,
    and solves every pixel of the result; a worse body is rejected.

    Parameters
    ----------
    loop : SwapLoop
        Its `best` is never worse than its start.
    solver : TrialSolver
    rounds : int
        Number of further solutions of every pixel at most.
    progress : callable, optional
        Called as ``progress("closed loop", done, rounds)``.
    tolerance : float
        RRMSE at which to stop; on the finer mesh, if there is one, half as much again will do.
    keep : callable, optional
        Called with every better body.

    Warns
    -----
    RuntimeWarning
        If memory ends before the rounds do.
    """
    for done in range(1, rounds + 1):
        if loop.reached(tolerance):
            break
        trial = loop.next_trial()
        if trial is None:
            break
        try:
            body = solver.trial(trial.assembly)
        except MemoryError as full:
            warnings.warn(f"the closed loop ends early: {full}", RuntimeWarning, stacklevel=2)
            break
        loop.settle(trial, body, last=done == rounds)
        if loop.best is body:
            keep(loop.best)
        progress("closed loop", done, rounds)
        del body  # a rejected body makes room before the next one is solved
    progress("closed loop", rounds, rounds)


def closed_loop_of(
    problem: Problem,
    attempt: Attempt,
    open_loop: OpenLoop,
    options: DesignOptions,
    trace: Trace,
    threads: int | None,
    keep: Keep = forget,
) -> SwapLoop | None:
    """Closed loop of an attempt after its rounds; None if there is nothing to gain.

    Parameters
    ----------
    problem : Problem
    attempt : Attempt
    open_loop : OpenLoop
        Its solver and database.
    options : DesignOptions
    trace : Trace
        Its `swaps` get a row for the start and one for every round.
    threads : int, optional
    keep : callable, optional
        Called with every better body.

    Warns
    -----
    RuntimeWarning
        If there is no memory for adjoint fields, or memory ends before the rounds do.
    """
    start, solver, database = attempt.body, open_loop.solver, open_loop.database
    trace.swaps.append(first_round(start))
    error = start.response.rrmse
    reached = error <= options.goal and options.finer == 1  # a finer mesh may say otherwise
    if options.rounds == 0 or reached or not 0.0 < error < np.inf:
        return None
    try:
        if error_of(problem, attempt) > options.goal:  # otherwise the finer mesh speaks first
            start = solver.with_adjoints(start)
    except MemoryError as full:
        warnings.warn(f"the closed loop is left out: {full}", RuntimeWarning, stacklevel=3)
        return None
    effects = SwapEffects(
        problem,
        database,
        attempt.costs,
        kinematics=options.kinematics,
        law=options.law,
        mesh=options.mesh,
        finer=attempt.finer,
        symmetry=open_loop.symmetry,
        threads=threads,
        progress=trace.progress,
    )
    searches = _SEARCHES if options.goal else 1
    loop = SwapLoop(
        problem,
        attempt.costs,
        start,
        effects,
        solver,
        searches=searches,
        symmetry=open_loop.symmetry,
    )
    trace.swaps = loop.rounds  # the list that the loop goes on writing to
    close_loop(loop, solver, options.rounds, trace.progress, tolerance=options.goal, keep=keep)
    return loop
