"""Target correction: aim beyond the target by what the pixels fall short of it."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from metafast._base.typing import AnyArray
from metafast.assembly.costs import AssemblyCosts
from metafast.macro import PropertyField
from metafast.pipeline.closed_loop import Structure
from metafast.problems import Problem

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


@dataclass(frozen=True, eq=False)
class OpenLoop:
    """What the two stages made of a target.

    Parameters
    ----------
    wanted : Problem
        Whose target the first stage was given.
    field : PropertyField
    costs : AssemblyCosts
    structure : Structure
        The certified choice of cells, and its pixels, solved.
    """

    wanted: Problem
    field: PropertyField
    costs: AssemblyCosts
    structure: Structure


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
    return problem.aiming_at(made.wanted.target + share * short)


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
        it was given, the error of every pixel by the problem's own (infinite if no structure came
        of it), and whether the design was kept.

    Warns
    -----
    RuntimeWarning
        If memory ends before the rounds do; the best design so far is returned.
    """
    best, error, share = start, start.structure.response.rrmse, _SHARE
    del start  # a structure that is not the best is dropped before the next one is solved
    history = [(0, 0.0, best.field.rrmse, error, True)]
    for done in range(1, rounds + 1):
        if not 0.0 < error < np.inf:
            break
        macro, value, found = np.nan, np.inf, None
        try:
            with warnings.catch_warnings():
                # a target without solid makes the error infinite, and the design is thrown away
                warnings.simplefilter("ignore", RuntimeWarning)
                found = again(corrected(problem, best, share))
            macro, value = found.field.rrmse, found.structure.response.rrmse
        except (ValueError, np.linalg.LinAlgError):
            # the body falls apart, or no cell is near what the target asks for
            pass
        except MemoryError as full:
            warnings.warn(f"no more targets are tried: {full}", RuntimeWarning, stacklevel=3)
            break
        kept = value < error
        history.append((done, share, macro, value, kept))
        if kept and found is not None:
            best, error = found, value
        else:
            share /= 2.0
        del found
    return best, np.array(history, dtype=CORRECTIONS)
