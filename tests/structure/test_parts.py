"""The parts: stencils, dissection, readout."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from reference import direct
from reference import structure as reference

from metafast import q4
from metafast.material import Material
from metafast.structure import nodes
from metafast.structure.forces import nodal_forces
from metafast.structure.nested_dissection import dissection_tree
from metafast.structure.readout import macro_displacement
from metafast.structure.stencils import node_stencils
from metafast.structure.system import pixel_system


def numbered(shape, seed=0):
    rng = np.random.default_rng(seed)
    solid = rng.random(shape) < 0.7
    prescribed = rng.random((shape[0] + 1, shape[1] + 1, 2)) < 0.1
    return pixel_system(solid, prescribed, node_stencils(Material()))


@pytest.mark.parametrize("seed", range(3))
def test_assembly_equals_dense_sum_of_elements(seed):
    rng = np.random.default_rng(seed)
    solid = rng.random((5, 7)) < 0.7
    code = nodes.node_codes(solid)
    assert nodes.corner_contacts(code).any()
    fixed = rng.random((*code.shape, 2)) < 0.1
    material = Material(3.0, 0.3)
    system = pixel_system(solid, fixed, node_stencils(material))
    number, places = reference.joined_nodes({(int(r), int(c)) for r, c in np.argwhere(solid)})
    element = q4.stiffness(material.stiffness)
    dense = np.zeros((2 * len(places),) * 2)
    for own in number.values():
        dofs = [2 * k + d for k in own for d in (0, 1)]
        dense[np.ix_(dofs, dofs)] += element
    # the same degrees in the twin's numbers: by place, the copy of the upper pixel first
    first_row = {k: min(p[0] for p, own in number.items() if k in own) for k in range(len(places))}
    ranked = sorted(range(len(places)), key=lambda k: (places[k], first_row[k]))
    rank = [2 * k + d for k in ranked for d in (0, 1)]
    held = np.array([fixed[(*places[k], d)] for k in ranked for d in (0, 1)])
    dense = dense[np.ix_(rank, rank)]
    upper = direct.assemble_upper(system, material)
    np.testing.assert_allclose(upper.toarray(), np.triu(dense[~held][:, ~held]), atol=1e-14)
    assert upper.indices.dtype == np.int32
    rebuilt = sp.csr_array((upper.data, upper.indices, upper.indptr), shape=upper.shape)
    assert rebuilt.has_sorted_indices

    prescribed = rng.standard_normal(system.dof.shape)
    solution = rng.standard_normal(system.unknowns)
    u = np.array([prescribed[(*places[k], d)] for k in ranked for d in (0, 1)])
    u[~held] = solution
    force, reaction, energy = nodal_forces(system, prescribed, solution)
    np.testing.assert_allclose(force, (dense @ u)[~held], atol=1e-12)
    assert reaction == pytest.approx(np.abs(dense @ u)[held].max())
    assert energy == pytest.approx(0.5 * u @ dense @ u)


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


def test_affine_field_is_read_exactly_whatever_the_pores():
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
