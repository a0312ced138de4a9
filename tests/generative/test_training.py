"""Training: lineages apart, losses that fall, scores of held-out cells, clear ends."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import metafast as mf
from metafast.generative.data import held_out
from metafast.generative.training import TrainingRun


def test_one_lineage_cannot_be_split(grown, config):
    database = grown.subset(slice(0, 300))
    database.parents = np.arange(-1, 299)
    with pytest.raises(ValueError, match="descend from one seed"):
        mf.train_vae(database, config)


def test_the_caller_keeps_threads_and_random_numbers(grown, config):
    torch.manual_seed(5)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    mf.train_vae(grown.subset(slice(0, 400)), replace(config, epochs=1))
    assert torch.get_num_threads() == threads
    assert (torch.get_rng_state() == before).all()


def test_a_step_follows_the_weighted_sum_of_equation_6(grown, config):
    """The gradient of a step against that of the sum, written out with the same noise."""
    threads = torch.get_num_threads()
    run, rows = TrainingRun(grown, replace(config, corrections=0)), torch.arange(64)
    noise = torch.randn(64, 16, generator=torch.Generator().manual_seed(9))
    pixels, standardised = run.data.cells.take(rows)
    logits, mean, log_variance, said = run.networks(pixels, noise)
    chance = torch.sigmoid(logits.double()).clamp(1e-9, 1 - 1e-9)
    parts = (
        -torch.where(pixels > 0.5, chance.log(), (1 - chance).log()).sum() / 64,
        0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum() / 64,
        ((said - standardised) ** 2).sum() / 64,
    )
    parameters = list(run.networks.parameters())
    slopes = [_slope(part, parameters) for part in parts]
    # weights that make all three parts count alike
    kl, regression = (float(slopes[0].norm() / slope.norm()) for slope in slopes[1:])
    weights = {"kl_weight": kl, "regression_weight": regression}
    again = TrainingRun(grown, replace(config, corrections=0, **weights))
    again.random.manual_seed(9)
    again._train_step(rows, 0)
    torch.set_num_threads(threads)
    ours = torch.cat([
        (torch.zeros_like(p) if p.grad is None else p.grad).ravel()
        for p in again.networks.parameters()
    ])  # fmt: skip
    theirs = slopes[0] + kl * slopes[1] + regression * slopes[2]
    assert torch.dot(ours, theirs) > 0.999 * ours.norm() * theirs.norm()
    assert float(ours.norm()) == pytest.approx(min(50.0, float(theirs.norm())), rel=1e-2)


def _slope(value, parameters):
    """Derivatives by all parameters in one vector; 0 where there is none."""
    slopes = torch.autograd.grad(value, parameters, retain_graph=True, allow_unused=True)
    pairs = zip(parameters, slopes, strict=True)
    return torch.cat([(torch.zeros_like(p) if s is None else s).ravel() for p, s in pairs])


def test_a_short_run_reaches_its_peak(grown, config):
    run = TrainingRun(grown, config)
    rates = [run.schedule.rate(k) for k in range(run.schedule.steps)]
    assert max(rates) == pytest.approx(config.peak, rel=0.05)
    assert rates[-1] < 0.05 * config.peak


def test_scores_are_those_of_the_held_out_cells(trained, grown, config):
    vae, history = trained.vae, trained.history
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
    eager = mf.train_vae(grown, short).history
    run = TrainingRun(grown, short)
    run.forward = torch.compile(run.networks)
    compiled = run.train().history
    np.testing.assert_allclose(
        compiled["held_out_reconstruction"], eager["held_out_reconstruction"], rtol=0.05
    )


def test_training_learns(trained):
    history = trained.history
    assert len(history) == 3
    assert (np.diff(history["reconstruction"]) < 0).all()
    assert (np.diff(history["regression"]) < 0).all()
    assert history["held_out_pixel_error"][-1] < 0.25
    assert history["held_out_regression"][-1] < 2.0  # 4 for a constant


def test_a_loss_that_is_not_finite_ends_training(grown, config):
    with pytest.raises(FloatingPointError, match="lower learning_rate"):
        mf.train_vae(grown, replace(config, learning_rate=1e30))


def test_training_with_shifts_learns_shifted_cells(grown, config):
    """From cells that are solid in the corners and void in the middle alone."""
    quarters = grown.take(slice(None))[:, :25, :25]
    lean = quarters[:, :9, :9].mean(axis=(1, 2)) - quarters[:, -9:, -9:].mean(axis=(1, 2))
    lopsided = grown.subset(np.sort(np.argsort(lean)[-1000:]))
    lopsided.parents = np.where(np.arange(1000) < 40, -1, np.arange(1000) % 40)
    made = [mf.train_vae(lopsided, replace(config, shifts=on)).vae for on in (False, True, True)]
    moved = np.roll(lopsided.take(slice(None)), (25, 25), (1, 2))
    wrong = [((m.decode(m.encode(moved)) > 0.5) != (moved > 0)).mean() for m in made]
    assert wrong[1] < wrong[0]
    assert wrong[2] == wrong[1]  # the seed gives the shifts too
    assert made[1].provenance["config"]["shifts"] is True
