"""Bounds enclose the optimum and proofs are true for any costs: against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from reference import grid_mrf
from reference.grid_mrf import assert_certificate, linear_tables, random_tables

from metafast.assembly.mrf import SearchLimits, search, solve_mrf
from metafast.assembly.mrf_tables import checked_tables

SHAPES = st.sampled_from(
    [(1, 1, 3), (1, 5, 2), (5, 1, 2), (2, 3, 3), (3, 3, 2), (3, 2, 1), (2, 2, 4), (4, 2, 2)]
)
COSTS = {
    "any": st.floats(-10, 10),
    "ties": st.integers(-2, 2).map(float),
    "constant": st.just(3.7),
    "huge": st.sampled_from([1e-8, -1e-8, 1.0, 3e7, 1e8, -1e8]),
    "forbidden": st.one_of(st.just(np.inf), st.floats(0, 1)),
    "large": st.one_of(st.sampled_from([1e12, 1e16]), st.floats(0, 1)),
    "large and forbidden": st.one_of(st.sampled_from([np.inf, 1e12]), st.integers(0, 3).map(float)),
}


def draw_tables(data, kind, shape):
    rows, cols, count = shape
    sizes = [shape, (rows, cols - 1, count, count), (rows - 1, cols, count, count)]
    total = sum(int(np.prod(size)) for size in sizes)
    numbers = np.array(data.draw(st.lists(COSTS[kind], min_size=total, max_size=total)))
    ends = np.cumsum([int(np.prod(size)) for size in sizes])[:-1]
    return [part.reshape(size) for part, size in zip(np.split(numbers, ends), sizes, strict=True)]


def decomposed(*tables, iterations=5000, threads=2):
    """Result without dynamic programming: all is left to the decomposition."""
    limits = SearchLimits(iterations=iterations, exact_work=0.0)
    return search(checked_tables(*tables), limits, threads=threads)


def solved_outright(*tables):
    """Result of dynamic programming."""
    return search(checked_tables(*tables), SearchLimits(exact_work=1e12))


def magnitude(tables):
    return sum(float(np.abs(t[np.isfinite(t)]).sum()) for t in tables)


@given(data=st.data(), kind=st.sampled_from(sorted(COSTS)), shape=SHAPES)
@settings(max_examples=150, deadline=None)
def test_bounds_enclose_the_optimum(data, kind, shape):
    tables = draw_tables(data, kind, shape)
    _, optimum = grid_mrf.brute_force(*tables)
    if np.isinf(optimum):
        with pytest.raises(ValueError, match="no feasible labelling exists"):
            solve_mrf(*tables)
        return
    result = solve_mrf(*tables, threads=1)
    assert_certificate(result, tables)
    assert result.lower_bound <= optimum <= result.energy
    assert result.energy - result.lower_bound <= 1e-13 * magnitude(tables)
    assert result.energy == pytest.approx(optimum, rel=1e-13, abs=1e-14 * magnitude(tables))
    if abs(optimum) > 1e-3 * magnitude(tables):  # below, rounding is no small part of it
        assert result.optimal


@given(data=st.data(), kind=st.sampled_from(sorted(COSTS)), shape=SHAPES)
@settings(max_examples=150, deadline=None)
def test_decomposition_encloses_the_optimum(data, kind, shape):
    tables = draw_tables(data, kind, shape)
    _, optimum = grid_mrf.brute_force(*tables)
    if np.isinf(optimum):
        with pytest.raises(ValueError, match="no feasible labelling"):
            decomposed(*tables, iterations=200, threads=1)
        return
    result = decomposed(*tables, iterations=200, threads=1)
    assert_certificate(result, tables)
    assert result.lower_bound <= optimum <= result.energy
    if result.optimal:
        assert result.gap <= 1e-9
        assert result.energy == pytest.approx(optimum, rel=1e-9, abs=0)


@pytest.mark.parametrize("limit", [1.0, 2.0, 9.0])
def test_truncated_linear_tables_enclose_the_optimum(limit):
    for seed in range(6):
        tables = linear_tables(seed, 2, 3, 3, limit, (0.0, 0.3, 1.0, 2.5))
        _, optimum = grid_mrf.brute_force(*tables)
        for passes in (0, 1, 3, 200):
            result = decomposed(*tables, iterations=passes)
            assert_certificate(result, tables)
            assert result.lower_bound <= optimum <= result.energy
        assert result.energy == pytest.approx(optimum, rel=1e-12)
        uneven = [tables[0], tables[1] + np.array([[0, 0, 0], [1e-3, 0, 0], [0, 0, 0]]), tables[2]]
        assert decomposed(*uneven).energy == pytest.approx(grid_mrf.brute_force(*uneven)[1])


@pytest.mark.parametrize("large", [1e6, 1e12, 1e16, 1e100])
@pytest.mark.parametrize("where", ["one label", "one label everywhere", "a third of all"])
def test_large_costs_make_no_false_proof(large, where):
    for seed in range(4):
        tables = random_tables(seed, 7, 9, 4, (1.0, 0.1)[seed % 2])
        if where == "one label":
            tables[0][3, 4, 1] = large
        elif where == "one label everywhere":
            tables[0][:, :, 2] = large
        else:
            for table in tables:
                table[np.random.default_rng(seed).random(table.shape) < 0.3] = large
        exact = solved_outright(*tables)
        result = decomposed(*tables, iterations=300)
        assert exact.optimal
        assert exact.iterations == 0
        assert result.lower_bound <= exact.energy
        assert result.energy >= exact.lower_bound
        if result.optimal:
            assert result.gap <= 1e-9
            assert result.energy == pytest.approx(exact.energy, rel=1e-12)
        if where == "one label everywhere":  # as good as the grid without that label
            kept = [0, 1, 3]
            less = [
                tables[0][:, :, kept],
                *(t[:, :, kept][..., kept].copy() for t in tables[1:]),
            ]
            without = decomposed(*less, iterations=300)
            assert result.gap <= 1.2 * without.gap + 1e-3


def test_large_cost_does_not_stop_the_search():
    tables = random_tables(0, 30, 30, 6)
    tables[0][3, 4, 2] = 1e16
    result = solve_mrf(*tables, max_iterations=1000)
    assert result.iterations > 20
    assert result.optimal
    tables[0][3, 4, 2] = np.inf
    assert solve_mrf(*tables).energy == result.energy


@pytest.mark.parametrize("pairwise", [0.05, 0.3, 1.0])
def test_decomposition_bounds_the_exact_optimum(pairwise):
    tables = random_tables(1, 3, 40, 4, pairwise)
    exact = solve_mrf(*tables)
    assert exact.optimal
    assert exact.iterations == 0
    # The same grid next to disconnected copies is too wide for dynamic programming.
    wide = [np.concatenate([t] * 6, axis=0) for t in tables[:2]]
    seam = np.zeros((1, 40, 4, 4))
    vertical = np.concatenate([np.concatenate([tables[2], seam])] * 6)[:-1]
    result = solve_mrf(*wide, vertical, max_iterations=3000)
    assert result.iterations > 0
    assert result.lower_bound <= 6 * exact.energy
    assert result.energy >= 6 * exact.lower_bound
    assert result.energy <= 6 * exact.energy * 1.02


def toulbar2(tables):
    """Proved optimum by toulbar2 in units of 1e-6, which costs must be multiples of."""
    pytoulbar2 = pytest.importorskip("pytoulbar2")
    unary, horizontal, vertical = tables
    rows, cols, count = unary.shape
    problem = pytoulbar2.CFN(1e6, resolution=6)
    for r, c in np.ndindex(rows, cols):
        problem.AddVariable(f"x{r}_{c}", range(count))
        problem.AddFunction([f"x{r}_{c}"], unary[r, c].tolist())
    for r, c in np.ndindex(rows, cols - 1):
        problem.AddFunction([f"x{r}_{c}", f"x{r}_{c + 1}"], horizontal[r, c].ravel().tolist())
    for r, c in np.ndindex(rows - 1, cols):
        problem.AddFunction([f"x{r}_{c}", f"x{r + 1}_{c}"], vertical[r, c].ravel().tolist())
    return problem.Solve()[1]


@given(seed=st.integers(0, 10_000), rows=st.integers(2, 7), cols=st.integers(2, 7))
@example(seed=11, rows=2, cols=5)  # one strip holds the whole grid
@settings(max_examples=25, deadline=None)
def test_the_optimum_is_that_of_toulbar2(seed, rows, cols):
    count = 2 + seed % 4
    pairwise = (0.1, 0.3, 1.0, 3.0)[seed % 4]
    tables = [np.round(t, 6) for t in random_tables(seed, rows, cols, count, pairwise)]
    result = decomposed(*tables, iterations=2000)
    assert_certificate(result, tables)
    assert result.optimal
    assert result.energy == pytest.approx(toulbar2(tables), abs=2e-6)


@pytest.mark.parametrize("count", [1, 2, 16, 17, 64])
def test_many_and_few_labels(count):
    tables = random_tables(count, 9, 11, count, 0.3)
    result = decomposed(*tables, iterations=400)
    assert_certificate(result, tables)
    assert result.gap < 2e-2 if count > 16 else result.optimal


@pytest.mark.parametrize("pairwise", [0.1, 0.3, 1.0])
def test_random_50_by_50_by_10_is_proved_optimal(pairwise):
    tables = random_tables(0, 50, 50, 10, pairwise)
    result = solve_mrf(*tables, max_iterations=4000)
    assert_certificate(result, tables)
    assert result.optimal


@pytest.mark.parametrize("shape", [(4, 12, 5), (9, 5, 4), (6, 7, 3)])
def test_strips_as_wide_as_the_grid_prove_the_optimum(shape):
    for seed in range(4):
        tables = random_tables(seed, *shape, 3.0)
        exact = solve_mrf(*tables)
        assert exact.iterations == 0
        result = decomposed(*tables)
        assert result.optimal
        assert result.energy == pytest.approx(exact.energy, rel=1e-12)


def test_an_optimum_of_zero_is_proved():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, (20, 21))
    tables = [np.ceil(3 * t) for t in random_tables(0, 20, 21, 4)]
    r, c = np.indices(labels.shape)
    tables[0][r, c, labels] = 0
    tables[1][r[:, 1:], c[:, :-1], labels[:, :-1], labels[:, 1:]] = 0
    tables[2][r[:-1], c[:-1], labels[:-1], labels[1:]] = 0
    result = solve_mrf(*tables)
    assert result.optimal
    assert result.energy == result.lower_bound == 0
    assert np.array_equal(result.labels, labels)


def test_costs_that_cancel_do_not_keep_the_search_busy():
    unary, horizontal, vertical = (np.round(t, 1) for t in random_tables(2, 14, 15, 3))
    result = solve_mrf(unary + 1e9, horizontal - 5e8, vertical - 5e8, max_iterations=300)
    plain = solve_mrf(unary, horizontal, vertical)
    offset = 1e9 * 14 * 15 - 5e8 * (14 * 14 + 13 * 15)
    assert result.lower_bound <= result.energy
    assert result.energy - offset == pytest.approx(plain.energy, abs=1e-4)


def test_result_does_not_depend_on_threads_once_strips_widen():
    tables = random_tables(7, 30, 31, 8)
    one = solve_mrf(*tables, threads=1)
    assert one.iterations > 200
    for threads in (2, 3):
        many = solve_mrf(*tables, threads=threads)
        assert np.array_equal(one.labels, many.labels)
        assert (one.energy, one.lower_bound) == (many.energy, many.lower_bound)
        assert one.iterations == many.iterations
