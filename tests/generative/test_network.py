"""Networks: sizes, reach of the encoder, and the loss of Eq. 6."""

import numpy as np
import pytest
import torch

from metafast.generative.config import Architecture
from metafast.generative.network import Networks, loss_terms


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


def test_only_the_decoder_sees_the_noise():
    """Eq. 6: the regressor gets the mean, the decoder mean + sigma * noise."""
    torch.manual_seed(0)
    networks = Networks(Architecture(9, 9, latent=4, channels=2, hidden=8, corrections=0))
    pixels, noise = (torch.rand(3, 1, 9, 9) < 0.5).float(), torch.randn(3, 4)
    with torch.no_grad():
        logits, mean, log_variance, said = networks(pixels, noise)
        quiet = networks(pixels, torch.zeros(3, 4))
        expected = networks.decode(mean + torch.exp(log_variance / 2) * noise)
    assert torch.equal(said, networks.regressor(mean))
    assert torch.equal(said, quiet[3])
    assert torch.equal(mean, quiet[1])
    torch.testing.assert_close(logits, expected)
    assert not torch.allclose(logits, quiet[0])
