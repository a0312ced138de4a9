"""Target correction: aim beyond the target by what the pixels fall short of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from metafast._typing import AnyArray
from metafast.problems import Problem
from metafast.structure.supports import NotCarriedError

if TYPE_CHECKING:
    from metafast._open_loop import OpenLoop

_SHARE = 0.8  # of what the pixels fall short by; halved whenever that does not help

CORRECTIONS = np.dtype(
    [
        ("round", int),
        ("share", float),
        ("macro", float),
        ("every_pixel", float),
        ("kept", bool),
    ]
)


def corrected(problem: Problem, made: OpenLoop, share: float) -> Problem:
    """The problem with the target moved by a share of what the pixels fall short of it.

    Parameters
    ----------
    problem : Problem
    made : OpenLoop
        For the target that is moved, maybe one corrected before.
    share : float
    """
    short = problem.target - made.structure.response.displacement
    return Problem(problem.name, problem.prescribed, made.wanted.target + share * short)


def correct_targets(
    problem: Problem,
    start: OpenLoop,
    again: Callable[[Problem], OpenLoop],
    rounds: int,
) -> tuple[OpenLoop, AnyArray]:
    """Design again for corrected targets, and keep the best by the problem's own target.

    What the pixels do beside what the first stage promised repeats itself in part: peaks are
    flattened where properties change from cell to cell. The rest, which cells happened to be
    chosen, does not, so that a correction can also make things worse; then half of it is tried.

    Parameters
    ----------
    problem : Problem
    start : OpenLoop
        For the problem's own target.
    again : callable
        Makes an open loop for another target.
    rounds : int

    Returns
    -------
    best : OpenLoop
    history : structured array
        Row 0 is the start; per round the share, the error of the macro optimum by the target that
        it was given, the error of every pixel by the problem's own (infinite if the body falls
        apart), and whether the design was kept.
    """
    best, error, share = start, start.structure.response.rrmse, _SHARE
    history = [(0, 0.0, start.field.rrmse, error, True)]
    for done in range(1, rounds + 1):
        if not 0.0 < error < np.inf:
            break
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", RuntimeWarning)
                found = again(corrected(problem, best, share))
        except (NotCarriedError, np.linalg.LinAlgError):
            history.append((done, share, np.nan, np.inf, False))
            share /= 2.0
            continue
        value = found.structure.response.rrmse
        kept = value < error
        history.append((done, share, found.field.rrmse, value, kept))
        if kept:
            best, error = found, value
        else:
            share /= 2.0
    return best, np.array(history, dtype=CORRECTIONS)
