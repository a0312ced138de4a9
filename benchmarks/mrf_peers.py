"""Peers of our grid MRF solver: compiled, each on its own best behaviour.

`trw_s`, `dual_decomposition` and `icm` are written from their papers and compiled with numba;
`toulbar2` and `linear_bound` call the installed packages (pip install .[bench]). All return a
`Run`: rows of (seconds, bound, energy), best so far, and the seconds of compiling left out.
"""

from __future__ import annotations

import multiprocessing
import time

import numpy as np
import scipy.sparse as sp
from numba import njit, prange


class Run:
    """Bound and energy against time."""

    def __init__(self, name):
        self.name = name
        self.history = []
        self.note = ""

    def record(self, seconds, bound, energy):
        if self.history:
            bound = max(bound, self.history[-1][1])
            energy = min(energy, self.history[-1][2])
        self.history.append((seconds, bound, energy))

    def gap(self):
        _, bound, energy = self.history[-1]
        return (energy - bound) / abs(energy) if np.isfinite(energy) else np.inf

    def time_to(self, gap):
        """Seconds until the relative gap was reached, or None."""
        for seconds, bound, energy in self.history:
            if np.isfinite(energy) and energy - bound <= gap * abs(energy):
                return seconds
        return None


@njit(cache=True)
def energy_of(unary, horizontal, vertical, x):
    rows, cols, _ = unary.shape
    total = 0.0
    for r in range(rows):
        for c in range(cols):
            total += unary[r, c, x[r, c]]
            if c + 1 < cols:
                total += horizontal[r, c, x[r, c], x[r, c + 1]]
            if r + 1 < rows:
                total += vertical[r, c, x[r, c], x[r + 1, c]]
    return total


@njit(cache=True)
def _trws_pass(unary, horizontal, vertical, messages, x, forward):
    """One half of an iteration of TRW-S (Kolmogorov 2006, Fig. 3) in row-major order.

    messages[r, c, side]: into node (r, c) from its left, right, upper, lower neighbour. Returns the
    bound that the backward pass makes; the forward pass also labels the nodes.
    """
    rows, cols, count = unary.shape
    bound = 0.0
    out = np.empty(count)
    for i in range(rows * cols):
        r, c = divmod(i if forward else rows * cols - 1 - i, cols)
        before = (c > 0) + (r > 0)
        behind = (c + 1 < cols) + (r + 1 < rows)
        share = 1.0 / max(before, behind, 1)
        total = unary[r, c] + messages[r, c, 0] + messages[r, c, 1]
        total += messages[r, c, 2] + messages[r, c, 3]
        if forward:
            cost = unary[r, c] + messages[r, c, 1] + messages[r, c, 3]
            if c > 0:
                cost += horizontal[r, c - 1, x[r, c - 1]]
            if r > 0:
                cost += vertical[r - 1, c, x[r - 1, c]]
            x[r, c] = np.argmin(cost)
        least = total.min()
        total -= least
        bound += least
        for across in (False, True):
            nr = r + (0 if not across else (1 if forward else -1))
            nc = c + (0 if across else (1 if forward else -1))
            if nr < 0 or nr >= rows or nc < 0 or nc >= cols:
                continue
            mine = (2 if across else 0) + (1 if forward else 0)
            theirs = (2 if across else 0) + (0 if forward else 1)
            if across:
                table = vertical[r, c] if forward else vertical[nr, nc].T
            else:
                table = horizontal[r, c] if forward else horizontal[nr, nc].T
            out[:] = np.inf
            for a in range(count):
                value = share * total[a] - messages[r, c, mine, a]
                for b in range(count):
                    out[b] = min(out[b], value + table[a, b])
            least = out.min()
            bound += least
            messages[nr, nc, theirs] = out - least
    return bound


def trw_s(tables, seconds):
    """Sequential tree-reweighted message passing, one thread as its order demands."""
    unary, horizontal, vertical = tables
    run = Run("TRW-S (numba)")
    _trws_pass(*(t[:2, :2].copy() for t in tables), np.zeros((2, 2, 4, unary.shape[2])),
               np.zeros((2, 2), np.int64), True)  # fmt: skip
    messages = np.zeros((*unary.shape[:2], 4, unary.shape[2]))
    x = np.zeros(unary.shape[:2], np.int64)
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        _trws_pass(unary, horizontal, vertical, messages, x, True)
        bound = _trws_pass(unary, horizontal, vertical, messages, x, False)
        energy = energy_of(unary, horizontal, vertical, x)
        run.record(time.perf_counter() - started, bound, energy)
    run.note = f"{len(run.history)} iterations"
    return run


@njit(cache=True)
def _viterbi(nodes, edges, x):
    """Best labels of a chain into x; its value."""
    length, count = nodes.shape
    value = nodes[0].copy()
    back = np.empty((length, count), np.int64)
    for p in range(1, length):
        best = np.full(count, np.inf)
        for a in range(count):
            for b in range(count):
                cost = value[a] + edges[p - 1, a, b]
                if cost < best[b]:
                    best[b] = cost
                    back[p, b] = a
        value = best + nodes[p]
    x[-1] = np.argmin(value)
    for p in range(length - 1, 0, -1):
        x[p - 1] = back[p, x[p]]
    return value.min()


@njit(parallel=True, cache=True)
def _chains(unary, horizontal, vertical, multipliers, x, y):
    """Best labels of all rows into x, of all columns into y; the value of the dual."""
    rows, cols, _ = unary.shape
    values = np.zeros(rows + cols)
    for i in prange(rows + cols):
        if i < rows:
            values[i] = _viterbi(unary[i] / 2 + multipliers[i], horizontal[i], x[i])
        else:
            c = i - rows
            nodes = unary[:, c] / 2 - multipliers[:, c]
            values[i] = _viterbi(nodes, vertical[:, c], y[:, c])
    return values.sum()


def dual_decomposition(tables, seconds):
    """Plain DD-MRF, the paper's method: rows against columns, Polyak steps to the best energy."""
    unary, horizontal, vertical = tables
    run = Run("plain DD-MRF (numba)")
    multipliers = np.zeros_like(unary)
    x, y = np.zeros((2, *unary.shape[:2]), np.int64)
    _chains(unary, horizontal, vertical, multipliers, x, y)
    rows, cols = np.indices(x.shape)
    best = np.inf
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        bound = _chains(unary, horizontal, vertical, multipliers, x, y)
        best = min(best, *(energy_of(*tables, labels) for labels in (x, y)))
        run.record(time.perf_counter() - started, bound, best)
        differs = x != y
        if not differs.any():
            break
        step = (best - bound) / (2 * differs.sum())
        r, c = rows[differs], cols[differs]
        multipliers[r, c, x[differs]] += step
        multipliers[r, c, y[differs]] -= step
    run.note = f"{len(run.history)} passes"
    return run


@njit(cache=True)
def _icm(unary, horizontal, vertical, x):
    rows, cols, _ = unary.shape
    changed = True
    while changed:
        changed = False
        for r in range(rows):
            for c in range(cols):
                cost = unary[r, c].copy()
                if c > 0:
                    cost += horizontal[r, c - 1, x[r, c - 1]]
                if c + 1 < cols:
                    cost += horizontal[r, c, :, x[r, c + 1]]
                if r > 0:
                    cost += vertical[r - 1, c, x[r - 1, c]]
                if r + 1 < rows:
                    cost += vertical[r, c, :, x[r + 1, c]]
                best = np.argmin(cost)
                if cost[best] < cost[x[r, c]]:
                    x[r, c] = best
                    changed = True


def icm(tables):
    """Iterated conditional modes from the best node costs: no bound."""
    run = Run("ICM (numba)")
    _icm(*tables, tables[0].argmin(2))
    started = time.perf_counter()
    x = tables[0].argmin(2)
    _icm(*tables, x)
    run.record(time.perf_counter() - started, -np.inf, energy_of(*tables, x))
    return run


def _toulbar2(tables, seconds, options, pipe):
    import pytoulbar2
    from pytoulbar2 import pytb2

    unary, horizontal, vertical = tables
    rows, cols, labels = unary.shape
    problem = pytoulbar2.CFN(1e6, resolution=6, vac=options.pop("vac", 0))
    for name, value in options.items():
        setattr(pytb2.option, name, value)
    for r, c in np.ndindex(rows, cols):
        problem.AddVariable(f"x{r}_{c}", range(labels))
        problem.AddFunction([f"x{r}_{c}"], unary[r, c].tolist())
    for r, c in np.ndindex(rows, cols - 1):
        problem.AddFunction([f"x{r}_{c}", f"x{r}_{c + 1}"], horizontal[r, c].ravel().tolist())
    for r, c in np.ndindex(rows - 1, cols):
        problem.AddFunction([f"x{r}_{c}", f"x{r + 1}_{c}"], vertical[r, c].ravel().tolist())
    started = time.perf_counter()
    answer = problem.Solve(timeLimit=int(np.ceil(seconds)))
    elapsed = time.perf_counter() - started
    pipe.send((elapsed, problem.GetDDualBound(), answer[1] if answer else np.inf))


def toulbar2(tables, seconds, label, **options):
    """toulbar2 with these options after so many seconds, or None if it is missing or gave nothing.

    Building its model is not counted.
    """
    try:
        import pytoulbar2  # noqa: F401
    except ImportError:
        return None
    run = Run(f"toulbar2, {label}")
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_toulbar2, args=(tables, seconds, options, theirs))
    process.start()
    answered = ours.poll(seconds + 60)
    if answered:
        run.record(*ours.recv())
    process.kill()
    process.join()
    return run if answered else None


def _relaxation(tables):
    """Costs, constraint matrix and right side of the linear relaxation over the local polytope.

    Variables: one for each label of each node and each pair of each edge, at least 0. The labels of
    a node add up to 1; the pairs of an edge with one end fixed add up to that end's label.
    """
    rows, cols, labels = tables[0].shape
    nodes, pairs = rows * cols, labels * labels
    index = np.arange(nodes).reshape(rows, cols)
    first = np.concatenate([index[:, :-1].ravel(), index[:-1].ravel()])
    second = np.concatenate([index[:, 1:].ravel(), index[1:].ravel()])
    edges = len(first)
    identity, ones = sp.identity(labels), np.ones((1, labels))
    once = sp.kron(sp.identity(nodes), ones)
    parts = []
    for ends, sums in ((first, sp.kron(identity, ones)), (second, sp.kron(ones, identity))):
        pick = sp.csr_matrix((np.ones(edges), (np.arange(edges), ends)), (edges, nodes))
        parts.append(sp.hstack([-sp.kron(pick, identity), sp.kron(sp.identity(edges), sums)]))
    simplex = sp.hstack([once, sp.csr_matrix((nodes, edges * pairs))])
    matrix = sp.vstack([simplex, *parts]).tocsr()
    right = np.concatenate([np.ones(nodes), np.zeros(2 * edges * labels)])
    return np.concatenate([table.ravel() for table in tables]), matrix, right


def linear_bound(tables):
    """Exact bound of the linear relaxation by HiGHS, or None if highspy is missing."""
    try:
        import highspy
    except ImportError:
        return None
    run = Run("highspy, exact LP")
    costs, matrix, right = _relaxation(tables)
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(costs), len(right)
    lp.col_cost_ = costs
    lp.col_lower_, lp.col_upper_ = np.zeros(len(costs)), np.full(len(costs), np.inf)
    lp.row_lower_ = lp.row_upper_ = right
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrix.indptr, matrix.indices
    lp.a_matrix_.value_ = matrix.data
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.passModel(lp)
    started = time.perf_counter()
    solver.run()
    assert solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    run.record(time.perf_counter() - started, solver.getInfo().objective_function_value, np.inf)
    return run
