"""Training: lineages apart, the same history after an interruption, clear ends."""

import os
from dataclasses import replace

import numpy as np
import pytest
import torch

import metafast as mf
from metafast.generative import run as training_run
from metafast.generative.data import PackedCells, fingerprint
from metafast.generative.lineage import held_out, lineages
from metafast.generative.network import Architecture, Networks, loss_terms
from metafast.generative.run import TrainingRun


def test_lineages_are_followed_to_the_seed():
    parents = np.array([-1, 0, 1, 2, -1, 4, 3, -1])
    assert lineages(parents).tolist() == [0, 0, 0, 0, 4, 4, 0, 7]


def test_whole_lineages_are_held_out():
    rng = np.random.default_rng(0)
    parents = np.where(np.arange(5000) < 300, -1, rng.integers(0, np.maximum(np.arange(5000), 1)))
    parents[0] = -1
    apart = held_out(parents, 0.1, 1)
    root = lineages(parents)
    assert 0.05 < apart.mean() <= 0.1
    assert not set(root[apart]) & set(root[~apart])
    assert (held_out(parents, 0.1, 1) == apart).all()
    assert (held_out(parents, 0.1, 2) != apart).any()


def test_one_lineage_cannot_be_split(grown, config):
    database = grown.subset(slice(0, 300))
    database.parents = np.arange(-1, 299)
    with pytest.raises(ValueError, match="descend from one seed"):
        mf.train_vae(database, config)


def test_a_checkpoint_without_a_place_is_refused_first(grown, config, tmp_path):
    with pytest.raises(ValueError, match="there is no directory"):
        mf.train_vae(grown, config, checkpoint=tmp_path / "nowhere" / "state.pt")
    with pytest.raises(ValueError, match="it is a directory"):
        mf.train_vae(grown, config, checkpoint=tmp_path)


def test_the_caller_keeps_threads_and_random_numbers(grown, config):
    torch.manual_seed(5)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    mf.train_vae(grown.subset(slice(0, 400)), replace(config, epochs=1))
    assert torch.get_num_threads() == threads
    assert (torch.get_rng_state() == before).all()


def test_batches_are_the_cells(grown):
    data = PackedCells(grown, np.arange(4.0 * len(grown)).reshape(-1, 4), torch.device("cpu"))
    rows = torch.tensor([5, 0, 3999])
    pixels, wanted = data.take(rows)
    assert (pixels[:, 0].numpy() == grown.take(rows.numpy())[:, :25, :25]).all()
    assert wanted[1].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert len(fingerprint(grown)) == 64
    assert fingerprint(grown.subset(slice(1, None))) != fingerprint(grown)


def test_loss_is_equation_6():
    """Bernoulli likelihood, closed-form KL divergence and squared error, written out."""
    rng = np.random.default_rng(0)
    logits, pixels = rng.standard_normal((3, 1, 4, 5)), rng.random((3, 1, 4, 5)) < 0.5
    mean, log_variance = rng.standard_normal((2, 3, 6))
    said, wanted = rng.standard_normal((2, 3, 4))
    terms = loss_terms(
        *(torch.tensor(x) for x in (logits, mean, log_variance, said, pixels * 1.0, wanted))
    )
    chance = 1 / (1 + np.exp(-logits))
    likelihood = np.where(pixels, np.log(chance), np.log(1 - chance)).sum() / 3
    # KL(N(m, s^2) || N(0, 1)) by Gauss-Hermite quadrature of log q - log p under q
    x, w = np.polynomial.hermite_e.hermegauss(20)
    z = mean[..., None] + np.exp(0.5 * log_variance)[..., None] * x
    log_ratio = -0.5 * (x**2 + log_variance[..., None]) + 0.5 * z**2
    kl = (log_ratio @ w).sum() / np.sqrt(2 * np.pi) / 3
    assert float(terms["reconstruction"]) == pytest.approx(-likelihood, rel=1e-5)
    assert float(terms["kl"]) == pytest.approx(kl, rel=1e-6)
    assert float(terms["regression"]) == pytest.approx(((said - wanted) ** 2).sum() / 3)


@pytest.mark.parametrize("shape", [(25, 25), (50, 50), (10, 13), (7, 8)])
def test_networks_keep_the_size(shape):
    networks = Networks(Architecture(*shape, latent=5, channels=4, hidden=16))
    logits, mean, log_variance, said = networks(torch.zeros(2, 1, *shape), torch.zeros(2, 5))
    assert logits.shape == (2, 1, *shape)
    assert mean.shape == log_variance.shape == (2, 5)
    assert said.shape == (2, 4)


def test_every_pixel_reaches_the_encoder():
    """Also where blocks of five, three apart, would end before the last row or column."""
    for n in (*range(1, 14), 25, 50):
        networks = Networks(Architecture(n, n + 1, latent=3, channels=2, hidden=8))
        pixels = torch.rand(1, 1, n, n + 1, requires_grad=True)
        (slope,) = torch.autograd.grad(networks.encode(pixels)[0].sum(), pixels)
        assert (slope != 0).all(), n


def test_a_short_run_reaches_its_peak(grown, config):
    run = TrainingRun(grown, replace(config, warmup=10_000))
    rates = [run.schedule.rate(k) for k in range(run.schedule.steps)]
    assert max(rates) == pytest.approx(config.peak, rel=0.05)
    assert rates[-1] < 0.05 * config.peak


def test_scores_are_those_of_the_held_out_cells(trained, grown, config):
    vae, history = trained
    scores = vae.provenance["scores"]
    assert scores["held_out_pixel_error"] == history["held_out_pixel_error"][-1]
    apart = held_out(grown.parents, config.held_out, config.seed)
    assert scores["held_out_cells"] == apart.sum()
    true = grown.properties[apart]
    said = vae.predict(vae.encode(grown.take(np.flatnonzero(apart))))
    left, spread = ((said - true) ** 2).sum(axis=0), ((true - true.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(scores["r2"], 1 - left / spread, atol=1e-4)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning:torch")
def test_compiled_networks_train_alike(grown, config):
    short = replace(config, epochs=1)
    _, eager = mf.train_vae(grown, short)
    _, compiled = mf.train_vae(grown, replace(short, compile=True))
    np.testing.assert_allclose(
        compiled["held_out_reconstruction"], eager["held_out_reconstruction"], rtol=0.05
    )


def test_training_learns(trained):
    _, history = trained
    assert len(history) == 3
    assert (np.diff(history["reconstruction"]) < 0).all()
    assert (np.diff(history["regression"]) < 0).all()
    assert history["held_out_pixel_error"][-1] < 0.25
    assert history["held_out_regression"][-1] < 2.0  # 4 for a constant


def test_interrupted_training_goes_on_to_the_same(grown, config, trained, tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    whole, history = trained

    def stop(what, done, total):
        if done > 0.5 * total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mf.train_vae(grown, config, checkpoint=path, progress=stop)
    again, resumed = mf.train_vae(grown, config, checkpoint=path)
    assert resumed.tobytes() == history.tobytes()
    z = np.random.default_rng(0).standard_normal((3, 16))
    np.testing.assert_array_equal(again.decode(z), whole.decode(z))
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

    torch.save({"belongs": Evil()}, path)
    with pytest.raises(ValueError, match="not a readable checkpoint"):
        mf.train_vae(grown, config, checkpoint=path)
    assert not (tmp_path / "owned").exists()


def test_a_loss_that_is_not_finite_ends_training(grown, config, monkeypatch):
    def broken(*arguments):
        terms = loss_terms(*arguments)
        return terms | {"kl": terms["kl"] * float("nan")}

    monkeypatch.setattr(training_run, "loss_terms", broken)
    with pytest.raises(FloatingPointError, match="lower learning_rate"):
        mf.train_vae(grown, config)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"batch": 1.5}, "batch is 1.5"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd'"),
        ({"device": "tpu"}, "device is 'tpu'"),
        ({"held_out": 0.7}, "held_out is 0.7"),
        ({"channels": 0}, "channels is 0"),
        ({"weight_decay": -1}, "weight_decay is -1"),
        ({"weight_decay": 0.1, "optimizer": "adam"}, "weight_decay is 0.1 but adam has none"),
        ({"compile": "yes"}, "compile is 'yes'"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        mf.TrainingConfig(**options)
