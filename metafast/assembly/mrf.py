"""MAP inference on a grid-like Markov random field, with a certificate (section 5.1, Eqs. 16-17).

The field minimises the node costs (deviation from the target property, Eq. 16) plus the edge costs
(incompatibility, Eq. 17)::

    E(x) = sum unary[r, c, x(r, c)]
         + sum horizontal[r, c, x(r, c), x(r, c+1)] + sum vertical[r, c, x(r, c), x(r+1, c)]

Three stages, chosen by what they cost: rows and columns as exact chains coupled by multipliers
(dual decomposition, DD-MRF [53]); overlapping strips of two lines and more, which close the gap
that chains cannot; and, as the bound rises, labels that provably no better labelling uses are
dropped until what is left can be solved outright. Labellings come from strips of two and three
lines re-optimised exactly. Narrow grids are solved by dynamic programming at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast import _core
from metafast._base.checks import require_count, require_number, require_threads
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, IntArray

HISTORY_DTYPE = np.dtype(
    [("iteration", np.int64), ("time", np.float64), ("bound", np.float64), ("energy", np.float64)]
)
_MAX_LABELS = 65_535  # labels are stored in 16 bits
_MAX_SUM = 1e300  # beyond it sums of costs overflow
_MAX_ITERATIONS = 2**62  # what a 64-bit counter holds with room to spare
_EXACT_WORK = 1e8  # nanoseconds up to which dynamic programming solves a grid


@dataclass(frozen=True)
class MrfResult:
    """A labelling and how good it is proved to be: `lower_bound <= optimum <= energy`.

    Attributes
    ----------
    labels : (H, W) int array
        The best labelling found.
    energy : float
        Its energy, summed in float64 with a compensated sum and rounded up when inexact.
    lower_bound : float
        No labelling has a lower energy; computed in float64, rounding included.
    iterations : int
        Passes over all chains or strips; 0 if dynamic programming solved the grid outright.
    history : structured array
        Fields `iteration`, `time` (seconds), `bound` and `energy`, one record per certificate.
    optimal : bool
        Whether energy and bound agree but for rounding, and within a relative gap of 1e-9, which
        proves the labelling optimal.
    interrupted : bool
        Whether Ctrl-C ended the search.
    """

    labels: IntArray
    energy: float
    lower_bound: float
    iterations: int
    history: AnyArray
    optimal: bool
    interrupted: bool = False

    @property
    def gap(self) -> float:
        """Relative gap (energy - lower_bound) / |energy|; 0 means proved optimal."""
        difference = self.energy - self.lower_bound
        return max(difference, 0.0) / max(abs(self.energy), np.finfo(float).tiny)


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
    """Minimise a grid-like Markov random field (section 5.1).

    Stops at the proven optimum, at the `gap`, at the time limit, at the iteration limit or on
    Ctrl-C, and returns the best so far. The result does not depend on the number of threads, unless
    a time limit or Ctrl-C cuts it short.

    Parameters
    ----------
    unary : (H, W, K) array
        Cost of label k at (r, c), Eq. 16; +inf forbids it. Nodes with fewer labels than K: pad with
        +inf, which costs no time.
    horizontal : (H, W-1, K, K) or (K, K) array
        `horizontal[r, c, a, b]` costs label a at (r, c) beside label b at (r, c+1), Eq. 17. One
        (K, K) table holds for all places.
    vertical : (H-1, W, K, K) or (K, K) array
        `vertical[r, c, a, b]` costs label a at (r, c) above label b at (r+1, c), Eq. 17.
    initial : (H, W) int array, optional
        A labelling to start from.
    time_limit : float, optional
        Seconds after which to return the best so far; none by default. One pass or one certificate
        of the bound is finished first, so a few of those may come on top (over chains each costs
        about as many additions as the edge tables have entries, over strips K times as many or
        more), as does reading the tables. Single lines, and grids small enough for dynamic
        programming, are solved whatever the limit.
    gap : float
        Relative gap at which to stop.
    max_iterations : int
        Passes over all chains or strips at most.
    threads : int, optional
        Threads; all available by default.
    progress : callable, optional
        Called as ``progress("assembly", iteration, max_iterations)`` with every certificate.

    Returns
    -------
    MrfResult

    Notes
    -----
    float32 and float64 tables are read where they are, also through `numpy.broadcast_to`, so places
    may share tables; anything else is copied to float64. The solver's own copies are float32: per
    edge and pair of labels about 20 bytes while strips are at work, 4 before. All bounds and
    energies are computed in float64 from the tables themselves.

    Raises
    ------
    ValueError
        If an argument has the wrong shape or range, if the costs contain NaN or -inf, or if no
        labelling without a forbidden label or pair exists, or none was found.
    KeyboardInterrupt
        On Ctrl-C before any feasible labelling is known. The core looks for it up to twenty times a
        second, also inside strips, certificates and dynamic programming.
    """
    unary = _costs("unary", unary, ("H", "W", "K"))
    rows, cols, labels = unary.shape
    if 0 in unary.shape:
        raise ValueError(
            f"unary has shape {unary.shape}: there is nothing to label; H, W and K of at least 1 "
            "are needed"
        )
    if labels > _MAX_LABELS:
        raise ValueError(f"unary has {labels} labels; at most {_MAX_LABELS} are supported")
    horizontal = _costs(
        "horizontal", horizontal, ("H", "W-1", "K", "K"), (rows, cols - 1, labels, labels)
    )
    vertical = _costs(
        "vertical", vertical, ("H-1", "W", "K", "K"), (rows - 1, cols, labels, labels)
    )
    _check_magnitude(unary, horizontal, vertical)
    limit = np.inf if time_limit is None else require_number("time_limit", time_limit, above=0.0)
    most = min(require_count("max_iterations", max_iterations, 0), _MAX_ITERATIONS)
    found, energy, bound, iterations, optimal, interrupted, records = _core.solve_mrf(
        unary,
        horizontal,
        vertical,
        None if initial is None else _initial(initial, (rows, cols), labels),
        limit,
        require_number("gap", gap, above=0.0, closed=True),
        most,
        require_threads(threads),
        _EXACT_WORK,
        lambda iteration: progress("assembly", iteration, most),
    )
    try:
        progress("assembly", most, most)
    except KeyboardInterrupt:
        interrupted = True
    if bound == np.inf:
        raise ValueError(
            "no feasible labelling exists: every labelling uses a label or a pair that costs +inf; "
            "allow more labels or pairs"
        )
    if energy == np.inf and interrupted:
        raise KeyboardInterrupt
    if energy == np.inf:
        raise ValueError(
            f"no feasible labelling was found in {iterations} iterations, and none was proved not "
            "to exist; raise max_iterations or time_limit, allow more labels or pairs, or write a "
            "large finite cost, 1e6 times a usual one say, in place of +inf: the labelling then "
            "breaks few rules"
        )
    history = np.empty(len(records), HISTORY_DTYPE)
    for i, name in enumerate(HISTORY_DTYPE.names or ()):
        history[name] = records[:, i]
    return MrfResult(found, energy, bound, iterations, history, optimal, interrupted)


def _costs(
    name: str, value: Any, axes: tuple[str, ...], shape: tuple[int, ...] | None = None
) -> AnyArray:
    """Return the costs as float32 or float64, the tables contiguous, places as they are."""
    needed = f"({', '.join(axes)})"
    try:
        array = np.asarray(value)
        if array.dtype not in (np.float32, np.float64) or not array.dtype.isnative:
            array = array.astype(np.float64)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is not an array of numbers; {needed} costs are needed") from None
    if shape is not None and array.ndim == 2 and array.shape == shape[2:]:
        array = np.broadcast_to(array, shape)
    if array.ndim != len(axes):
        shared = "" if shape is None else f" = {shape}, or (K, K) = {shape[2:]} for all places,"
        raise ValueError(f"{name} has shape {array.shape}; {needed}{shared} is needed")
    if shape is not None and array.shape != shape:
        raise ValueError(
            f"{name} has shape {array.shape}; {needed} = {shape} is needed to match unary, see the "
            "docstring for the order of the axes"
        )
    array = _with_contiguous_tables(array)
    for row, part in enumerate(_distinct(array)):
        bad = np.isnan(part) | (part == -np.inf)
        if bad.any():
            where = (row, *(int(i) for i in np.argwhere(bad)[0]))
            raise ValueError(
                f"{name}{list(where)} is {array[where]}; finite costs, or +inf to forbid, are "
                "needed"
            )
    return array


def _with_contiguous_tables(array: AnyArray) -> AnyArray:
    tables = array[:1, :1]
    in_place = array.flags.aligned and all(s % array.itemsize == 0 for s in array.strides[:2])
    return array if in_place and tables.flags.c_contiguous else np.ascontiguousarray(array)


def _distinct(array: AnyArray) -> AnyArray:
    """The rows and columns of tables that are not repetitions (stride 0) of the first."""
    return array[tuple(slice(1) if s == 0 else slice(None) for s in array.strides[:2])]


def _check_magnitude(*tables: AnyArray) -> None:
    total = 0.0
    with np.errstate(over="ignore"):
        for table in tables:
            distinct = _distinct(table)
            for part in distinct:
                finite = np.abs(np.where(np.isfinite(part), part, 0.0), dtype=np.float64)
                total += float(finite.sum()) * (table.size / max(distinct.size, 1))
    if not total < _MAX_SUM:
        raise ValueError(
            f"the absolute costs add up to {total:g}; less than {_MAX_SUM:g} is needed to sum them "
            "in float64: rescale the costs, or write +inf for forbidden labels and pairs"
        )


def _initial(value: Any, shape: tuple[int, int], labels: int) -> IntArray:
    array = np.asarray(value)
    if array.shape != shape or array.dtype.kind not in "iu":
        raise ValueError(
            f"initial has shape {array.shape} and dtype {array.dtype}; (H, W) = {shape} whole "
            "numbers are needed"
        )
    if array.min() < 0 or array.max() >= labels:
        raise ValueError(
            f"initial holds labels {array.min()}..{array.max()}; 0..{labels - 1} are needed"
        )
    return np.ascontiguousarray(array, dtype=np.int64)
