"""Incompatibility tables: equal to the slow twin, and the right way round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import incompatibility

from metafast.assembly.boundary import incompatibility_tables

LEFT, RIGHT, BOTTOM, TOP = range(4)


def random_case(seed, rows=3, cols=4, count=3, n=8, side=7, density=0.6):
    rng = np.random.default_rng(seed)
    cells = (rng.random((n, side, side)) < density).astype(np.uint8)
    tractions = rng.normal(size=(n, 4, 3, side, 2))
    return rng.integers(0, n, (rows, cols, count)), cells, tractions


@given(
    seed=st.integers(0, 10**6),
    grid=st.tuples(*[st.integers(1, 4)] * 3),
    side=st.integers(1, 9),
    density=st.sampled_from([0.1, 0.5, 1.0]),
    weights=st.tuples(*[st.sampled_from([0.0, 0.25, 1.0])] * 2),
)
@settings(max_examples=60, deadline=None)
def test_equals_the_slow_twin(seed, grid, side, density, weights):
    case = random_case(seed, *grid, side=side, density=density)
    got = incompatibility_tables(
        *case, geometric_weight=weights[0], mechanical_weight=weights[1], threads=2
    )
    expected_tables = incompatibility.tables(*case, weights)
    for table, expected in zip((got.horizontal, got.vertical), expected_tables, strict=True):
        np.testing.assert_allclose(table, expected, rtol=0, atol=1e-14)


@pytest.mark.parametrize("weights", [(1.0, 0.0), (0.0, 1.0)])
def test_each_term_lies_between_0_and_1(weights):
    tables = incompatibility_tables(
        *random_case(1), geometric_weight=weights[0], mechanical_weight=weights[1]
    )
    for table in (tables.horizontal, tables.vertical):
        assert table.min() >= 0
        assert table.max() <= 1


def test_sides_that_fit_cost_nothing_and_only_in_their_direction():
    rng = np.random.default_rng(2)
    _, cells, tractions = random_case(2, n=2)
    cells[:, 0, 0] = cells[:, 0, -1] = cells[:, -1, 0] = 1
    cells[1, :, 0] = cells[0, :, -1]  # cell 1 fits to the right of cell 0
    tractions[1, LEFT] = -tractions[0, RIGHT]
    cells[1, 0, 1:] = rng.permutation(cells[1, 0, 1:])
    assert incompatibility_tables([[[0], [1]]], cells, tractions).horizontal.item() == 0
    assert incompatibility_tables([[[1], [0]]], cells, tractions).horizontal.item() > 0.1
    assert incompatibility_tables([[[0]], [[1]]], cells, tractions).vertical.item() > 0.1


def test_the_upper_cell_touches_with_its_bottom():
    cells = np.zeros((2, 5, 5), np.uint8)
    cells[0, -1] = [1, 1, 0, 1, 0]  # bottom row of the upper cell
    cells[1, 0] = [1, 1, 0, 1, 0]  # top row of the lower cell
    tractions = np.zeros((2, 4, 3, 5, 2))
    tractions[0, BOTTOM] = 1.0
    tractions[1, TOP] = -1.0
    assert incompatibility_tables([[[0]], [[1]]], cells, tractions).vertical.item() == 0
    upside_down = incompatibility_tables([[[1]], [[0]]], cells, tractions)
    assert upside_down.vertical.item() == 1  # no solid on either side, no traction either


def test_transposing_everything_transposes_the_tables():
    candidates, cells, tractions = random_case(3)
    tables = incompatibility_tables(candidates, cells, tractions)
    # Transposed pixels swap left with top and right with bottom; positions keep their order when
    # both sides are counted alike, and components swap.
    turned = tractions[:, [TOP, BOTTOM, RIGHT, LEFT]][..., ::-1]
    other = incompatibility_tables(candidates.transpose(1, 0, 2), cells.transpose(0, 2, 1), turned)
    horizontal, vertical = (t.transpose(1, 0, 2, 3) for t in (tables.horizontal, tables.vertical))
    np.testing.assert_allclose(other.vertical, horizontal, rtol=0, atol=1e-14)
    np.testing.assert_allclose(other.horizontal, vertical, rtol=0, atol=1e-14)


def test_result_does_not_depend_on_threads():
    case = random_case(4, rows=12, cols=12, count=6, n=200, side=10)
    first = incompatibility_tables(*case, threads=1)
    for threads in (2, 4):
        other = incompatibility_tables(*case, threads=threads)
        np.testing.assert_array_equal(first.horizontal, other.horizontal)
        np.testing.assert_array_equal(first.vertical, other.vertical)


@pytest.mark.parametrize(
    ("position", "value", "message"),
    [
        (0, np.zeros((3, 4), int), r"candidates have shape \(3, 4\)"),
        (0, np.zeros((3, 4, 2)), "candidates have dtype float64"),
        (0, np.full((2, 2, 1), 8), r"range over 8\.\.8; .* 0\.\.7, are needed"),
        (0, np.full((2, 2, 1), -1), r"range over -1\.\.-1"),
        (1, np.zeros((8, 7, 6)), "square ones are needed"),
        (1, np.full((8, 7, 7), 0.5), "not binary"),
        (2, np.zeros((8, 4, 3, 6, 2)), r"tractions have shape .*\(8, 4, 3, 7, 2\) is needed"),
        (2, np.full((8, 4, 3, 7, 2), np.inf), r"tractions\[0, 0, 0, 0, 0\] is inf"),
    ],
)
def test_messages_name_what_came_and_what_is_needed(position, value, message):
    case = list(random_case(5))
    case[position] = value
    with pytest.raises(ValueError, match=message):
        incompatibility_tables(*case)


def test_negative_weights_are_refused():
    with pytest.raises(ValueError, match="geometric_weight is -1"):
        incompatibility_tables(*random_case(6), geometric_weight=-1.0)
