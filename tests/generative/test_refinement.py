"""Steps from the encoder's guess: derivatives, convexity, and Adam as a slow twin."""

import itertools

import numpy as np
import pytest
import torch
from torch import nn

from metafast.generative import refinement
from metafast.generative.network import Architecture, Networks
from metafast.generative.workers import Workers


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


def loss(decoder, pixels, z):
    return refinement._State.at(decoder, pixels, z).loss


@pytest.mark.parametrize(("fast", "tolerance"), [(False, 1e-5), (True, 0.03)])
def test_jacobian_is_that_of_reverse_differentiation(problem, monkeypatch, fast, tolerance):
    monkeypatch.setattr(Workers, "fast_bfloat16", fast)
    decoder, pixels, z = problem
    exact = torch.stack([torch.autograd.functional.jacobian(decoder, point).mT for point in z[:4]])
    here = refinement._State.at(decoder, pixels[:4], z[:4])
    gap = (refinement._jacobian(decoder, here) - exact).abs().max()
    assert gap < tolerance * exact.abs().max()


def test_logistic_regression_with_a_ridge_is_solved():
    """One linear layer: convex, so the gradient vanishes at the one minimum."""
    torch.manual_seed(0)
    decoder = nn.Sequential(nn.Linear(5, 60))
    pixels = (torch.rand(30, 60) < 0.4).float()
    with torch.no_grad():
        z = refinement.most_probable(decoder, pixels, torch.zeros(30, 5), 30)
        weight = decoder[0].weight
        gradient = (torch.sigmoid(decoder(z)) - pixels) @ weight + z
    assert gradient.abs().max() < 2e-2
    near = z + 0.05 * torch.randn(30, 5)
    with torch.no_grad():
        assert (loss(decoder, pixels, near) > loss(decoder, pixels, z)).all()


def test_no_step_makes_a_cell_less_probable(problem):
    decoder, pixels, guess = problem
    losses = [
        loss(decoder, pixels, refinement.most_probable(decoder, pixels, guess, steps))
        for steps in range(6)
    ]
    torch.testing.assert_close(losses[0], loss(decoder, pixels, guess))
    for before, after in itertools.pairwise(losses):
        assert (after <= before).all()


def test_a_few_steps_do_what_hundreds_of_adam_do(problem):
    decoder, pixels, guess = problem
    z = guess.clone().requires_grad_(True)
    adam = torch.optim.Adam([z], lr=0.03)
    for _ in range(400):
        adam.zero_grad()
        loss(decoder, pixels, z).sum().backward()
        adam.step()
    ours = loss(decoder, pixels, refinement.most_probable(decoder, pixels, guess, 20))
    theirs = loss(decoder, pixels, z.detach())
    assert np.median((ours - theirs) / theirs) < 0.01
    assert ours.mean() < 1.05 * theirs.mean()


def test_chunks_do_not_matter(problem, monkeypatch):
    decoder, pixels, guess = problem
    whole = refinement.most_probable(decoder, pixels, guess, 3)
    monkeypatch.setattr(refinement, "_CHUNK", 7)
    parts = refinement.most_probable(decoder, pixels, guess, 3)
    torch.testing.assert_close(whole, parts, atol=1e-3, rtol=1e-3)


def test_a_refused_step_is_tried_again_with_more_damping(problem):
    """From far away undamped steps overshoot; cells alone and together end alike."""
    decoder, pixels, guess = problem
    far = 6.0 * guess
    first = refinement.most_probable(decoder, pixels, far, 1)
    refused = torch.nonzero((first == far).all(dim=1)).ravel()
    assert len(refused), "the case is there"
    alone = [
        refinement.most_probable(decoder, pixels[k : k + 1], far[k : k + 1], 12) for k in refused
    ]
    start = loss(decoder, pixels[refused], far[refused])
    assert (loss(decoder, pixels[refused], torch.cat(alone)) < start).all()
