"""Plain slow twins of metafast.assembly.mrf: brute force, ICM, subgradient dual decomposition."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def random_tables(
    seed: int, rows: int, cols: int, count: int, pairwise: float = 1.0
) -> tuple[Floats, Floats, Floats]:
    """Uniform unary costs in [0, 1], edge costs in [0, pairwise]."""
    rng = np.random.default_rng(seed)
    return (
        rng.random((rows, cols, count)),
        pairwise * rng.random((rows, cols - 1, count, count)),
        pairwise * rng.random((rows - 1, cols, count, count)),
    )


def linear_tables(
    seed: int, rows: int, cols: int, count: int, limit: float, weights: tuple[float, ...] = (1.0,)
) -> tuple[Floats, Floats, Floats]:
    """Whole unary costs in 0..4, edge costs weight * min(|a - b|, limit), weights drawn."""
    rng = np.random.default_rng(seed)
    k = np.arange(count)
    table = np.minimum(abs(k[:, None] - k), limit)
    return (
        rng.integers(0, 5, (rows, cols, count)).astype(float),
        rng.choice(weights, (rows, cols - 1, 1, 1)) * table,
        rng.choice(weights, (rows - 1, cols, 1, 1)) * table,
    )


def energy(unary: Floats, horizontal: Floats, vertical: Floats, labels: Ints) -> float:
    """Exact sum of the costs of a labelling, rounded once."""
    rows, cols, _ = unary.shape
    terms = []
    for r in range(rows):
        for c in range(cols):
            terms.append(unary[r, c, labels[r, c]])
            if c + 1 < cols:
                terms.append(horizontal[r, c, labels[r, c], labels[r, c + 1]])
            if r + 1 < rows:
                terms.append(vertical[r, c, labels[r, c], labels[r + 1, c]])
    return math.fsum(terms)


def brute_force(unary: Floats, horizontal: Floats, vertical: Floats) -> tuple[Ints, float]:
    """Best of all labellings; energy inf if all are forbidden."""
    rows, cols, count = unary.shape
    best, least = np.zeros((rows, cols), np.int64), math.inf
    for choice in itertools.product(range(count), repeat=rows * cols):
        labels = np.array(choice).reshape(rows, cols)
        value = energy(unary, horizontal, vertical, labels)
        if value < least:
            best, least = labels, value
    return best, least


def brute_force_on_body(
    unary: Floats, horizontal: Floats, vertical: Floats, body: Ints
) -> tuple[Ints, float]:
    """Best labels of the designed cells (0) of a body; passive ones (1) have label 0, at no cost.

    Absent cells (-1) are no nodes, and there are no edges to them. Labels are 0 elsewhere.
    """
    rows, cols, count = unary.shape
    designed = [tuple(node) for node in np.argwhere(body == 0)]
    nodes = {tuple(node) for node in np.argwhere(body >= 0)}
    best, least = np.zeros((rows, cols), np.int64), math.inf
    for choice in itertools.product(range(count), repeat=len(designed)):
        label = dict.fromkeys(nodes, 0) | dict(zip(designed, choice, strict=True))
        terms = [float(unary[r, c, label[r, c]]) for r, c in designed]
        for r, c in nodes:
            if (r, c + 1) in nodes:
                terms.append(float(horizontal[r, c, label[r, c], label[r, c + 1]]))
            if (r + 1, c) in nodes:
                terms.append(float(vertical[r, c, label[r, c], label[r + 1, c]]))
        value = math.fsum(terms)
        if value < least:
            best = np.zeros((rows, cols), np.int64)
            best[tuple(np.array(designed).T)] = choice
            least = value
    return best, least


def viterbi(nodes: Floats, edges: Floats) -> tuple[Ints, float]:
    """Best labels of one chain; nodes (L, K), edges (L-1, K, K)."""
    value, back = nodes[0], []
    for cost, edge in zip(nodes[1:], edges, strict=True):
        candidates = value[:, None] + edge
        back.append(candidates.argmin(0))
        value = candidates.min(0) + cost
    labels = [int(value.argmin())]
    for before in reversed(back):
        labels.append(int(before[labels[-1]]))
    return np.array(labels[::-1]), float(value.min())


def dual_decomposition(
    unary: Floats, horizontal: Floats, vertical: Floats, iterations: int, step: float = 0.3
) -> tuple[Ints, float, float]:
    """Plain DD-MRF: rows against columns, subgradient steps step/sqrt(t).

    Returns the best row labelling, its energy and the best bound.
    """
    rows, cols, _ = unary.shape
    multipliers = np.zeros_like(unary)
    best, least, bound = np.zeros((rows, cols), np.int64), math.inf, -math.inf
    r, c = np.indices((rows, cols))
    for t in range(1, iterations + 1):
        in_rows = [viterbi(unary[i] / 2 + multipliers[i], horizontal[i]) for i in range(rows)]
        in_cols = [
            viterbi(unary[:, j] / 2 - multipliers[:, j], vertical[:, j]) for j in range(cols)
        ]
        x = np.stack([labels for labels, _ in in_rows])
        y = np.stack([labels for labels, _ in in_cols], axis=1)
        bound = max(bound, sum(v for _, v in in_rows) + sum(v for _, v in in_cols))
        value = energy(unary, horizontal, vertical, x)
        if value < least:
            best, least = x, value
        if (x == y).all():
            break
        np.add.at(multipliers, (r, c, x), step / math.sqrt(t))
        np.add.at(multipliers, (r, c, y), -step / math.sqrt(t))
    return best, least, bound


def iterated_conditional_modes(
    unary: Floats, horizontal: Floats, vertical: Floats
) -> tuple[Ints, float]:
    """ICM from the best unary labels: the best label of one node at a time until none changes."""
    rows, cols, _ = unary.shape
    labels = unary.argmin(2)
    changed = True
    while changed:
        changed = False
        for r in range(rows):
            for c in range(cols):
                cost = unary[r, c].copy()
                if c > 0:
                    cost += horizontal[r, c - 1, labels[r, c - 1]]
                if c + 1 < cols:
                    cost += horizontal[r, c, :, labels[r, c + 1]]
                if r > 0:
                    cost += vertical[r - 1, c, labels[r - 1, c]]
                if r + 1 < rows:
                    cost += vertical[r, c, :, labels[r + 1, c]]
                best = int(cost.argmin())
                if cost[best] < cost[labels[r, c]]:
                    labels[r, c] = best
                    changed = True
    return labels, energy(unary, horizontal, vertical, labels)


def assert_certificate(result: Any, tables: Any) -> None:
    """The energy is that of the labels, and the bound is not above it."""
    assert result.labels.shape == tables[0].shape[:2]
    assert result.lower_bound <= result.energy
    exact = energy(*tables, result.labels)
    assert exact <= result.energy
    assert abs(result.energy - exact) <= max(1e-13 * abs(exact), 1e-300)
