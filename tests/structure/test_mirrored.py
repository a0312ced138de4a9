"""Mirror-symmetric bodies solved by their part: against the factor of the whole body."""

import numpy as np
import pytest
from reference import structure as reference
from reference.problems import clamped

import metafast as mf
from metafast.problems.symmetry import Symmetry, component_signs, flipped
from metafast.structure.body import prepare
from metafast.structure.finite.body import finite_body
from metafast.structure.finite.laws import law_of
from metafast.structure.mirrored import MirrorFactor
from metafast.structure.mirrors import is_nearly_symmetric
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.solve import solve_structure, solve_with_adjoints

SIDE = 24
X, Y, BOTH = Symmetry(x=True), Symmetry(y=True), Symmetry(x=True, y=True)
MIRRORS = pytest.mark.parametrize("symmetry", [X, Y, BOTH], ids=str)


def squeezed(rows, cols, move):
    """Both ends held whole and moved against each other; a target at every free node of a row."""
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.5 * move, 0.0
    prescribed[:, -1] = -0.5 * move, 0.0
    target = np.full_like(prescribed, np.nan)
    target[[0, -1], 1:-1, 1] = np.array([0.1, -0.1])[:, None] * move
    target[[0, -1], 1:-1, 0] = 0.0
    return mf.Problem("squeezed", prescribed, target)


def porous(symmetry, rows=3, cols=4, seed=7):
    """Random pixels with corner contacts in them, and their mirror images."""
    return symmetry.spread(reference.random_structure(rows, cols, SIDE, seed=seed))


def images(field, symmetry):
    return [component_signs(*m) * flipped(field, *m) for m in symmetry.mirrors]


def symmetric_mean(field, symmetry):
    return np.mean(images(field, symmetry), axis=0)


def finite(body, load=0.05):
    """Elements of a prepared body at a displacement that is symmetric."""
    held = np.isfinite(body.held.prescribed)
    elements = finite_body(
        body.system, body.held.solid, held, law_of(body.material, "neo-hookean"), body.side
    )
    i, j = np.indices(body.system.code.shape) / body.side
    h, w = i[-1, 0], j[0, -1]
    field = np.stack([-np.sin(np.pi * (2 * j / w - 1)), np.sin(np.pi * (2 * i / h - 1))], axis=-1)
    elements.update_tangents(elements.gather_from_nodes(load * field))
    return elements


def full_matrix(factor):
    columns = factor.solve(np.eye(factor.size))
    return np.linalg.inv(columns)


@MIRRORS
def test_symmetric_forces_have_the_solution_of_the_whole_body(symmetry):
    problem, pixels = squeezed(3, 4, 0.2), porous(symmetry)
    body = prepare(pixels, [problem], None, 1, symmetry)
    assert (body.mirrors.x, body.mirrors.y) == (symmetry.x, symmetry.y)
    held = np.isfinite(body.held.prescribed)
    force = np.random.default_rng(0).standard_normal((body.system.unknowns, 3))
    with (
        Multifrontal(body.system) as whole,
        MirrorFactor(body.system, body.held.solid, held, symmetry) as part,
    ):
        expected, found = whole.solve(force), part.solve(force)
        size = np.abs(expected).max()
        # of forces of any kind, the symmetric part of the solution
        for k in range(3):
            np.testing.assert_allclose(
                found[:, k], part.symmetric_part(expected[:, k]), atol=1e-10 * size
            )
        symmetric = part.symmetric_part(force[:, 0])
        again = part.symmetric_part(symmetric)
        np.testing.assert_allclose(again, symmetric, atol=1e-14)
        np.testing.assert_allclose(part.solve(symmetric), whole.solve(symmetric), atol=1e-10 * size)
        assert part.memory < whole.memory


@MIRRORS
@pytest.mark.parametrize("load", [0.0, 0.05, 0.6])
def test_the_negative_pivots_of_all_blocks_are_those_of_the_whole_body(symmetry, load):
    body = prepare(porous(symmetry), [squeezed(3, 4, 0.2)], None, 1, symmetry)
    elements, held = finite(body, load), np.isfinite(body.held.prescribed)
    tangents = {"element": elements.element, "tangents": elements.tangents}
    force = np.ones(body.system.unknowns)
    with (
        Multifrontal(body.system, **tangents) as whole,
        MirrorFactor(body.system, body.held.solid, held, symmetry, **tangents) as part,
    ):
        expected = whole.solve(force)
        found = part.solve(force)
        scale = np.abs(expected).max()
        np.testing.assert_allclose(found, part.symmetric_part(expected), atol=1e-6 * scale)
        symmetric = part.negative
        others = part.antisymmetric_negative()
        assert symmetric + others == whole.negative
        assert (whole.negative > 0) == (load > 0.0)
        # and the symmetric block is factorised again
        np.testing.assert_array_equal(part.solve(force), found)
        assert part.negative == symmetric


@MIRRORS
@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_a_body_has_the_response_of_the_whole(symmetry, kinematics):
    problem, pixels = squeezed(3, 4, 0.15), porous(symmetry)
    found = solve_structure(pixels, problem, kinematics=kinematics)
    whole, _ = solve_with_adjoints(pixels, problem, kinematics=kinematics)
    assert found.corner_contacts > 0
    assert found.factor_memory < whole.factor_memory
    size = np.nanmax(np.abs(whole.nodal_displacement))
    np.testing.assert_allclose(found.nodal_displacement, whole.nodal_displacement, atol=1e-8 * size)
    assert found.energy == pytest.approx(whole.energy, rel=1e-8)
    np.testing.assert_allclose(found.reactions, whole.reactions, atol=1e-8)
    assert (found.stable, found.critical_load) == (whole.stable, whole.critical_load)
    assert found.residual <= 1e-8
    for image in images(found.nodal_displacement, symmetry)[1:]:
        np.testing.assert_allclose(image, found.nodal_displacement, atol=1e-15)


@MIRRORS
@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_adjoint_fields_are_the_symmetric_parts(symmetry, kinematics):
    problem, pixels = squeezed(3, 4, 0.1), porous(symmetry)
    options = {"kinematics": kinematics}
    _, whole = solve_with_adjoints(pixels, problem, **options)
    _, part = solve_with_adjoints(pixels, problem, symmetry=symmetry, **options)
    for found, expected in ((part.rows, whole.rows), (part.cols, whole.cols)):
        mean = np.stack([symmetric_mean(field, symmetry) for field in expected])
        np.testing.assert_allclose(found, mean, atol=1e-6 * np.abs(expected).max())


def test_what_is_not_symmetric_is_solved_whole():
    problem, pixels = squeezed(3, 4, 0.1), porous(BOTH)
    assert prepare(pixels, [problem], None, 1, BOTH).mirrors == BOTH
    assert prepare(pixels, [problem], None, 1).mirrors == Symmetry()
    assert prepare(pixels, [problem], None, 1, X).mirrors == X
    other = pixels.copy()
    other[SIDE + 3 : SIDE + 9, SIDE + 3 : 2 * SIDE] = 1
    assert prepare(other, [problem], None, 1, BOTH).mirrors == Symmetry()
    sideways = mf.Problem("sideways", problem.prescribed + np.array([0.0, 0.1]), problem.target)
    assert prepare(pixels, [sideways], None, 1, BOTH).mirrors == X
    assert prepare(pixels, [problem, sideways], None, 1, BOTH).mirrors == X
    force = np.zeros((4, 5, 2))
    force[0, 2, 1] = 0.01
    loaded = mf.Problem("loaded", problem.prescribed, problem.target, forces=force)
    assert prepare(pixels, [loaded], None, 1, BOTH).mirrors == X
    spring = np.zeros((4, 5, 2))
    spring[0, 2, 1] = 0.01
    held = mf.Problem("held", problem.prescribed, problem.target, springs=spring)
    assert prepare(pixels, [held], None, 1, BOTH).mirrors == Symmetry()


def test_dead_loads_in_the_part():
    force = np.zeros((4, 5, 2))
    force[0, 2, 1] = force[1, 1, 1] = force[1, 3, 1] = -0.002
    problem, pixels = squeezed(3, 4, 0.05), porous(X)
    loaded = mf.Problem("loaded", problem.prescribed, problem.target, forces=force)
    for kinematics in ("linear", "finite"):
        found = solve_structure(pixels, loaded, kinematics=kinematics)
        whole, _ = solve_with_adjoints(pixels, loaded, kinematics=kinematics)
        np.testing.assert_allclose(found.nodal_displacement, whole.nodal_displacement, atol=1e-8)
        assert found.factor_memory < whole.factor_memory


def test_a_symmetric_column_buckles_to_one_side():
    """The part alone would stay straight; the whole body is followed instead."""
    cols, pixels = 24, np.ones((16, 24 * 16))
    strain = 1.3 * 4 * np.pi**2 / 12 / cols**2
    problem = clamped(1, cols, (-strain * cols, 0.0))
    assert prepare(pixels, [problem], None, 1, BOTH).mirrors == Y
    found = solve_structure(pixels, problem, mf.Material(1.0, 0.3), kinematics="finite")
    assert found.stable
    assert found.critical_load <= 1.0
    assert np.abs(found.nodal_displacement[8, :, 1]).max() > 0.5
    below = clamped(1, cols, (-0.5 * strain * cols, 0.0))
    straight = solve_structure(pixels, below, mf.Material(1.0, 0.3), kinematics="finite")
    assert np.abs(straight.nodal_displacement[8, :, 1]).max() < 1e-12
    assert straight.critical_load == np.inf


def test_a_start_that_has_buckled_is_not_made_symmetric():
    cols, pixels = 24, np.ones((16, 24 * 16))
    strain = 1.3 * 4 * np.pi**2 / 12 / cols**2
    problem = clamped(1, cols, (-strain * cols, 0.0))
    options = {"phases": mf.Material(1.0, 0.3), "kinematics": "finite"}
    buckled = solve_structure(pixels, problem, **options)
    again = solve_structure(pixels, problem, start=buckled.nodal_displacement, **options)
    assert len(again.path) == 1
    np.testing.assert_allclose(again.nodal_displacement, buckled.nodal_displacement, atol=1e-5)
    assert not is_nearly_symmetric(buckled.nodal_displacement, Y)


@MIRRORS
def test_a_part_s_matrix_is_the_block_of_the_whole(symmetry):
    """E^T K E = m K_part on a body small enough for dense matrices."""
    pixels = symmetry.spread(reference.random_structure(2, 2, 6, seed=3))
    body = prepare(pixels, [squeezed(2, 2, 0.1)], None, 1)
    held = np.isfinite(body.held.prescribed)
    with (
        Multifrontal(body.system) as whole,
        MirrorFactor(body.system, body.held.solid, held, symmetry) as part,
    ):
        stiffness = full_matrix(whole)
        size = body.system.unknowns
        mean = np.stack([part.symmetric_part(e) for e in np.eye(size)], axis=1)
        np.testing.assert_allclose(mean @ mean, mean, atol=1e-14)
        np.testing.assert_allclose(mean, mean.T, atol=1e-14)
        np.testing.assert_allclose(stiffness @ mean, mean @ stiffness, atol=1e-8)
        found = part.solve(np.eye(size))
        np.testing.assert_allclose(stiffness @ found, mean, atol=1e-8)
