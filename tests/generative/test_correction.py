"""Corrections of the encoder's guess: gradients, the learnt step, Levenberg-Marquardt."""

import copy
import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

import metafast as mf
from metafast.generative.config import Architecture
from metafast.generative.correction import (
    _CURVATURE,
    _LARGEST,
    Correction,
    _jacobian,
    _State,
    loss_gradient,
    map_estimate,
)
from metafast.generative.network import Networks


def loss(decoder, pixels, z):
    wrong = nn.functional.binary_cross_entropy_with_logits(decoder(z), pixels, reduction="sum")
    return wrong + 0.5 * z.square().sum()


def test_gradient_is_that_of_reverse_differentiation():
    torch.manual_seed(0)
    decoder = Networks(Architecture(9, 9, 4, 4, 32, 16)).decoder
    pixels = (torch.rand(20, 81) < 0.5).float()
    z = torch.randn(20, 4, requires_grad=True)
    (exact,) = torch.autograd.grad(loss(decoder, pixels, z), z)
    by_hand = loss_gradient(decoder, pixels, z)
    torch.testing.assert_close(by_hand, exact)
    assert not by_hand.requires_grad
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert (loss_gradient(decoder, pixels, z) - exact).abs().max() < 0.03 * exact.abs().max()


def test_the_inverse_curvature_solves_a_ridge():
    """A linear decoder near its minimum: P = (J^T D J + I)^-1 takes the guess there at once."""
    torch.manual_seed(1)
    decoder = nn.Sequential(nn.Linear(3, 40))
    pixels = torch.sigmoid(decoder(torch.zeros(1, 3))).detach()  # so that z = 0 is the minimum
    weight, chance = decoder[0].weight, pixels[0]
    curvature = weight.T @ (weight * (chance * (1 - chance))[:, None]) + torch.eye(3)
    step = Correction(3, 8)
    with torch.no_grad():
        step.last.bias.copy_(_CURVATURE * torch.linalg.inv(curvature).flatten())
        guess = 1e-3 * torch.randn(1, 3)
        assert step(decoder, pixels, guess).norm() < 1e-3 * guess.norm()


def test_a_guess_far_off_is_not_thrown_away():
    """Its gradient is thousands long; without a bound trainings diverged."""
    torch.manual_seed(1)
    decoder = nn.Sequential(nn.Linear(3, 40))
    pixels = (decoder(torch.zeros(6, 3)) < 0).float().detach()
    with torch.no_grad():
        decoder[0].weight.mul_(300.0)
        guess = 5.0 * torch.randn(6, 3)
        assert (loss_gradient(decoder, pixels, guess).norm(dim=1) > 5 * _LARGEST).all()
        step = Correction(3, 8)
        step.last.bias.copy_(torch.eye(3).flatten())
        moved = (step(decoder, pixels, guess) - guess).norm(dim=1)
    assert (moved <= _LARGEST / _CURVATURE).all()
    assert (moved > 0.5 * _LARGEST / _CURVATURE).all()


def test_nothing_is_corrected_before_training():
    torch.manual_seed(0)
    networks = Networks(Architecture(9, 9, 4, 4, 32, 16))
    pixels = (torch.rand(5, 1, 9, 9) < 0.5).float()
    guess = networks.mean(networks.encoder(pixels))
    torch.testing.assert_close(networks.encode(pixels)[0], guess, rtol=0, atol=0)


def test_none_is_the_paper_and_the_guess_is_the_mean(grown, config):
    small = grown.subset(slice(0, 600))
    vae = mf.train_vae(small, replace(config, epochs=1, corrections=0)).vae
    pixels = torch.from_numpy(small.take(slice(0, 9))[:, None, :25, :25].astype(np.float32))
    with torch.no_grad():
        guess = vae.networks.mean(vae.networks.encoder(pixels))
    np.testing.assert_allclose(vae.encode(small.take(slice(0, 9))), guess.numpy(), atol=1e-6)
    with pytest.raises(ValueError, match="corrections is -1"):
        replace(config, corrections=-1)


def test_training_learns_a_step_that_reconstructs_better(trained, grown):
    vae = trained.vae
    blind = copy.deepcopy(vae)
    with torch.no_grad():
        blind.networks.correction.last.weight.zero_()
        blind.networks.correction.last.bias.zero_()
    cells = grown.take(slice(0, len(grown), 7))
    quarters = torch.from_numpy(cells[:, :25, :25].reshape(len(cells), -1).astype(np.float32))
    with torch.no_grad():
        losses = [
            float(loss(v.networks.decoder, quarters, torch.from_numpy(v.encode(cells)).float()))
            for v in (blind, vae)
        ]
    assert losses[1] < losses[0]


def test_the_regressor_is_trained_through_the_step(grown):
    """The gradient of a function of the mean reaches the encoder and the step, not the decoder."""
    torch.manual_seed(0)
    networks = Networks(Architecture(25, 25, 4, 4, 32, 16))
    nn.init.normal_(networks.correction.last.bias)
    pixels = torch.from_numpy(grown.take(slice(0, 8))[:, None, :25, :25].astype(np.float32))
    networks.regressor(networks.encode(pixels)[0]).sum().backward()
    assert networks.mean.weight.grad.abs().sum() > 0
    assert networks.correction.last.weight.grad.abs().sum() > 0
    assert all(weight.grad is None for weight in networks.decoder.parameters())


def losses_of(decoder, pixels, z):
    """Loss (n,) of every cell."""
    return _State.at(decoder, pixels, z).loss


@pytest.fixture(scope="module")
def problem():
    """A decoder of random weights, sharper than it comes, and pixels that it may not reach."""
    torch.manual_seed(3)
    decoder = Networks(Architecture(9, 9, 4, 4, 32, 16)).decoder
    with torch.no_grad():
        for layer in decoder:
            if isinstance(layer, nn.Linear):
                layer.weight.mul_(3.0)
        pixels = (decoder(torch.randn(40, 4)) > 0).float()
    pixels[::2, :5] = 1 - pixels[::2, :5]
    return decoder.requires_grad_(False), pixels, 0.5 * torch.randn(40, 4)


@pytest.mark.parametrize(("fast", "tolerance"), [(False, 1e-5), (True, 0.03)])
def test_jacobian_is_that_of_reverse_differentiation(problem, fast, tolerance):
    decoder, pixels, z = problem
    exact = torch.stack([torch.autograd.functional.jacobian(decoder, point).mT for point in z[:4]])
    here = _State.at(decoder, pixels[:4], z[:4])
    gap = (_jacobian(decoder, here, fast) - exact).abs().max()
    assert gap < tolerance * exact.abs().max()


def test_logistic_regression_with_a_ridge_is_solved():
    """One linear layer: convex, so the gradient vanishes at the one minimum."""
    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(5, 60))
    pixels = (torch.rand(30, 60) < 0.4).float()
    with torch.no_grad():
        z = map_estimate(decoder, pixels, torch.zeros(30, 5), 30)
        weight = decoder[0].weight
        gradient = (torch.sigmoid(decoder(z)) - pixels) @ weight + z
    assert gradient.abs().max() < 2e-2
    near = z + 0.05 * torch.randn(30, 5)
    with torch.no_grad():
        assert (losses_of(decoder, pixels, near) > losses_of(decoder, pixels, z)).all()


def test_no_step_makes_a_cell_less_probable(problem):
    decoder, pixels, guess = problem
    losses = [
        losses_of(decoder, pixels, map_estimate(decoder, pixels, guess, steps))
        for steps in range(6)
    ]
    torch.testing.assert_close(losses[0], losses_of(decoder, pixels, guess))
    for before, after in itertools.pairwise(losses):
        assert (after <= before).all()


def test_a_few_steps_do_what_hundreds_of_adam_do(problem):
    decoder, pixels, guess = problem
    z = guess.clone().requires_grad_(True)
    adam = torch.optim.Adam([z], lr=0.03)
    for _ in range(400):
        adam.zero_grad()
        losses_of(decoder, pixels, z).sum().backward()
        adam.step()
    ours = losses_of(decoder, pixels, map_estimate(decoder, pixels, guess, 20))
    theirs = losses_of(decoder, pixels, z.detach())
    assert np.median((ours - theirs) / theirs) < 0.01
    assert ours.mean() < 1.05 * theirs.mean()


def test_chunks_do_not_matter(problem):
    decoder, pixels, guess = problem
    whole = map_estimate(decoder, pixels, guess, 3)
    parts = map_estimate(decoder, pixels, guess, 3, chunk=7)
    torch.testing.assert_close(whole, parts, atol=1e-3, rtol=1e-3)


def test_a_refused_step_is_tried_again_with_more_damping(problem):
    """From far away undamped steps overshoot; cells alone and together end alike."""
    decoder, pixels, guess = problem
    far = 6.0 * guess
    first = map_estimate(decoder, pixels, far, 1)
    refused = torch.nonzero((first == far).all(dim=1)).ravel()
    assert len(refused), "the case is there"
    alone = [map_estimate(decoder, pixels[k : k + 1], far[k : k + 1], 12) for k in refused]
    start = losses_of(decoder, pixels[refused], far[refused])
    assert (losses_of(decoder, pixels[refused], torch.cat(alone)) < start).all()
