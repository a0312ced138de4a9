"""Macro finite elements: patch test, orientation, refinement, independence of scale."""

import itertools

import numpy as np
import pytest

import metafast as mf
from metafast.macro import MacroModel


def random_field(shape, seed=0):
    rng = np.random.default_rng(seed)
    c11, c22 = np.exp(rng.uniform(-2, 0, (2, *shape)))
    c12 = rng.uniform(-0.4, 0.5, shape) * np.sqrt(c11 * c22)
    return np.stack([c11, c12, c22, np.exp(rng.uniform(-3, -1, shape))], -1)


def stretched(rows, cols, strain):
    """Affine displacement on the whole boundary, one inner node of interest."""
    y, x = rows - np.arange(rows + 1)[:, None], np.arange(cols + 1)[None, :]
    e11, e22, g12 = strain
    u = np.stack([e11 * x + g12 * y / 2, e22 * y + g12 * x / 2], -1)
    prescribed = u.copy()
    prescribed[1:-1, 1:-1] = np.nan
    target = np.full_like(u, np.nan)
    target[1, 1] = u[1, 1] + 1.0
    return mf.Problem("patch", prescribed, target), u


@pytest.mark.parametrize("mesh", [1, 2, 3])
@pytest.mark.parametrize("strain", [(0.1, 0, 0), (0, -0.2, 0), (0, 0, 0.3), (0.1, 0.2, -0.3)])
def test_patch(mesh, strain):
    problem, exact = stretched(3, 4, strain)
    model = MacroModel(problem, mesh)
    u = model.solve(np.tile([0.8, 0.1, 0.4, 0.2], (3, 4, 1)))
    np.testing.assert_allclose(model.macro_nodes(u), exact, atol=1e-12)


def test_orientation_of_c11_and_c22():
    """A bar stretched along x: its lateral contraction is C12/C22, not C12/C11."""
    rows, cols = 3, 5
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0, 0], prescribed[:, -1, 0], prescribed[-1, 0, 1] = 0, 0.5, 0
    target = np.full_like(prescribed, np.nan)
    target[0, 0, 1] = 1.0
    model = MacroModel(mf.Problem("bar", prescribed, target))
    u = model.macro_nodes(model.solve(np.tile([0.9, 0.2, 0.4, 0.1], (rows, cols, 1))))
    np.testing.assert_allclose(u[0, :, 1], -(0.2 / 0.4) * (0.5 / cols) * rows, atol=1e-12)


def test_soft_column_takes_the_stretch():
    """Cells in series along x: the strain is shared as 1/C11 (C12 = 0)."""
    prescribed = np.full((2, 4, 2), np.nan)
    prescribed[:, 0, 0], prescribed[:, -1, 0], prescribed[-1, 0, 1] = 0, 1.0, 0
    target = np.full_like(prescribed, np.nan)
    target[0, 1, 0] = 1.0
    field = np.tile([1.0, 0.0, 0.5, 0.2], (1, 3, 1))
    field[0, 0, 0] = 0.1
    model = MacroModel(mf.Problem("series", prescribed, target))
    u = model.macro_nodes(model.solve(field))
    np.testing.assert_allclose(u[0, 1:3, 0], [10 / 12, 11 / 12], atol=1e-12)


def test_only_ratios_matter():
    problem = mf.problems.bridge(2, 6)
    field = random_field((2, 6))
    model = MacroModel(problem)
    u = model.solve(field)
    np.testing.assert_allclose(model.solve(100 * field), u, atol=1e-10)


def test_mirror_image():
    problem = mf.problems.bridge(3, 6)
    field = random_field((3, 6))
    model = MacroModel(problem)
    u = model.macro_nodes(model.solve(field))
    v = model.macro_nodes(model.solve(field[:, ::-1]))
    np.testing.assert_allclose(v[:, ::-1] * [-1, 1], u, atol=1e-10)


def test_refined_mesh_converges():
    problem = mf.problems.graded_beam(2, 6)
    field = random_field((2, 6))
    nodes = []
    for mesh in (1, 2, 4, 8, 16):
        model = MacroModel(problem, mesh)
        nodes.append(model.macro_nodes(model.solve(field))[problem.wanted])
    steps = [np.abs(a - b).max() for a, b in itertools.pairwise(nodes)]
    # corners where stiffnesses jump keep the rate below the second order of smooth fields
    assert all(after < 0.6 * before for before, after in itertools.pairwise(steps))
