"""Single-scale SIMP of benchmarks/: derivatives, readings, and an error that falls."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import metafast as mf
from metafast.structure import solve_structure
from metafast.structure.readout import macro_displacement

SIDE = 6
BRIDGE = mf.problems.bridge(2, 6, compression=0.2)


@pytest.fixture(scope="module")
def simp():
    folder = str(Path(__file__).parents[2] / "benchmarks")
    sys.path.insert(0, folder)
    import grey_body
    import single_scale

    single_scale.grey_body = grey_body
    yield single_scale
    sys.path.remove(folder)
    for name in ("single_scale", "grey_body"):
        sys.modules.pop(name)


def random_density(body, seed):
    """Left to right symmetric, as the bridge and so its factor are."""
    x = np.random.default_rng(seed).uniform(0.2, 0.9, body.shape)
    return 0.5 * (x + x[:, ::-1])


def test_derivatives_by_densities_are_those_of_finite_differences(simp):
    body = simp.GreyBody(BRIDGE, SIDE, simp.SimpSettings())
    rho, way = random_density(body, 0), random_density(body, 1) - 0.5
    found, h = body.evaluate(rho), 1e-5
    ahead, behind = body.evaluate(rho + h * way), body.evaluate(rho - h * way)
    for value, slope in (("squared", found.slope), ("energy", found.energy_slope)):
        measured = (getattr(ahead, value) - getattr(behind, value)) / (2.0 * h)
        assert float((slope * way).sum()) == pytest.approx(measured, rel=1e-6)


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_densities_and_their_derivatives(simp, threshold):
    body = simp.GreyBody(BRIDGE, SIDE, simp.SimpSettings())
    x, way, h = random_density(body, 2), random_density(body, 3) - 0.5, 1e-6
    rho, step = simp.densities(x, body, 30, threshold)
    assert rho.min() >= 0.0
    assert rho.max() <= 1.0
    assert (rho[body.solid] == 1.0).all()
    ahead, behind = (simp.densities(x + s * h * way, body, 30, threshold)[0] for s in (1, -1))
    exact = step * simp.smooth(way, body.settings.width)
    assert exact == pytest.approx((ahead - behind) / (2.0 * h), abs=1e-7)


def test_the_filter_and_the_masses_have_the_transposes_they_are_given(simp):
    rng = np.random.default_rng(4)
    a, b, at_nodes = rng.random((9, 14)), rng.random((9, 14)), rng.random((10, 15))
    assert (simp.smooth(a, 1.3) * b).sum() == pytest.approx((a * simp.smooth(b, 1.3)).sum())
    assert simp.smooth(np.ones((9, 14)), 1.3) == pytest.approx(np.ones((9, 14)))
    assert (simp.grey_body.around(a) * at_nodes).sum() == pytest.approx(
        (a * simp.grey_body.to_pixels(at_nodes)).sum()
    )


def test_an_affine_displacement_is_read_exactly(simp):
    body = simp.GreyBody(BRIDGE, SIDE, simp.SimpSettings())
    mass = np.random.default_rng(5).random((body.shape[0] + 1, body.shape[1] + 1))
    i, j = np.indices(mass.shape)
    u = 0.3 + 0.02 * i - 0.05 * j
    read = macro_displacement(np.stack([u, u], axis=2), np.ones(mass.shape, bool), SIDE)
    for r, c in ((0, 0), (1, 3), (2, 6)):
        value = body.fit(u, mass, r, c)[0]
        assert value == pytest.approx(u[r * SIDE, c * SIDE])
        assert value == pytest.approx(read[r, c, 0])


def test_solid_is_what_the_structure_is(simp):
    """All solid: the energy of metafast's own solution, but for the weak springs."""
    body = simp.GreyBody(BRIDGE, SIDE, simp.SimpSettings())
    response = solve_structure(np.ones(body.shape, bool), BRIDGE)
    assert body.solid_energy == pytest.approx(response.energy, rel=1e-5)


def test_a_tiny_body_lowers_its_error_within_the_bounds(simp):
    settings = replace(simp.SimpSettings(), iterations=40, width=0.8)
    body = simp.GreyBody(BRIDGE, SIDE, settings)
    state = simp.optimise(body)
    errors = np.array([row[0] for row in state.history])
    assert np.sqrt(state.best) < 0.5 * errors[0]
    assert state.rho.mean() <= settings.share * (1.0 + simp.TOLERANCE)
    assert simp.greyness(state.rho) < 0.5 * simp.greyness(np.full(body.shape, settings.share))


def test_an_interrupted_optimisation_goes_on_as_if_it_had_not_been(simp):
    body = simp.GreyBody(BRIDGE, SIDE, replace(simp.SimpSettings(), iterations=8))
    whole = simp.optimise(body)

    class Stopped(Exception):
        pass

    kept = []

    def stop(state):
        kept.append(state)
        if len(state.history) == 4:
            raise Stopped

    with pytest.raises(Stopped):
        simp.optimise(body, after=stop)
    again = simp.optimise(body, kept[-1])
    assert np.array_equal(again.x, whole.x)
    assert again.history == whole.history
