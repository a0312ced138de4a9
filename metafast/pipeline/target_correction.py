"""Target correction: aim beyond the target by the error that remains at every pixel."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast.pipeline.attempt import Attempt
from metafast.pipeline.trace import CorrectionRound, Trace
from metafast.problems import Problem

_SHARE = 0.8  # of the remaining error; halved when a correction does not help


def corrected(problem: Problem, attempt: Attempt, share: float) -> Problem:
    """The problem with the attempt's aim moved by a share of the error that remains.

    Parameters
    ----------
    problem : Problem
    attempt : Attempt
        Its aim may have been corrected before.
    share : float
    """
    missing = problem.target - attempt.body.response.displacement
    return problem.aiming_at(attempt.aim.target + share * missing)


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
        RRMSE at which to stop.
    trace : Trace
        Its `corrections` get a row for the start and one for every round.
    keep : callable, optional
        Called with the start and every better attempt.

    Warns
    -----
    RuntimeWarning
        If memory ends before the rounds do; the best attempt so far is returned.
    """
    best, error, share = start, start.body.response.rrmse, _SHARE
    del start  # a body that is not the best is dropped before the next one is solved
    trace.corrections.append(CorrectionRound(0.0, best.field.rrmse, error, True))
    keep(best)
    for _ in range(rounds):
        if not goal < error < np.inf:
            break
        macro, value, attempt = np.nan, np.inf, None
        try:
            with warnings.catch_warnings():
                # a target without solid makes the error infinite, and the attempt is rejected
                warnings.simplefilter("ignore", RuntimeWarning)
                attempt = again(corrected(problem, best, share), best)
            macro, value = attempt.field.rrmse, attempt.body.response.rrmse
        except (ValueError, NoEquilibriumError, np.linalg.LinAlgError):
            # the body falls apart, or no cell is near what the target asks for
            pass
        except MemoryError as full:
            warnings.warn(f"no more targets are tried: {full}", RuntimeWarning, stacklevel=3)
            break
        kept = value < error
        trace.corrections.append(CorrectionRound(share, macro, value, kept))
        if kept and attempt is not None:
            best, error = attempt, value
            keep(best)
        else:
            share /= 2.0
        del attempt
    return best
