"""Packages that solve, or bound, what our grid MRF solver does: pip install .[bench]."""

from __future__ import annotations

import multiprocessing
import time

import numpy as np
import scipy.sparse as sp
from mrf_peers import Run


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
