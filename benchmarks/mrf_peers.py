"""Peers of our grid MRF solver, written from their papers; compiled with numba where time counts.

All return a `Run`: rows of (seconds, bound, energy), best so far, seconds of compiling left out.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
from numba import njit, prange

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from reference import grid_mrf


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
    """Plain DD-MRF, the paper's method: rows against columns, subgradient steps.

    Steps are Polyak's towards the best energy, a fraction of them that halves after 20 passes
    without a better bound.
    """
    unary, horizontal, vertical = tables
    run = Run("plain DD-MRF (numba)")
    multipliers = np.zeros_like(unary)
    x, y = np.zeros((2, *unary.shape[:2]), np.int64)
    _chains(unary, horizontal, vertical, multipliers, x, y)
    rows, cols = np.indices(x.shape)
    best, highest, share, stalled = np.inf, -np.inf, 1.0, 0
    started = time.perf_counter()
    while time.perf_counter() - started < seconds:
        bound = _chains(unary, horizontal, vertical, multipliers, x, y)
        best = min(best, *(energy_of(*tables, labels) for labels in (x, y)))
        run.record(time.perf_counter() - started, bound, best)
        differs = x != y
        if not differs.any():
            break
        stalled = 0 if bound > highest else stalled + 1
        highest = max(highest, bound)
        if stalled == 20:
            share, stalled = share / 2, 0
        step = share * (best - bound) / (2 * differs.sum())
        r, c = rows[differs], cols[differs]
        multipliers[r, c, x[differs]] += step
        multipliers[r, c, y[differs]] -= step
    run.note = f"{len(run.history)} passes"
    return run


def icm(tables):
    """Iterated conditional modes from the best node costs: no bound."""
    run = Run("ICM (NumPy)")
    started = time.perf_counter()
    _, energy = grid_mrf.iterated_conditional_modes(*tables)
    run.record(time.perf_counter() - started, -np.inf, energy)
    return run
