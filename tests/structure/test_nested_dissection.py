"""Nested dissection: a permutation, equal to the plain recursion, with little fill."""

from __future__ import annotations

import numpy as np
import pytest
from reference import direct

from metafast.material import Material
from metafast.structure.nested_dissection import dissection_tree
from metafast.structure.stencils import node_stencils
from metafast.structure.system import pixel_system


def numbered(shape, seed=0):
    rng = np.random.default_rng(seed)
    solid = rng.random(shape) < 0.7
    prescribed = rng.random((shape[0] + 1, shape[1] + 1, 2)) < 0.1
    return pixel_system(solid, prescribed, node_stencils(Material()))


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 2), (37, 41), (64, 64)])
def test_dissection_is_a_permutation(shape):
    system = numbered(shape)
    order = dissection_tree(system, 4).order
    np.testing.assert_array_equal(np.sort(order), np.arange(system.unknowns))


@pytest.mark.parametrize("leaf", [1, 4, 8])
@pytest.mark.parametrize("shape", [(1, 1), (3, 50), (37, 41)])
def test_dissection_equals_the_plain_recursion(shape, leaf):
    system = numbered(shape, seed=1)
    expected = direct.dissection_order(system, leaf)
    np.testing.assert_array_equal(dissection_tree(system, leaf).order, expected)


def test_dissection_fills_less_than_row_order():
    system = numbered((60, 60))
    full = direct.full_of(direct.assemble_upper(system, Material()))

    def bandwidth_free_fill(order):
        """Entries of the factor by symbolic elimination on sets."""
        position = np.argsort(order)
        rows = [set() for _ in order]
        for a, b in zip(*full.nonzero(), strict=True):
            if position[b] > position[a]:
                rows[position[a]].add(position[b])
        for k, row in enumerate(rows):
            if row:
                parent = min(row)
                rows[parent] |= row - {parent}
            rows[k] = len(row)
        return sum(rows)

    natural = bandwidth_free_fill(np.arange(full.shape[0]))
    assert bandwidth_free_fill(dissection_tree(system, 4).order) < 0.5 * natural
