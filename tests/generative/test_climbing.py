"""Curved arrows: derivatives by the latent point, and walks that rise at every step."""

import numpy as np
import pytest
import torch

import metafast as mf
from metafast.generative.climbing import (
    _is_load_bearing,
    ascend_property,
    property_sensitivities,
)
from metafast.generative.config import Architecture
from metafast.generative.decoding import DecodedCells, in_one_piece
from metafast.generative.network import Networks
from metafast.generative.vae import Scaling
from metafast.properties.names import NAMES, derivative_of, value_of


@pytest.fixture(scope="module")
def vae():
    return mf.CellVAE.default()


@pytest.fixture(scope="module")
def starts(vae):
    return mf.latent.sample(vae, 20, seed=2).z


@pytest.mark.parametrize("name", NAMES)
def test_derivatives_of_named_properties(name):
    c = np.array([[0.4, 0.1, 0.7, 0.05], [0.02, -0.01, 0.5, 0.2]])
    for k in range(4):
        step = np.zeros(4)
        step[k] = 1e-6
        slope = (value_of(c + step, name) - value_of(c - step, name)) / 2e-6
        np.testing.assert_allclose(derivative_of(c, name)[:, k], slope, rtol=1e-6, atol=1e-8)


def check_by_differences(vae, z, step):
    properties, slope = property_sensitivities(vae, z)
    for way in np.linalg.qr(np.random.default_rng(1).standard_normal((vae.latent, 3)))[0].T:
        ahead, behind = (property_sensitivities(vae, z + s * way)[0] for s in (step, -step))
        by_difference = (ahead - behind) / (2 * step)
        scale = np.abs(slope).sum(axis=2)
        assert (np.abs(slope @ way - by_difference) <= 2e-3 * scale).all()
    return properties


def test_sensitivities_of_quarters_by_differences(vae, starts):
    properties = check_by_differences(vae, starts[:5], 2e-3)
    assert (np.abs(properties[:, 0] - properties[:, 2]) > 0.01).any()  # would 1 and 2 be exchanged


def test_sensitivities_of_whole_cells_by_differences():
    torch.manual_seed(0)
    networks = Networks(Architecture(rows=6, cols=8, hidden=16, channels=2))
    whole = mf.CellVAE(
        networks, (6, 8), False, Scaling(np.zeros(4), np.ones(4)), mf.Phases(void=1e-4)
    )
    z = 3.0 * np.random.default_rng(0).standard_normal((4, 16))
    properties = check_by_differences(whole, z, 2e-2)
    assert (properties[:, 0] != properties[:, 2]).all()


@pytest.mark.parametrize("name", NAMES)
def test_walks_rise_at_every_step(vae, starts, name):
    """Whole cells, homogenized; benchmarks/bench_arrows.py has 200 random and unseen cells."""
    ups, downs = mf.latent.ascend(vae, starts, name), mf.latent.ascend(vae, starts, name, -1.5)
    complete = 0
    for start, up, down in zip(starts, ups, downs, strict=True):
        assert (np.diff(value_of(up.properties, name)) > 0).all()
        assert (np.diff(value_of(down.properties, name)) < 0).all()
        for walk in (up, down):
            np.testing.assert_array_equal(walk.z[0], start)
            assert walk.connected[1:].all()
        complete += len(up.z) == len(down.z) == 4
    assert complete >= 0.9 * len(starts)
    stiffness = mf.homogenize(ups[0].cells, vae.phases)
    np.testing.assert_allclose(ups[0].properties[:, 2], stiffness[:, 1, 1], atol=1e-12)


def test_anisotropy_leads_to_cells_stiff_along_2(vae, starts):
    walks = mf.latent.ascend(vae, starts, "anisotropy", 3.0, 7)
    ratio = [walk.properties[[0, -1], 2] / walk.properties[[0, -1], 0] for walk in walks]
    assert np.median([last / first for first, last in ratio]) > 3.0


def test_walks_do_not_depend_on_their_number(vae, starts):
    together = mf.latent.ascend(vae, starts[:5], "poisson")
    in_twos = ascend_property(vae, starts[:5], "poisson", 1.5, 4, group=2)
    for a, b in zip(together, in_twos, strict=True):
        np.testing.assert_allclose(a.z, b.z, atol=1e-3)


def test_walks_do_not_depend_on_the_units(vae, starts):
    """Of a material a hundred thousand times as stiff the walks are the same."""
    stiff = mf.CellVAE(
        vae.networks, vae.shape, True, vae.scaling, mf.Phases(mf.Material(young=1e5))
    )
    for name in ("C33", "anisotropy"):
        ours, theirs = (mf.latent.ascend(v, starts[:4], name) for v in (vae, stiff))
        for a, b in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(a.z, b.z, atol=1e-3)
            np.testing.assert_allclose(1e5 * a.properties, b.properties, rtol=1e-6, atol=1e-6)


def test_a_start_in_pieces_is_left(vae):
    """It is as soft as void, and no whole cell is softer: any one counts as further down."""
    z = mf.latent.sample(vae, 80, seed=1, rounds=0).z
    walks = [w for w in mf.latent.ascend(vae, z, "C11", -1.5, join=False) if not w.connected[0]]
    assert sum(len(w.z) > 1 for w in walks) >= 3
    for w in walks:
        assert w.connected[1:].all()
        assert (np.diff(w.properties[1:, 0]) < 0).all()


def test_cells_that_meet_no_neighbour_bear_no_load(vae):
    """In one piece across all four sides, but at other heights on the left than on the right."""
    apart = np.zeros((2, 12, 12), np.uint8)
    apart[:, :, 5:7] = 1
    apart[0, 2:4, :6] = apart[0, 8:10, 6:] = apart[1, 5:7] = 1
    properties = np.array(mf.homogenize(apart, vae.phases)[:, [0, 0, 1, 2], [0, 1, 1, 2]])
    yes = np.ones(2, bool)
    made = DecodedCells(np.zeros((2, 16)), apart, np.full(2, 0.9), properties, yes, yes, ~yes)
    assert in_one_piece(apart).all()
    assert _is_load_bearing(vae, made).tolist() == [False, True]


def test_sensitivities_where_torch_keeps_no_gradients(vae, starts):
    with torch.no_grad():
        _, slope = property_sensitivities(vae, starts[:1])
    assert np.isfinite(slope).all()
    assert slope.any()


def test_progress_is_reported(vae, starts):
    told = []

    def report(*said):
        told.append(said)

    ascend_property(vae, starts[:3], "C22", 0.1, 2, group=2, progress=report)
    assert told == [("climbing", 2, 3), ("climbing", 3, 3)]
    mf.latent.ascend(vae, starts[:3], "C22", 0.1, 2, progress=report)
    assert told[-1] == ("climbing", 3, 3)


def test_a_walk_ends_where_there_is_nothing_higher(vae):
    solid = vae.encode(np.ones((1, 50, 50), np.uint8))
    (walk,) = mf.latent.ascend(vae, solid, "C11")
    assert len(walk.z) == 1
    assert walk.cells.all()


def test_wrong_input_is_named(vae, starts):
    with pytest.raises(ValueError, match=r"starts has shape \(16,\)"):
        mf.latent.ascend(vae, starts[0], "C11")
    with pytest.raises(ValueError, match="name is 'C13'"):
        mf.latent.ascend(vae, starts, "C13")
    with pytest.raises(ValueError, match="length is 0"):
        mf.latent.ascend(vae, starts, "C11", 0.0)
    with pytest.raises(ValueError, match="steps"):
        mf.latent.ascend(vae, starts, "C11", steps=1)
    with pytest.raises(ValueError, match="finite"):
        mf.latent.ascend(vae, np.full((1, 16), np.nan), "C11")
    assert mf.latent.ascend(vae, np.empty((0, 16)), "C11") == []
