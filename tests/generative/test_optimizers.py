"""Optimisers: who trains what, Muon against torch's own, the learning rate."""

import pytest
import torch

import metafast as mf
from metafast.generative.muon import Muon, orthogonalised
from metafast.generative.network import Architecture, Networks
from metafast.generative.optimizers import Schedule, make_optimizers


def test_learning_rate_rises_then_falls_along_a_cosine():
    schedule = Schedule(2.0, 10, 110)
    assert [schedule.rate(k) for k in (0, 9, 10)] == pytest.approx([0.2, 2.0, 2.0])
    assert schedule.rate(60) == pytest.approx(2.0 * (0.01 + 0.99 / 2))
    assert schedule.rate(110) == pytest.approx(0.02)
    assert Schedule(2.0, 0, 5).rate(0) == 2.0


@pytest.mark.parametrize("optimizer", ["muon", "adam", "rmsprop"])
def test_every_weight_has_one_optimiser(optimizer):
    networks = Networks(Architecture(latent=16, channels=4, hidden=16))  # as narrow as z
    pairs = make_optimizers(networks, mf.TrainingConfig(optimizer=optimizer, hidden=16))
    owned = [id(w) for made, _ in pairs for group in made.param_groups for w in group["params"]]
    assert sorted(owned) == sorted(map(id, networks.parameters()))
    assert [share for _, share in pairs] == ([1.0, 0.25] if optimizer == "muon" else [1.0])


def test_muon_is_torchs_own():
    """And its step is U V^T of the gradient, within what five rounds in bfloat16 reach."""
    generator = torch.Generator().manual_seed(0)
    gradient = torch.randn(40, 90, generator=generator)
    singular = torch.linalg.svdvals(orthogonalised(gradient).float())
    assert singular.min() > 0.6
    assert singular.max() < 1.3
    if not hasattr(torch.optim, "Muon"):
        pytest.skip("this torch has none")
    start = torch.randn(90, 40, generator=generator)
    ours, theirs = start.clone().requires_grad_(), start.clone().requires_grad_()
    made = Muon([ours], lr=0.01, weight_decay=0.1)
    peer = torch.optim.Muon([theirs], lr=0.01, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    for _ in range(3):
        ours.grad = torch.randn(90, 40, generator=generator)
        theirs.grad = ours.grad.clone()
        made.step()
        peer.step()
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)
