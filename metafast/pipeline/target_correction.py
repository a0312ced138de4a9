"""Target correction: aim beyond the target by the error that remains at every pixel."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast.pipeline.attempt import Attempt
from metafast.pipeline.mesh_change import FINE_GOAL
from metafast.pipeline.trace import CorrectionRound, Trace
from metafast.problems import Problem

# Share of a correction: of the remaining error, and of what the cells' own properties do not tell.
# It is halved when a correction does not help.
_SHARE, _OF_SWAPS = 0.8, 1.0
_FAILURES = 2  # in a row, after which swaps by properties are at their end


def corrected(problem: Problem, attempt: Attempt, share: float) -> Problem:
    """The problem with the attempt's aim moved by a share of the error that remains.

    Where cells are swapped by their properties, the aim moves to the target less what the pixels do
    beyond those: the error that no cells can avoid does not add up in the aim.

    Parameters
    ----------
    problem : Problem
    attempt : Attempt
        Its aim may have been corrected before.
    share : float
    """
    moved = attempt.body.response.displacement
    reached = attempt.aim.target if attempt.predicted is None else attempt.predicted
    exact = problem.target - (moved - reached)
    return problem.aiming_at(attempt.aim.target + share * (exact - attempt.aim.target))


def error_of(problem: Problem, attempt: Attempt) -> float:
    """RRMSE of an attempt; that expected on the finer mesh, relative to its goal, if larger."""
    response = attempt.body.response
    change = None if attempt.finer is None else attempt.finer.of(attempt.body.assembly.labels)
    if change is None:
        return response.rrmse
    fine = np.zeros_like(problem.target)
    fine[problem.wanted] = response.displacement[problem.wanted] + change
    return max(response.rrmse, problem.rrmse(fine) / FINE_GOAL)


def correct_targets(
    problem: Problem,
    start: Attempt,
    again: Callable[[Problem, Attempt], Attempt],
    rounds: int,
    goal: float,
    trace: Trace,
    keep: Callable[[Attempt], None] = lambda _: None,
) -> Attempt:
    """Design again for corrected targets; the best attempt by the problem's own target.

    The difference between what the pixels do and what the first stage promised repeats itself in
    part: peaks are flattened where properties change from cell to cell. The rest depends on the
    cells that were chosen and does not repeat, so that a correction can also make things worse;
    then half of it is tried.

    Parameters
    ----------
    problem : Problem
    start : Attempt
        At the problem's own target.
    again : callable
        Makes an attempt at another target, given the best one so far.
    rounds : int
    goal : float
        Error at which to stop.
    trace : Trace
        Its `corrections` get a row for the start and one for every round.
    keep : callable, optional
        Called with the start and every better attempt.

    Warns
    -----
    RuntimeWarning
        If memory ends before the rounds do; the best attempt so far is returned.
    """
    best, error = start, error_of(problem, start)
    share = _SHARE if start.predicted is None else _OF_SWAPS
    del start  # a body that is not the best is dropped before the next one is solved
    trace.corrections.append(CorrectionRound(0.0, best.field.rrmse, best.body.response.rrmse, True))
    keep(best)
    failed = 0
    for _ in range(rounds):
        if not goal < error < np.inf or (failed == _FAILURES and best.predicted is not None):
            break
        macro, pixels, value, attempt = np.nan, np.inf, np.inf, None
        try:
            with warnings.catch_warnings():
                # a target without solid makes the error infinite, and the attempt is rejected
                warnings.simplefilter("ignore", RuntimeWarning)
                attempt = again(corrected(problem, best, share), best)
            macro, pixels = attempt.field.rrmse, attempt.body.response.rrmse
            value = error_of(problem, attempt)
        except (ValueError, NoEquilibriumError, np.linalg.LinAlgError):
            # the body falls apart, or no cell is near what the target asks for
            pass
        except MemoryError as full:
            warnings.warn(f"no more targets are tried: {full}", RuntimeWarning, stacklevel=3)
            break
        kept = value < error
        trace.corrections.append(CorrectionRound(share, macro, pixels, kept))
        if kept and attempt is not None:
            best, error, failed = attempt, value, 0
            keep(best)
        else:
            share, failed = share / 2.0, failed + 1
        del attempt
    return best
