"""Training that goes on from a model: the same model at first, in another database's units."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import metafast as mf
from metafast.generative.start import config_for, model_fingerprint, start_networks
from metafast.generative.vae import CellVAE, Scaling


def test_the_regressor_says_the_same_in_other_units(trained):
    vae, _ = trained
    other = Scaling(np.array([0.3, -0.1, 0.2, 5.0]), np.array([0.5, 2.0, 1e-3, 40.0]))
    networks = start_networks(vae, vae.networks.architecture, True, other)
    moved = CellVAE(networks, vae.shape, True, other, vae.phases)
    z = np.random.default_rng(0).standard_normal((20, 16))
    np.testing.assert_allclose(moved.predict(z), vae.predict(z), rtol=1e-4, atol=1e-4)
    assert (moved.decode(z) == vae.decode(z)).all()


def test_wider_networks_do_the_same_at_first(grown, trained):
    vae, _ = trained
    a = replace(vae.networks.architecture, hidden=200)
    networks = start_networks(vae, a, True, vae.scaling, seed=4)
    wide = CellVAE(networks, vae.shape, True, vae.scaling, vae.phases)
    cells = grown.take(slice(0, 50))
    np.testing.assert_allclose(wide.encode(cells), vae.encode(cells), atol=1e-5)
    z = np.random.default_rng(0).standard_normal((20, 16))
    np.testing.assert_allclose(wide.decode(z), vae.decode(z), atol=1e-5)
    np.testing.assert_array_equal(wide.predict(z), vae.predict(z))
    # every new unit hears something, so that training can use it
    first = networks.decoder[0].weight[128:]
    assert (first.abs().sum(dim=1) > 0).all()
    with pytest.raises(ValueError, match="hidden 128 instead of 100"):
        start_networks(vae, replace(a, hidden=100), True, vae.scaling)


def test_a_start_is_corrected_as_often_as_asked(grown, trained):
    vae, _ = trained
    a = vae.networks.architecture
    cells = grown.take(slice(0, 50))
    for times in range(4):
        networks = start_networks(vae, replace(a, corrections=times), True, vae.scaling)
        assert networks.architecture.corrections == times
        model = CellVAE(networks, vae.shape, True, vae.scaling, vae.phases)
        pixels = torch.from_numpy(cells[:, None, :25, :25].astype(np.float32))
        with torch.no_grad():
            mean = vae.networks.mean(vae.networks.encoder(pixels))
            for _ in range(times):
                mean = vae.networks.correction(vae.networks.decoder, pixels.flatten(1), mean)
        np.testing.assert_allclose(model.encode(cells), mean.numpy(), atol=1e-5)
    assert a.corrections == 2  # the start's own stay


def test_training_goes_on_where_the_model_was(grown, config, trained):
    vae, history = trained
    before = model_fingerprint(vae)
    more, again = mf.train_vae(grown, replace(config, epochs=1, learning_rate=1e-3), start=vae)
    names = [name for name in history.dtype.names if name.startswith("held_out_rec")]
    assert again[names[0]][0] < history[names[0]][-1]
    assert model_fingerprint(vae) == before  # training does not touch the model it starts from
    assert more.provenance["start"]["weights"] == before
    assert more.provenance["start"]["epochs"] == config.epochs
    assert "start" not in vae.provenance


def test_a_checkpoint_belongs_to_its_start(grown, config, trained, tmp_path):
    vae, _ = trained
    path = tmp_path / "state.pt"
    small = grown.subset(slice(0, 600))
    once = replace(config, epochs=1)
    mf.train_vae(small, once, start=vae, checkpoint=path)
    mf.train_vae(small, once, start=vae, checkpoint=path)
    with pytest.raises(ValueError, match="another configuration, database, start"):
        mf.train_vae(small, once, checkpoint=path)


def test_a_model_of_other_sizes_is_refused(grown, config, trained):
    vae, _ = trained
    with pytest.raises(ValueError, match="latent 16 instead of 8"):
        mf.train_vae(grown, replace(config, latent=8), start=vae)
    cells = np.random.default_rng(0).integers(0, 2, (60, 50, 50)).astype(np.uint8)
    whole = mf.CellDatabase(cells, [[1.0, 0.2, 1.0, 0.3]] * 60)
    with pytest.raises(ValueError, match="sees quarters of mirror-symmetric cells"):
        mf.train_vae(whole, config, start=vae)
    with pytest.raises(ValueError, match="a CellVAE is needed"):
        mf.train_vae(grown, config, start=torch.nn.Linear(2, 2))


def test_defaults_are_those_of_the_start(grown, trained):
    """Its sizes, and a rate that does not unlearn it; the caller's random numbers stay."""
    vae, _ = trained
    torch.manual_seed(3)
    state = torch.get_rng_state()
    config = config_for(vae)
    assert (config.latent, config.channels, config.hidden) == (16, 8, 128)
    assert config.learning_rate == 0.25 * mf.TrainingConfig().learning_rate
    start_networks(vae, vae.networks.architecture, True, vae.scaling)
    assert (torch.get_rng_state() == state).all()


def test_models_in_other_units_are_other_starts(trained):
    vae, _ = trained
    stiff = CellVAE(
        vae.networks,
        vae.shape,
        True,
        Scaling(vae.scaling.mean, 2 * vae.scaling.deviation),
        vae.phases,
    )
    assert model_fingerprint(stiff) != model_fingerprint(vae)


def test_a_fixed_decoder_keeps_what_latent_points_mean(grown, config, trained):
    """Encoder and regressor train on; the decoder is the start's to the bit."""
    vae, history = trained
    fixed = replace(config, epochs=2, learning_rate=5e-3, fixed_decoder=True)
    more, again = mf.train_vae(grown, fixed, start=vae)
    z = np.random.default_rng(0).standard_normal((20, 16))
    np.testing.assert_array_equal(more.decode(z), vae.decode(z))
    assert again["held_out_reconstruction"][-1] < history["held_out_reconstruction"][-1]
    assert (more.predict(z) != vae.predict(z)).any()
    # and trains again when it is not fixed
    free, _ = mf.train_vae(grown, replace(fixed, epochs=1, fixed_decoder=False), start=more)
    assert (free.decode(z) != vae.decode(z)).any()
    with pytest.raises(ValueError, match="give a start"):
        mf.train_vae(grown, fixed)
    with pytest.raises(ValueError, match="fixed_decoder is 3"):
        mf.TrainingConfig(fixed_decoder=3)


def test_a_fixed_encoder_leaves_its_guess(grown, config, trained):
    """With both ends fixed, the correction and the regressor train on alone."""
    vae, _ = trained
    both = replace(config, epochs=1, fixed_decoder=True, fixed_encoder=True)
    more, _ = mf.train_vae(grown, both, start=vae)
    before, after = vae.networks.state_dict(), more.networks.state_dict()
    changed = {name.split(".")[0] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"correction", "regressor"}
    with pytest.raises(ValueError, match="give a start"):
        mf.train_vae(grown, both)
