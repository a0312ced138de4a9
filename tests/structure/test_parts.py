"""The pieces: assembly, dissection, readout, memory."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.sparse as sp
from reference import structure as reference

from metafast import q4
from metafast.material import Material
from metafast.structure import assembly, estimate_memory, memory
from metafast.structure.nested_dissection import dissection_order
from metafast.structure.readout import macro_displacement


def numbered(shape, seed=0):
    rng = np.random.default_rng(seed)
    code = assembly.node_codes(rng.random(shape) < 0.7)
    prescribed = rng.random((*code.shape, 2)) < 0.1
    return code, assembly.number_free(code, prescribed)


@pytest.mark.parametrize("seed", range(3))
def test_assembly_equals_dense_sum_of_elements(seed):
    shape = (5, 7)
    solid = np.random.default_rng(seed).random(shape) < 0.7
    code, dof = numbered(shape, seed)
    material = Material(3.0, 0.3)
    dense = np.zeros((dof.max() + 2,) * 2)  # the last row and column collect the prescribed ones
    for r, c in np.argwhere(solid):
        dofs = [dof[r + 1 - y, c + x, d] for x, y in q4.NODE_OFFSETS for d in (0, 1)]
        for a, row in enumerate(dofs):
            for b, column in enumerate(dofs):
                dense[row, column] += q4.stiffness(material.stiffness)[a, b]
    stencil = assembly.node_stencils(material)
    upper = assembly.assemble_upper(code, dof, stencil)
    np.testing.assert_allclose(upper.toarray(), np.triu(dense[:-1, :-1]), atol=1e-14)
    assert upper.indices.dtype == np.int32
    rebuilt = sp.csr_array((upper.data, upper.indices, upper.indptr), shape=upper.shape)
    assert rebuilt.has_sorted_indices

    u = np.random.default_rng(seed).standard_normal(dof.shape) * (dof >= 0)
    force = np.empty_like(u)
    assembly.nodal_forces(code, stencil, u, force)
    np.testing.assert_allclose(force[dof >= 0], dense[:-1, :-1] @ u[dof >= 0], atol=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (3, 200), (200, 2), (37, 41), (64, 64)])
def test_dissection_is_a_permutation(shape):
    _, dof = numbered(shape)
    order = dissection_order(dof)
    np.testing.assert_array_equal(np.sort(order), np.arange(dof.max() + 1))


def test_dissection_fills_less_than_row_order():
    code, dof = numbered((60, 60))
    upper = assembly.assemble_upper(code, dof, assembly.node_stencils(Material()))
    full = sp.csr_array(upper + sp.triu(upper, 1).T)

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
    assert bandwidth_free_fill(dissection_order(dof)) < 0.5 * natural


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


def test_memory_is_estimated_and_refused(monkeypatch):
    assert estimate_memory(6_000_000) > 5 * estimate_memory(1_000_000)
    free = memory.available_memory()
    assert free is None or free > 0
    monkeypatch.setattr(memory, "available_memory", lambda: 1000)
    with pytest.raises(MemoryError, match="unknowns need about"):
        memory.require_memory(1_000_000)
