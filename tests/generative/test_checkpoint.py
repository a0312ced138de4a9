"""Checkpoints, and training from a model: the same weights at first, in other units."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch

import metafast as mf
from metafast.generative.checkpoint import model_fingerprint, start_networks
from metafast.generative.vae import CellVAE, Scaling


def test_interrupted_training_resumes_to_the_same(grown, config, trained, tmp_path):
    path = tmp_path / "state.pt"
    whole, history = trained.vae, trained.history

    def stop(what, done, total):
        if done > 0.5 * total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mf.train_vae(grown, config, checkpoint=path, progress=stop)
    again = mf.train_vae(grown, config, checkpoint=path)
    assert again.history.tobytes() == history.tobytes()
    z = np.random.default_rng(0).standard_normal((3, 16))
    np.testing.assert_array_equal(again.vae.decode(z), whole.decode(z))
    with pytest.raises(ValueError, match="another configuration, database, start"):
        mf.train_vae(grown, replace(config, epochs=4), checkpoint=path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ValueError, match="not a readable checkpoint"):
        mf.train_vae(grown, config, checkpoint=path)


def test_a_checkpoint_runs_no_code(grown, config, tmp_path):
    path = tmp_path / "evil.pt"

    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "owned"),)

    torch.save({"run": Evil()}, path)
    with pytest.raises(ValueError, match="not a readable checkpoint"):
        mf.train_vae(grown, config, checkpoint=path)
    assert not (tmp_path / "owned").exists()


def test_a_checkpoint_without_a_place_is_refused_first(grown, config, tmp_path):
    with pytest.raises(ValueError, match="there is no directory"):
        mf.train_vae(grown, config, checkpoint=tmp_path / "nowhere" / "state.pt")
    with pytest.raises(ValueError, match="it is a directory"):
        mf.train_vae(grown, config, checkpoint=tmp_path)


def test_the_regressor_says_the_same_in_other_units(trained):
    vae = trained.vae
    other = Scaling(np.array([0.3, -0.1, 0.2, 5.0]), np.array([0.5, 2.0, 1e-3, 40.0]))
    networks = start_networks(vae, vae.networks.architecture, True, other)
    moved = CellVAE(networks, vae.shape, True, other, vae.phases)
    z = np.random.default_rng(0).standard_normal((20, 16))
    np.testing.assert_allclose(moved.predict(z), vae.predict(z), rtol=1e-4, atol=1e-4)
    assert (moved.decode(z) == vae.decode(z)).all()


def test_a_start_is_corrected_as_often_as_asked(grown, trained):
    vae = trained.vae
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


def test_training_continues_where_the_model_was(grown, config, trained):
    vae, history = trained.vae, trained.history
    before = model_fingerprint(vae)
    again = mf.train_vae(grown, replace(config, epochs=1, learning_rate=1e-3), start=vae)
    more = again.vae
    column = "held_out_reconstruction"
    assert again.history[column][0] < history[column][-1]
    assert model_fingerprint(vae) == before  # training does not touch the model it starts from
    assert more.provenance["start"]["weights"] == before
    assert more.provenance["start"]["epochs"] == config.epochs
    assert "start" not in vae.provenance


def test_a_checkpoint_belongs_to_its_start(grown, config, trained, tmp_path):
    vae = trained.vae
    path = tmp_path / "state.pt"
    small = grown.subset(slice(0, 600))
    once = replace(config, epochs=1)
    mf.train_vae(small, once, start=vae, checkpoint=path)
    mf.train_vae(small, once, start=vae, checkpoint=path)
    with pytest.raises(ValueError, match="another configuration, database, start"):
        mf.train_vae(small, once, checkpoint=path)


def test_a_model_of_other_sizes_is_refused(grown, config, trained):
    vae = trained.vae
    with pytest.raises(ValueError, match="latent 16 instead of 8"):
        mf.train_vae(grown, replace(config, latent=8), start=vae)
    cells = np.random.default_rng(0).integers(0, 2, (60, 50, 50)).astype(np.uint8)
    whole = mf.CellDatabase(cells, [[1.0, 0.2, 1.0, 0.3]] * 60)
    with pytest.raises(ValueError, match="sees quarters of mirror-symmetric cells"):
        mf.train_vae(whole, config, start=vae)
    with pytest.raises(ValueError, match="a CellVAE is needed"):
        mf.train_vae(grown, config, start=torch.nn.Linear(2, 2))


def test_models_in_other_units_are_other_starts(trained):
    vae = trained.vae
    stiff = CellVAE(
        vae.networks,
        vae.shape,
        True,
        Scaling(vae.scaling.mean, 2 * vae.scaling.deviation),
        vae.phases,
    )
    assert model_fingerprint(stiff) != model_fingerprint(vae)


def test_sizes_are_those_of_the_start(grown, trained):
    """With no size given; the caller's random numbers stay."""
    torch.manual_seed(3)
    state = torch.get_rng_state()
    small = grown.subset(slice(0, 600))
    more = mf.train_vae(small, mf.TrainingConfig(epochs=1, batch=64), start=trained.vae).vae
    assert more.networks.architecture == trained.vae.networks.architecture
    assert more.provenance["config"]["hidden"] == 128
    assert more.provenance["config"]["learning_rate"] == 0.25 * mf.TrainingConfig().peak
    assert (torch.get_rng_state() == state).all()
