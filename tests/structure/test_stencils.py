"""Stencils and nodal forces against a dense sum of elements."""

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
from metafast.structure.stencils import node_stencils
from metafast.structure.system import pixel_system


@pytest.mark.parametrize("plane", ["stress", "strain"])
@pytest.mark.parametrize("seed", range(3))
def test_assembly_equals_dense_sum_of_elements(seed, plane):
    rng = np.random.default_rng(seed)
    solid = rng.random((5, 7)) < 0.7
    code = nodes.node_codes(solid)
    assert nodes.corner_contacts(code).any()
    fixed = rng.random((*code.shape, 2)) < 0.1
    material = Material(3.0, 0.3, plane)
    system = pixel_system(solid, fixed, node_stencils(material))
    number, places = reference.joined_nodes({(int(r), int(c)) for r, c in np.argwhere(solid)})
    element = q4.material_stiffness(material)
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
