"""Optimisers: which weights each one trains, Muon's step, the learning rate."""

import pytest
import torch

import metafast as mf
from metafast.generative.config import Architecture
from metafast.generative.network import Networks
from metafast.generative.optimizers import Schedule, make_optimizers
from metafast.generative.workers import Workers

ALONE = Workers(0, 1, torch.device("cpu"))


def test_learning_rate_rises_then_falls_along_a_cosine():
    schedule = Schedule(2.0, 10, 110)
    assert [schedule.rate(k) for k in (0, 9, 10)] == pytest.approx([0.2, 2.0, 2.0])
    assert schedule.rate(60) == pytest.approx(2.0 * (0.01 + 0.99 / 2))
    assert schedule.rate(110) == pytest.approx(0.02)
    assert Schedule(2.0, 0, 5).rate(0) == 2.0
    assert Schedule.of_run(2.0, 50).warmup == 5
    assert Schedule.of_run(2.0, 50_000).warmup < 5000


@pytest.mark.parametrize("optimizer", ["muon", "adam", "rmsprop"])
def test_every_weight_has_one_optimiser(optimizer):
    networks = Networks(Architecture(latent=16, channels=4, hidden=16))  # as narrow as z
    pairs = make_optimizers(networks, mf.TrainingConfig(optimizer=optimizer, hidden=16), ALONE)
    owned = [id(w) for made, _ in pairs for group in made.param_groups for w in group["params"]]
    assert sorted(owned) == sorted(map(id, networks.parameters()))
    assert pairs[0][1] == 1.0
    assert all(0 < share <= 1.0 for _, share in pairs)


def test_muons_step_is_orthogonal():
    """The step is U V^T of the gradient, scaled as Adam's would be, as far as five rounds reach."""
    networks = Networks(Architecture(latent=16, channels=4, hidden=40))
    (muon, _), _ = make_optimizers(networks, mf.TrainingConfig(learning_rate=0.01), ALONE)
    (weight,) = [w for group in muon.param_groups for w in group["params"]][:1]
    before = weight.detach().clone()
    generator = torch.Generator().manual_seed(0)
    weight.grad = torch.randn(weight.shape, generator=generator)
    muon.step()
    step = (before - weight.detach()) / (0.01 * 0.2 * max(weight.shape) ** 0.5)
    u, _, v = torch.linalg.svd(weight.grad, full_matrices=False)
    singular = torch.linalg.svdvals(step)
    assert singular.min() > 0.6
    assert singular.max() < 1.3
    along = torch.diagonal(u.T @ step @ v.T)
    torch.testing.assert_close(along, torch.linalg.svdvals(step), atol=0.3, rtol=0)
    assert (along > 0.6).all()
    assert (step - u @ torch.diag(along) @ v).norm() < 0.05 * step.norm()


def test_muon_shrinks_no_weights():
    networks = Networks(Architecture(latent=16, channels=4, hidden=40))
    (muon, _), _ = make_optimizers(networks, mf.TrainingConfig(), ALONE)
    before = [w.detach().clone() for group in muon.param_groups for w in group["params"]]
    for group in muon.param_groups:
        for weight in group["params"]:
            weight.grad = torch.zeros_like(weight)
    muon.step()
    after = [w.detach() for group in muon.param_groups for w in group["params"]]
    torch.testing.assert_close(after, before, rtol=0, atol=0)
