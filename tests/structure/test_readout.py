"""Readout at macro nodes: affine fields are exact, least squares, weights of the fit."""

from __future__ import annotations

import numpy as np
import pytest
from reference import structure as reference

from metafast.structure.readout import macro_displacement, readout_weights

SIDE = 12


def test_affine_field_is_read_exactly_with_any_pores():
    rng = np.random.default_rng(0)
    side, rows, cols = 8, 3, 4
    active = rng.random((rows * side + 1, cols * side + 1)) < 0.2
    i, j = np.indices(active.shape)
    x, y = j / side, rows - i / side
    field = np.stack([1 + 2 * x - 3 * y, -1 + 0.5 * x + 4 * y], -1)
    field[~active] = np.nan
    macro = macro_displacement(field, active, side)
    np.testing.assert_allclose(macro, field_at_nodes(rows, cols), atol=1e-12)


def field_at_nodes(rows, cols):
    r, c = np.mgrid[: rows + 1, : cols + 1]
    x, y = c, rows - r
    return np.stack([1 + 2 * x - 3 * y, -1 + 0.5 * x + 4 * y], -1)


@pytest.mark.parametrize("side", [1, 2, 5, 8])
def test_readout_equals_least_squares_also_where_rank_is_missing(side):
    rng = np.random.default_rng(side)
    active = rng.random((3 * side + 1, 2 * side + 1)) < (0.8 if side == 1 else 0.15)
    active[:, : side // 2] = False
    active[side, :] = True  # one line of nodes somewhere
    field = np.where(active[..., None], rng.standard_normal((*active.shape, 2)), np.nan)
    np.testing.assert_allclose(
        macro_displacement(field, active, side), reference.read(field, side), atol=1e-10
    )


@pytest.mark.parametrize("node", [(0, 0), (1, 2), (2, 3), (2, 0)])
def test_weights_are_the_affine_fit(node):
    rng = np.random.default_rng(3)
    active = rng.random((2 * SIDE + 1, 3 * SIDE + 1)) < 0.4
    field = rng.standard_normal((*active.shape, 2))
    i, j, weights = readout_weights(active, SIDE, *node)
    fit = macro_displacement(field, active, SIDE)[node]
    np.testing.assert_allclose(weights @ field[i, j], fit, rtol=1e-12)
    assert weights.sum() == pytest.approx(1.0, rel=1e-12)


def test_weights_of_nodes_on_a_line():
    active = np.zeros((SIDE + 1, SIDE + 1), bool)
    active[2] = True
    field = np.random.default_rng(4).standard_normal((*active.shape, 2))
    i, j, weights = readout_weights(active, SIDE, 0, 0)
    fit = macro_displacement(np.where(active[..., None], field, 0.0), active, SIDE)[0, 0]
    np.testing.assert_allclose(weights @ field[i, j], fit, rtol=1e-12)
