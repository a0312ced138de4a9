"""Target curves of a problem: runs of macro nodes, and where they are wanted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.problems import Problem
from metafast.problems.body import edges_of
from metafast.problems.loads import load_sizes

Node = tuple[int, int]


def target_curves(problem: Problem) -> list[IntArray]:
    """Runs (n, 2) of neighbouring macro nodes (row, column) that have a target.

    Runs go along rows; nodes without a neighbour to the left or right form runs along columns. A
    run goes on to a support at its end that prescribes what the run has targets of.
    """
    wanted = np.asarray(problem.wanted.any(axis=-1))
    right, down = (edges > 0 for edges in edges_of(problem.present))
    across = [run for run in _runs(wanted, right) if len(run) > 1]
    rest = wanted.copy()
    for run in across:
        rest[tuple(np.array(run).T)] = False
    upright = [[(r, c) for c, r in run] for run in _runs(rest.T, down.T)]
    return [np.array(_to_supports(run, problem)) for run in (*across, *upright)]


def position(problem: Problem, nodes: IntArray, displacement: FloatArray) -> FloatArray:
    """Position (2, n), x and y from the bottom left, of nodes (n, 2) moved by (n, 2)."""
    r, c = nodes.T
    return np.stack([c, problem.rows - r]) + displacement.T


def wanted_position(problem: Problem, nodes: IntArray, reached: FloatArray) -> FloatArray:
    """Position (2, n), x and y from the bottom left, that is wanted of nodes (n, 2).

    Displaced by the target, else what a support prescribes, else the displacement that was reached.

    Parameters
    ----------
    problem : Problem
    nodes : (n, 2) int array
    reached : (rows+1, cols+1, 2) float array
    """
    r, c = nodes.T
    target, support = problem.target[r, c], problem.prescribed[r, c]
    reached = np.nan_to_num(reached[r, c])
    held = np.where(np.isfinite(support), support, reached)
    return position(problem, nodes, np.where(np.isfinite(target), target, held))


def shown_component(problem: Problem) -> int:
    """The component, 0 for u_x and 1 for u_y, that the targets ask most of; else the loads."""
    if not problem.wanted.any():
        return int(np.argmax(load_sizes(problem.forces, problem.tractions)))
    return int(np.argmax(np.nansum(problem.target**2, axis=(0, 1))))


def _runs(marked: BoolArray, joined: BoolArray) -> Iterator[list[Node]]:
    """Nodes of each maximal run along the rows of a mask (n, m), with edges (n, m-1) between."""
    for r, row in enumerate(marked):
        run: list[Node] = []
        for c in np.flatnonzero(row).tolist():
            if run and not (run[-1][1] == c - 1 and joined[r, c - 1]):
                yield run
                run = []
            run.append((r, c))
        if run:
            yield run


def _to_supports(run: list[Node], problem: Problem) -> list[Node]:
    """The run with the supports that hold its components one node beyond either end."""
    rows, columns = np.array(run).T
    components = problem.wanted[rows, columns].any(axis=0)
    known = problem.wanted | problem.fixed
    step = (0, 1) if len(run) == 1 or run[1][1] > run[0][1] else (1, 0)
    longer = run
    for (r, c), sign in ((run[0], -1), (run[-1], 1)):
        node = r + sign * step[0], c + sign * step[1]
        inside = 0 <= node[0] <= problem.rows and 0 <= node[1] <= problem.cols
        if inside and known[node][components].all() and _joined(problem, (r, c), node):
            longer = [node, *longer] if sign < 0 else [*longer, node]
    return longer


def _joined(problem: Problem, node: Node, other: Node) -> bool:
    """Whether an edge of a cell joins two neighbouring nodes."""
    edges = edges_of(problem.present)[0 if node[0] == other[0] else 1]
    return bool(edges[min(node, other)] > 0)
