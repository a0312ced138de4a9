"""MAP inference on a grid Markov random field, with a certificate (section 5.1, Eqs. 16-17).

The field minimises the node costs (deviation from the target property, Eq. 16) plus the edge costs
(incompatibility, Eq. 17)::

    E(x) = sum unary[r, c, x(r, c)]
         + sum horizontal[r, c, x(r, c), x(r, c+1)] + sum vertical[r, c, x(r, c), x(r+1, c)]

The search has three stages, chosen by their cost: messages between rows and columns (the dual of
DD-MRF [53] by block-coordinate ascent, TRW-S), each pass with a labelling of its own; overlapping
strips of two lines and more, which close the gap that chains cannot; and, as the bound rises,
labels that no better labelling can use are dropped until the remaining problem can be solved
outright. Labellings are improved by strips of two and three lines re-optimised exactly. Narrow
grids are solved by dynamic programming at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from metafast import _core
from metafast._base.checks import (
    require_count,
    require_number,
    require_progress,
    require_threads,
)
from metafast._base.one_line import one_line
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, FloatArray, IntArray
from metafast.assembly.mrf_tables import MrfTables, checked_labels, checked_tables

HISTORY_DTYPE = np.dtype(
    [("iteration", np.int64), ("time", np.float64), ("bound", np.float64), ("energy", np.float64)]
)
_MAX_ITERATIONS = 2**62  # a 64-bit counter holds it with room to spare


@dataclass(frozen=True)
class MrfResult:
    """A labelling with its certificate: `lower_bound <= optimum <= energy`.

    Attributes
    ----------
    labels : (H, W) int array
        The best labelling so far.
    energy : float
        Energy of the labelling, summed in float64 with a compensated sum, rounded up when inexact.
    lower_bound : float
        No labelling has a lower energy; computed in float64 with a margin for rounding.
    iterations : int
        Passes over all chains or strips; 0 if dynamic programming solved the grid outright.
    history : structured array
        Fields `iteration`, `time` (seconds), `bound` and `energy`, one record per certificate.
    optimal : bool
        Whether energy and bound agree up to rounding, and within a relative gap of 1e-9, which
        proves the labelling optimal.
    size : float
        What the gap is relative to: ``abs(energy)``, or the largest cost in it where costs of both
        signs cancel.
    """

    labels: IntArray
    energy: float
    lower_bound: float
    iterations: int
    history: AnyArray
    optimal: bool
    size: float

    __repr__ = one_line

    @property
    def gap(self) -> float:
        """Relative gap ``(energy - lower_bound) / size``; 0 means proved optimal."""
        difference = self.energy - self.lower_bound
        return max(difference, 0.0) / max(self.size, np.finfo(float).tiny)


class MrfInterrupted(KeyboardInterrupt):
    """Ctrl-C during `solve_mrf`.

    Attributes
    ----------
    result : MrfResult or None
        The best labelling so far with its certificate, None if there is none yet.
    """

    def __init__(self, result: MrfResult | None = None) -> None:
        super().__init__()
        self.result = result


def solve_mrf(
    unary: Any,
    horizontal: Any,
    vertical: Any,
    *,
    initial: Any = None,
    time_limit: float | None = None,
    gap: float = 0.0,
    max_iterations: int = 5000,
    threads: int | None = None,
    progress: Progress = silent,
) -> MrfResult:
    """Minimise a grid Markov random field (section 5.1).

    The search stops at the proved optimum, at the gap, at the time limit or at the iteration limit,
    and returns the best labelling so far. Ctrl-C ends it with an exception that holds the same.

    Parameters
    ----------
    unary : (H, W, K) array
        Cost of label k at (r, c), Eq. 16; +inf forbids it. Nodes with fewer labels than K: pad with
        +inf, which costs no time.
    horizontal : (H, W-1, K, K) or (K, K) array
        `horizontal[r, c, a, b]` is the cost of label a at (r, c) to the left of label b at
        (r, c+1), Eq. 17. A single (K, K) table is used at all places.
    vertical : (H-1, W, K, K) or (K, K) array
        `vertical[r, c, a, b]` is the cost of label a at (r, c) above label b at (r+1, c), Eq. 17.
    initial : (H, W) int array, optional
        A labelling to start from.
    time_limit : float, optional
        Seconds after which to return the best so far; none by default. A pass or certificate under
        way is finished first, and reading the tables is not counted. (At first a pass costs about
        twice as many additions as the edge tables have entries, and about ten for each label and
        edge where every table is truncated linear; over strips, at least K times as many as the
        tables have entries.) Single lines, and grids small enough for dynamic programming, are
        solved in any case.
    gap : float
        Relative gap at which to stop.
    max_iterations : int
        Largest number of passes over all chains or strips.
    threads : int, optional
        CPU threads; all available by default. The result does not depend on their number, unless a
        time limit or Ctrl-C cuts the search short.
    progress : callable, optional
        Called as ``progress("assembly", iteration, max_iterations)`` with every certificate.

    Returns
    -------
    MrfResult

    Notes
    -----
    Truncated-linear tables, `base + min(weight * abs(a - b), limit)` with numbers that may differ
    from edge to edge (Potts: weight = limit), and tables that all places share are recognised by
    their entries, and make the first stage faster.

    float32 and float64 tables are read in place, also through `numpy.broadcast_to`, so that places
    may share a table; anything else is copied to float64. The solver's own copies are float32: per
    edge and pair of labels 4 bytes in the first stage, about 20 for strips. All bounds and energies
    are computed in float64 from the tables themselves.

    Raises
    ------
    ValueError
        If an argument has the wrong shape or range, if the costs contain NaN or -inf, if no
        labelling without a forbidden label or pair exists, or if the search found none.
    MrfInterrupted
        On Ctrl-C: a KeyboardInterrupt whose `result` is the best so far. The core checks up to
        twenty times a second, also inside strips, certificates and dynamic programming.

    Examples
    --------
    A noisy row of three pixels, whose middle one follows its neighbours:

    >>> unary = np.array([[[0.0, 1.0], [0.6, 0.4], [0.0, 1.0]]])  # costs of black and white
    >>> differ = 0.3 * (1 - np.eye(2))
    >>> result = mf.solve_mrf(unary, differ, differ)
    >>> result.labels, result.optimal
    (array([[0, 0, 0]]), True)
    """
    require_progress(progress)
    tables = checked_tables(unary, horizontal, vertical)
    rows, cols, labels = tables.unary.shape
    first = None if initial is None else checked_labels(initial, (rows, cols), labels)
    limits = SearchLimits(
        time=np.inf if time_limit is None else require_number("time_limit", time_limit, above=0.0),
        gap=require_number("gap", gap, above=0.0, closed=True),
        iterations=min(
            require_count("max_iterations", max_iterations, 0, 10**400), _MAX_ITERATIONS
        ),
    )
    return search(tables, limits, first, threads=require_threads(threads), progress=progress)


class SearchLimits(NamedTuple):
    """Limits of a search.

    Attributes
    ----------
    time : float
        Seconds; infinite for none.
    gap : float
        Relative gap.
    iterations : int
        Passes over all chains or strips.
    exact_work : float
        Nanoseconds of work up to which dynamic programming solves a grid; 0 for never.
    """

    time: float = np.inf
    gap: float = 0.0
    iterations: int = 5000
    exact_work: float = 1e8


def search(
    tables: MrfTables,
    limits: SearchLimits,
    initial: IntArray | None = None,
    *,
    threads: int = 1,
    progress: Progress = silent,
    core: Callable[..., Any] = _core.solve_mrf,
) -> MrfResult:
    """Search for the best labelling; `core` is the compiled solver. Errors as in `solve_mrf`."""
    labels, energy, size, bound, iterations, optimal, interrupted, records = core(
        *tables,
        initial,
        limits.time,
        limits.gap,
        limits.iterations,
        threads,
        limits.exact_work,
        lambda iteration: progress("assembly", iteration, limits.iterations),
    )
    if bound == np.inf:
        raise ValueError(
            "no feasible labelling exists: every labelling uses a label or a pair that costs +inf; "
            "allow more labels or pairs"
        )
    result = None
    if energy < np.inf:
        result = MrfResult(labels, energy, bound, iterations, _history(records), optimal, size)
    if interrupted:
        raise MrfInterrupted(result)
    if result is None:
        raise ValueError(
            f"no feasible labelling was found in {iterations} iterations, and none was proved not "
            "to exist; raise max_iterations or time_limit, allow more labels or pairs, or write a "
            "large finite cost, for instance 1e6 times a typical one, in place of +inf: the "
            "labelling then breaks few rules"
        )
    try:
        progress("assembly", limits.iterations, limits.iterations)
    except KeyboardInterrupt:
        raise MrfInterrupted(result) from None
    return result


def _history(records: FloatArray) -> AnyArray:
    history = np.empty(len(records), HISTORY_DTYPE)
    for i, name in enumerate(HISTORY_DTYPE.names or ()):
        history[name] = records[:, i]
    return history
