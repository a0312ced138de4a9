"""Solution at finite deformation: linear limit, closed forms, work, symmetries, threads."""

import os
import signal
import threading
import time
from itertools import pairwise

import numpy as np
import pytest
from reference import hyperelastic as twin
from reference import structure as reference
from reference.problems import (
    boundary_problem,
    clamped,
    mirrored,
    stretched,
    transposed,
    transposed_field,
    transposed_pixels,
)
from scipy.ndimage import binary_dilation
from scipy.optimize import brentq

import metafast as mf
from metafast._base.equilibrium import NoEquilibriumError
from metafast.structure.body import prepare
from metafast.structure.finite import solve as finite_solve
from metafast.structure.finite.body import finite_body
from metafast.structure.finite.laws import LAWS, law_of
from metafast.structure.finite.newton import Newton
from metafast.structure.finite.path import follow
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.solve import solve_with_adjoints

PLANES = ["stress", "strain"]
SIDE = 8


def finite(pixels, problem, material=None, **options):
    return mf.solve_structure(pixels, problem, material, kinematics="finite", **options)


def porous(rows=2, cols=3, seed=1):
    return reference.random_structure(rows, cols, SIDE, seed=seed)


def observed_rate(sizes, errors):
    return np.diff(np.log(errors)) / np.diff(np.log(sizes))


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("law", LAWS)
def test_the_difference_from_the_linear_solution_falls_with_the_square_of_the_load(law, plane):
    material, pixels = mf.Material(1.0, 0.45, plane), porous(seed=4)
    loads, differences = np.array([4e-3, 2e-3, 1e-3]), []
    for load in loads:
        problem = clamped(2, 3, (-load, 0.5 * load))
        linear = mf.solve_structure(pixels, problem, material)
        found = finite(pixels, problem, material, law=law)
        assert linear.corner_contacts > 0
        size = np.abs(linear.displacement).max()
        np.testing.assert_allclose(
            found.linear_displacement, linear.displacement, atol=1e-10 * size
        )
        assert found.linear_rrmse == pytest.approx(linear.rrmse, rel=1e-10)
        gap = found.nodal_displacement - linear.nodal_displacement
        differences.append(np.nanmax(np.abs(gap)))
        assert found.energy == pytest.approx(linear.energy, rel=20 * load)
    np.testing.assert_allclose(observed_rate(loads, differences), 2.0, atol=0.05)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("strain", [-0.25, 0.4])
def test_a_bar_has_its_closed_form(law, plane, strain):
    material = mf.Material(3.0, 0.3, plane)
    lam, mu = twin.lame(material)
    length = 1 + strain
    if law == "neo-hookean":
        # the width is free, in plane stress the thickness too
        both = 2 if plane == "stress" else 1
        width = brentq(lambda w: mu * (w**2 - 1) + lam * np.log(length * w**both), 0.3, 3.0)
        nominal = mu * length + (lam * np.log(length * width**both) - mu) / length
        thickness = width if plane == "stress" else 1.0
    else:
        along = (length**2 - 1) / 2
        across = 0.3 if plane == "stress" else 0.3 / 0.7
        modulus = 3.0 if plane == "stress" else 3.0 / (1 - 0.3**2)
        width = np.sqrt(1 - 2 * across * along)
        nominal = length * modulus * along
        thickness = width if plane == "stress" else 1.0
    found = finite(np.ones((8, 16)), stretched(2, 4, strain), material, law=law, stresses=True)
    moved = found.nodal_displacement
    np.testing.assert_allclose(
        moved[..., 0], np.tile(strain * np.arange(17) / 4, (9, 1)), atol=1e-7
    )
    heights = np.arange(8, -1, -1.0)[:, None] / 4
    np.testing.assert_allclose(moved[..., 1], (width - 1) * heights + 0 * moved[..., 1], atol=1e-7)
    right = found.support_nodes[:, 1] == 16
    assert found.reactions[right, 0].sum() == pytest.approx(2 * nominal, rel=1e-7)
    np.testing.assert_allclose(found.stress[..., 0], nominal / (width * thickness), rtol=1e-5)
    np.testing.assert_allclose(found.stress[..., 1:], 0.0, atol=1e-5)
    assert found.stable
    assert found.residual <= 1e-8


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("plane", PLANES)
def test_the_plain_twin_is_in_balance_too(law, plane):
    material, problem = mf.Material(1.0, 0.3, plane), clamped(2, 3, (-0.15, 0.1))
    pixels = porous(seed=3)
    found = finite(pixels, problem, material, law=law)
    prepared = prepare(pixels, [problem], material, 1)
    held = np.isfinite(prepared.held.prescribed)
    body = finite_body(prepared.system, prepared.held.solid, held, law_of(material, law), SIDE)
    u, energy, force = body.gather_from_nodes(found.nodal_displacement), 0.0, np.zeros(body.size)
    assert found.corner_contacts == 0  # at one, the displacement would be a mean
    for own in body.dofs:
        part, gradient = twin.element(u[own], law, material, SIDE)
        energy += part
        force[own] += gradient
    assert found.energy == pytest.approx(energy, rel=1e-9)
    largest = np.abs(force[body.free :]).max()
    np.testing.assert_allclose(force[: body.free], 0.0, atol=2e-8 * largest)
    reactions = np.zeros((*held.shape[:2], 2))
    reactions[tuple(body.prescribed.T)] = force[body.free :]
    np.testing.assert_allclose(
        found.reactions, reactions[tuple(found.support_nodes.T)], atol=1e-9 * largest
    )


def test_the_energy_is_the_work_of_the_reactions():
    """Gauss's quadrature of the derivative of the energy over the load."""
    pixels, material = porous(), mf.Material(1.0, 0.3)
    places, weights = np.polynomial.legendre.leggauss(4)
    work = 0.0
    for place, weight in zip(0.5 + 0.5 * places, 0.5 * weights, strict=True):
        last = finite(pixels, clamped(2, 3, (-0.1 * place, 0.1 * place)), material).path[-1]
        assert last["load"] == 1.0
        work += weight * last["reaction"] / place
    whole = finite(pixels, clamped(2, 3, (-0.1, 0.1)), material)
    assert work == pytest.approx(whole.energy, rel=1e-5)
    moved = whole.nodal_displacement[tuple(whole.support_nodes.T)]
    assert (whole.reactions * moved).sum() == pytest.approx(whole.path["reaction"][-1])
    assert whole.path["energy"][-1] == whole.energy


def test_reactions_balance():
    """Forces, and their moments about the deformed places."""
    found = finite(porous(), clamped(2, 3, (-0.2, 0.15)))
    force, (i, j) = found.reactions, found.support_nodes.T
    size = np.abs(force).max()
    np.testing.assert_allclose(force.sum(axis=0), 0.0, atol=1e-7 * size)
    place = np.stack([j, -i], axis=1) / SIDE + found.nodal_displacement[i, j]
    assert abs((place[:, 0] * force[:, 1] - place[:, 1] * force[:, 0]).sum()) < 1e-6 * size


def test_a_transposed_body_has_the_transposed_solution():
    pixels, problem = porous(), clamped(2, 3, (-0.2, 0.15))
    straight = finite(pixels, problem, stresses=True)
    turned = finite(transposed_pixels(pixels), transposed(problem), stresses=True)
    np.testing.assert_allclose(
        turned.nodal_displacement, transposed_field(straight.nodal_displacement), atol=1e-7
    )
    assert turned.energy == pytest.approx(straight.energy, rel=1e-9)
    stress = transposed_pixels(straight.stress[..., 0]), transposed_pixels(straight.stress[..., 1])
    np.testing.assert_allclose(turned.stress[..., 1], stress[0], atol=1e-5)
    np.testing.assert_allclose(turned.stress[..., 0], stress[1], atol=1e-5)


@pytest.mark.parametrize("axis", [0, 1])
def test_a_mirrored_body_moves_in_the_mirror(axis):
    pixels, problem = porous(seed=2), mf.problems.bridge(2, 4, compression=0.1)
    pixels = reference.random_structure(2, 4, SIDE, seed=2)
    straight = finite(pixels, problem)
    mirror = finite(np.flip(pixels, axis), mirrored(problem, axis))
    sign = [-1, 1] if axis == 1 else [1, -1]
    expected = np.flip(straight.nodal_displacement, axis) * sign
    np.testing.assert_allclose(mirror.nodal_displacement, expected, atol=1e-7)
    assert mirror.rrmse == pytest.approx(straight.rrmse, rel=1e-6)


def test_a_rigid_rotation_by_any_angle_costs_nothing():
    angle = 1.2

    def turned(x, y):
        return np.stack(
            [
                np.cos(angle) * x - np.sin(angle) * y - x,
                np.sin(angle) * x + np.cos(angle) * y - y,
            ],
            axis=-1,
        )

    problem, u = boundary_problem(2, 3, turned)
    found = finite(porous(), problem, stresses=True)
    np.testing.assert_allclose(found.displacement, u, atol=1e-7)
    assert abs(found.energy) < 1e-12
    assert found.largest_strain < 1e-6
    assert np.abs(found.stress).max() < 1e-6
    assert found.overlapping_nodes == 0


def test_threads_do_not_change_a_bit():
    pixels, problem = porous(3, 4, seed=5), clamped(3, 4, (-0.3, 0.2))
    one, *others = (finite(pixels, problem, stresses=True, threads=k) for k in (1, 2, 3))
    for other in others:
        for name in ("nodal_displacement", "displacement", "reactions", "stress", "path"):
            np.testing.assert_array_equal(getattr(other, name), getattr(one, name))
        assert (other.energy, other.residual) == (one.energy, one.residual)
        assert (other.stable, other.largest_strain) == (one.stable, one.largest_strain)


def test_refining_softens():
    pixels, problem = porous(), clamped(2, 3, (-0.05, 0.1))
    energies = [finite(pixels, problem, refine=k).energy for k in (1, 2, 4)]
    assert energies[0] > energies[1] > energies[2] > 0
    # closer to each other as elements shrink
    assert energies[1] - energies[2] < energies[0] - energies[1]


def test_refining_a_patch_changes_nothing():
    problem, u = boundary_problem(2, 2, lambda x, y: np.stack([0.2 * x, 0.1 * x - 0.2 * y], -1))
    fine = finite(np.ones((6, 6)), problem, refine=3)
    assert fine.solid.shape == (18, 18)
    np.testing.assert_allclose(fine.displacement, u, atol=1e-8)


def cantilever(length, move):
    """Held on the left; the right end is moved across and may turn."""
    prescribed = np.full((2, length + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1, 1] = move
    target = np.full_like(prescribed, np.nan)
    target[0, 1] = 0.1
    return mf.Problem("cantilever", prescribed, target)


def timoshenko(material, length):
    """Force per deflection of the end of a cantilever of height 1, in plane strain."""
    young, nu = material.young, material.poisson
    bending, shear = young / (1 - nu**2) / 12, 5 / 6 * young / (2 * (1 + nu))
    return 1 / (length**3 / (3 * bending) + length / shear)


@pytest.mark.parametrize("law", LAWS)
def test_nearly_incompressible_plane_strain_does_not_lock(law):
    """A strip in bending against its closed form; elements of full integration are far too stiff.

    Plane stress with E / (1 - nu^2) and nu / (1 - nu) has the linear stiffness of plane strain, and
    its elements full integration.
    """
    length, side, load = 8, 6, 1e-4
    material = mf.Material(1.0, 0.4999, "strain")
    pixels, problem = np.ones((side, length * side)), cantilever(length, load)
    exact = load * timoshenko(material, length)

    def force(response):
        right = response.support_nodes[:, 1] == length * side
        return response.reactions[right, 1].sum()

    found = force(finite(pixels, problem, material, law=law))
    assert found == pytest.approx(exact, rel=0.05)
    linear = force(mf.solve_structure(pixels, problem, material))
    assert found == pytest.approx(linear, rel=1e-3)
    nu = material.poisson
    same = mf.Material(1 / (1 - nu**2), nu / (1 - nu))
    np.testing.assert_allclose(same.stiffness, material.stiffness)
    assert force(mf.solve_structure(pixels, problem, same)) > 3 * exact


def test_a_large_deflection_does_not_lock():
    """At nu = 0.49 coarse and fine meshes agree in finite bending."""
    material, problem = mf.Material(1.0, 0.49, "strain"), cantilever(6, 1.5)
    coarse, fine = (finite(np.ones((4, 24)), problem, material, refine=k).energy for k in (1, 3))
    assert 1.0 < coarse / fine < 1.12


def test_a_start_at_the_solution_is_the_solution():
    pixels, problem = porous(seed=3), clamped(2, 3, (-0.2, 0.1))
    first = finite(pixels, problem)
    again = finite(pixels, problem, start=first.nodal_displacement)
    assert len(again.path) == 1
    assert again.path["iterations"][0] == 0
    np.testing.assert_allclose(again.nodal_displacement, first.nodal_displacement, atol=1e-12)


def test_a_start_near_the_solution_leads_to_it():
    """Also where pixels that touch in a corner have moved apart by more than their size."""
    pixels, problem = porous(), clamped(2, 3, (-0.2, 0.1))
    first = finite(pixels, problem)
    assert first.corner_contacts > 0
    again = finite(pixels, problem, start=first.nodal_displacement)
    assert len(again.path) == 1
    np.testing.assert_allclose(again.nodal_displacement, first.nodal_displacement, atol=1e-6)
    near = finite(pixels, problem, start=0.95 * first.nodal_displacement)
    np.testing.assert_allclose(near.nodal_displacement, first.nodal_displacement, atol=1e-6)
    # one that is of no use is put aside
    wild = np.random.default_rng(0).standard_normal(first.nodal_displacement.shape)
    other = finite(pixels, problem, start=wild)
    np.testing.assert_allclose(other.nodal_displacement, first.nodal_displacement, atol=1e-6)


def test_path_reaches_the_whole_load_in_rising_steps():
    found = finite(porous(), clamped(2, 3, (-0.2, 0.1)))
    assert found.path["load"][-1] == 1.0
    assert (np.diff(found.path["load"]) > 0).all()
    assert (found.path["negative"] == 0).all()
    assert found.critical_load == np.inf
    assert (found.kinematics, found.law) == ("finite", "neo-hookean")
    assert found.stress.shape == (0, 0, 3)


def test_adjoints_at_finite_deformation_come_from_the_tangent():
    """At no load they are those of the linear solution."""
    pixels = porous()
    rest, linear = (
        solve_with_adjoints(pixels, clamped(2, 3, (1e-9, 0.0)), kinematics=kinematics)[1]
        for kinematics in ("finite", "linear")
    )
    loaded = solve_with_adjoints(pixels, clamped(2, 3, (-0.2, 0.1)), kinematics="finite")[1]
    size = np.abs(linear.rows).max()
    np.testing.assert_allclose(rest.rows, linear.rows, atol=1e-6 * size)
    np.testing.assert_allclose(rest.cols, linear.cols, atol=1e-6 * size)
    assert np.abs(loaded.rows - linear.rows).max() > 1e-2 * size


def test_progress_and_timings_name_the_phases():
    told, names = [], ["supports", "assembly", "order", "load path", "solve"]
    found = finite(porous(), clamped(2, 3, (-0.2, 0.1)), progress=lambda *step: told.append(step))
    phases = [step for step in told if step[0] == "structure"]
    assert phases == [*(("structure", k, 5, name) for k, name in enumerate(names)), told[-1]]
    assert told[-1] == ("structure", 5, 5)
    loads = [step[1:] for step in told if step[0] == "load"]
    assert loads == [(int(1000 * load), 1000) for load in found.path["load"]]
    assert list(found.timings) == [*names, "total"]
    assert found.factor_memory > 0


def test_messages():
    pixels, problem = np.ones((16, 24)), clamped(2, 3, (-0.1, 0.0))
    with pytest.raises(ValueError, match="kinematics is 'large'"):
        mf.solve_structure(pixels, problem, kinematics="large")
    with pytest.raises(ValueError, match="law is 'mooney'; use 'neo-hookean' or"):
        finite(pixels, problem, law="mooney")
    with pytest.raises(ValueError, match=r"poisson is 0\.6; the neo-Hookean law needs less than"):
        finite(pixels, problem, mf.Material(1.0, 0.6))
    with pytest.raises(ValueError, match=r"start has shape \(3, 4, 2\); \(33, 49, 2\) is needed"):
        finite(pixels, problem, start=np.zeros((3, 4, 2)), refine=2)
    with pytest.raises(ValueError, match="start"):
        finite(pixels, problem, start="rest")
    with pytest.raises(ValueError, match="threads"):
        finite(pixels, problem, threads=0)
    with pytest.raises(ValueError, match="not binary"):
        finite(0.5 * pixels, problem)


def test_too_large_a_body_is_refused_before_it_is_built(monkeypatch):
    pixels, problem = np.ones((16, 24)), clamped(2, 3, (-0.1, 0.0))
    with pytest.raises(MemoryError, match="refine"):
        finite(pixels, problem, refine=10**6)
    monkeypatch.setattr(finite_solve, "available_memory", lambda: 10_000)
    monkeypatch.setattr(finite_solve, "finite_body", None)  # it is not reached
    with pytest.raises(MemoryError, match=r"unknowns need about .* GiB are free; solve fewer"):
        finite(pixels, problem)


def test_a_factor_that_does_not_fit_is_refused(monkeypatch):
    """The estimate is on the safe side for porous bodies only; the factor knows its size."""
    monkeypatch.setattr(finite_solve, "require_memory", lambda *unused: None)
    monkeypatch.setattr(finite_solve, "available_memory", lambda: 200_000)
    with pytest.raises(MemoryError, match=r"the factor of \d+ unknowns needs"):
        finite(np.ones((16, 24)), clamped(2, 3, (-0.1, 0.0)))


def test_no_equilibrium_is_said_with_the_load_and_the_cure():
    """A strip that would have to be shorter than nothing."""
    with pytest.raises(NoEquilibriumError, match="no equilibrium was found beyond") as stop:
        finite(np.ones((4, 8)), clamped(1, 2, (-2.2, 0.0)))
    assert 0.2 < stop.value.load < 2 / 2.2
    assert f"{stop.value.load:.3f} of the load" in str(stop.value)
    assert "kinematics='linear'" in str(stop.value)


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_stops_the_path_and_the_next_solution_is_right():
    pixels, problem = porous(6, 6, seed=3), clamped(6, 6, (-0.5, 0.3))
    pixels = pixels.repeat(4, axis=0).repeat(4, axis=1)
    sent = []

    def press(*step):
        if step[-1] == "load path":
            timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), signal.SIGINT))
            sent.append(time.perf_counter())
            timer.start()

    with pytest.raises(KeyboardInterrupt):
        finite(pixels, problem, progress=press)
    assert time.perf_counter() - sent[0] < 3.0
    small = finite(porous(), clamped(2, 3, (-0.1, 0.0)))
    assert small.residual <= 1e-8


def test_a_similar_body_is_a_start_where_solid_has_come():
    """Its void has no displacement: that of the solid around it is carried on."""
    pixels, problem = porous(seed=3), clamped(2, 3, (-0.1, 0.05))
    other = pixels.copy()
    other[:, 8:16] = binary_dilation(pixels)[:, 8:16]
    first, rest = finite(pixels, problem), finite(other, problem)
    assert (rest.solid & ~first.solid).any()
    found = finite(other, problem, start=first.nodal_displacement)
    assert len(found.path) == 1
    np.testing.assert_allclose(found.nodal_displacement, rest.nodal_displacement, atol=1e-6)


def test_a_load_that_failed_is_not_tried_again():
    """The next one is smaller."""
    pixels, problem = np.ones((4, 8)), clamped(1, 2, (-2.2, 0.0))
    material, tried = mf.Material(), []
    prepared = prepare(pixels, [problem], material, 1)
    held = np.isfinite(prepared.held.prescribed)
    body = finite_body(prepared.system, prepared.held.solid, held, law_of(material, LAWS[0]), 4)
    values = body.values(prepared.held.prescribed)

    class Recorder(Newton):
        def balance(self, start, share=1.0):
            found = super().balance(start, share)
            tried.append((start[body.free :].min() / -2.2, found is None))
            return found

    with (
        Multifrontal(prepared.system, 2, element=body.element, tangents=body.tangents) as factor,
        pytest.raises(NoEquilibriumError),
    ):
        follow(body, Recorder(body, factor), values)
    after = [(load, following) for (load, failed), (following, _) in pairwise(tried) if failed]
    assert len(after) > 5
    assert all(following < load for load, following in after)
