"""Reactions in equilibrium, work of the supports, stresses of known fields, several load cases."""

import numpy as np
import pytest
from reference import structure as reference
from reference.problems import clamped, stretched

import metafast as mf
from metafast.structure import solve_load_cases, solve_structure

SIDE = 10


@pytest.mark.parametrize("seed", range(3))
def test_reactions_balance_and_do_the_work(seed):
    pixels = reference.random_structure(3, 5, SIDE, seed=seed)
    response = solve_structure(pixels, clamped(3, 5, (-0.2, 0.1)))
    force, node = response.reactions, response.support_nodes
    size = np.abs(force).max()
    np.testing.assert_allclose(force.sum(axis=0), 0.0, atol=1e-9 * size)
    x, y = node[:, 1] / SIDE, -node[:, 0] / SIDE
    moment = x * force[:, 1] - y * force[:, 0]
    assert abs(moment.sum()) < 1e-8 * size
    moved = response.nodal_displacement[tuple(node.T)]
    assert 0.5 * (force * moved).sum() == pytest.approx(response.energy, rel=1e-9)


@pytest.mark.parametrize("plane", ["stress", "strain"])
def test_a_bar_has_its_closed_form(plane):
    material = mf.Material(young=3.0, poisson=0.3, plane=plane)
    response = solve_structure(
        np.ones((2 * SIDE, 4 * SIDE)), stretched(2, 4, 0.01), material, stresses=True
    )
    modulus = 3.0 if plane == "stress" else 3.0 / (1 - 0.3**2)
    np.testing.assert_allclose(response.stress[..., 0], 0.01 * modulus, rtol=1e-5)
    np.testing.assert_allclose(response.stress[..., 1:], 0.0, atol=1e-7)
    across = 0.0 if plane == "stress" else 0.3
    equivalent = 0.01 * modulus * np.sqrt(1 - across + across**2)
    np.testing.assert_allclose(response.von_mises, equivalent, rtol=1e-5)
    right = response.support_nodes[:, 1] == 4 * SIDE
    assert response.reactions[right, 0].sum() == pytest.approx(0.01 * modulus * 2, rel=1e-9)


def test_stress_carries_the_same_force_through_every_cut():
    """The mean of each column of elements is in equilibrium with the end's reaction."""
    pixels = reference.random_structure(3, 5, SIDE, seed=1)
    response = solve_structure(pixels, clamped(3, 5, (-0.2, 0.0)), stresses=True)
    left = response.support_nodes[:, 1] == 0
    # of one element column, the stress integrated over its width and all heights
    through = response.stress.astype(float)[..., 0].sum(axis=0) / SIDE
    np.testing.assert_allclose(through, -response.reactions[left, 0].sum(), rtol=1e-4)
    assert (response.stress[~response.solid] == 0).all()
    assert (response.von_mises[response.solid] > 0).all()


def test_turned_body_has_turned_stresses():
    """A quarter turn swaps 11 and 22 and the sign of 12."""
    pixels = reference.random_structure(3, 3, SIDE, seed=2)
    problem = clamped(3, 3, (-0.2, 0.1))
    turned = mf.Problem(
        "turned",
        np.stack([-np.rot90(problem.prescribed[..., 1]), np.rot90(problem.prescribed[..., 0])], -1),
        np.stack([-np.rot90(problem.target[..., 1]), np.rot90(problem.target[..., 0])], -1),
    )
    one = solve_structure(pixels, problem, stresses=True)
    other = solve_structure(np.rot90(pixels), turned, stresses=True)
    expected = np.rot90(one.stress)[..., [1, 0, 2]] * [1, 1, -1]
    np.testing.assert_allclose(other.stress, expected, atol=1e-5 * np.abs(expected).max())
    np.testing.assert_allclose(other.von_mises, np.rot90(one.von_mises), rtol=1e-4, atol=1e-6)


def test_corner_contacts_have_the_stress_of_their_own_pixel():
    """A frame with a block that touches another in a corner: refined, the stress converges."""
    pixels = reference.random_structure(3, 3, 6, seed=11)
    pixels[5:8, 5:8] = [[1, 1, 0], [1, 1, 0], [0, 0, 1]]
    response = solve_structure(pixels, clamped(3, 3, (-0.2, 0.0)), stresses=True)
    assert response.corner_contacts > 0
    material = mf.Material().stiffness
    # energy by the elements' own mean strains can only be less than the whole
    strain = np.linalg.solve(material, response.stress.reshape(-1, 3).T.astype(float))
    mean = 0.5 * (strain * response.stress.reshape(-1, 3).T).sum() / 36
    assert 0.5 * response.energy < mean <= response.energy * (1 + 1e-6)


def test_load_cases_are_what_each_would_be_alone():
    pixels = reference.random_structure(3, 5, SIDE, seed=4)
    problems = [clamped(3, 5, move) for move in ((-0.2, 0.0), (0.0, 0.1), (0.3, -0.1))]
    together = solve_load_cases(pixels, problems, stresses=True)
    for problem, response in zip(problems, together, strict=True):
        alone = solve_structure(pixels, problem, stresses=True)
        scale = np.nanmax(np.abs(alone.nodal_displacement))
        np.testing.assert_allclose(
            response.nodal_displacement, alone.nodal_displacement, atol=1e-10 * scale
        )
        np.testing.assert_allclose(response.stress, alone.stress, atol=1e-6)
        assert response.rrmse == pytest.approx(alone.rrmse, rel=1e-9)
    # linear: the third is a combination of the first two
    sum_ = -1.5 * together[0].nodal_displacement - together[1].nodal_displacement
    np.testing.assert_allclose(together[2].nodal_displacement, sum_, atol=1e-10)


def test_load_cases_need_the_same_supports():
    pixels = np.ones((3 * SIDE, 5 * SIDE))
    with pytest.raises(ValueError, match="load case 1, 'bridge', is not held where 'clamped' is"):
        solve_load_cases(pixels, [clamped(3, 5, (0.1, 0.0)), mf.problems.bridge(3, 5)])
    with pytest.raises(ValueError, match="there are no load cases"):
        solve_load_cases(pixels, [])
    with pytest.raises(ValueError, match="problem is a str"):
        solve_load_cases(pixels, ["bridge"])
    with pytest.raises(ValueError, match=r"problems is Problem.*; a list of problems"):
        solve_load_cases(pixels, mf.problems.bridge(3, 5))
