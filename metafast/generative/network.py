"""Networks of the model: encoder, shallower decoder, regressor on the mean (Fig. 3)."""

from __future__ import annotations

import itertools
from typing import Any

import torch
from torch import Tensor, nn

from metafast.generative.config import Architecture
from metafast.generative.correction import Correction


class Networks(nn.Module):
    """Encoder, decoder and regressor.

    ::

        pixels -> 2 convolutions, and the pixels themselves -> 2 dense -> guess, log sigma^2
        guess, gradient at the guess -> 3 dense -> matrix times gradient = step, repeated -> mu
        z -> 3 dense -> logits of the pixels
        mu -> 3 dense -> standardised C11, C12, C22, C33

    The decoder has no convolutions: on a CPU, dense layers decode several times as many cells per
    second.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a = self.architecture = architecture
        wide = a.hidden
        self.encoder = Encoder(a)
        self.mean = nn.Linear(wide, a.latent)
        self.log_variance = nn.Linear(wide, a.latent)
        self.correction = Correction(a.latent, a.correction)
        self.decoder = nn.Sequential(
            *_dense(a.latent, wide, wide, wide), nn.Linear(wide, a.rows * a.cols)
        )
        self.regressor = nn.Sequential(
            *_dense(a.latent, a.regressor, a.regressor, a.regressor), nn.Linear(a.regressor, 4)
        )

    def narrow_layers(self) -> list[nn.Linear]:
        """Dense layers that latent variables or properties enter or leave."""
        ends = [self.decoder[0], self.regressor[0], self.regressor[-1]]
        step = [self.correction.first, self.correction.last]
        return [self.mean, self.log_variance, *step, *(e for e in ends if isinstance(e, nn.Linear))]

    def encode(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance (n, latent) of the posterior of pixels (n, 1, rows, cols)."""
        hidden = self.encoder(pixels)
        # in 16 bits, means would be as coarse as a tenth of the posterior's deviation
        with torch.autocast(pixels.device.type, enabled=False):
            hidden = hidden.float()
            mean = self.mean(hidden)
            # variances far outside never help and can make training diverge
            log_variance = self.log_variance(hidden).clamp(-12.0, 4.0)
        for _ in range(self.architecture.corrections):
            mean = self.correction(self.decoder, pixels.flatten(1), mean)
        return mean, log_variance

    def decode(self, z: Tensor) -> Tensor:
        """Logits (n, 1, rows, cols) of the pixels being solid."""
        logits: Tensor = self.decoder(z)
        return logits.reshape(len(z), 1, self.architecture.rows, self.architecture.cols)

    def forward(self, pixels: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits from a sample, mean, log variance, and the regression from the mean."""
        mean, log_variance = self.encode(pixels)
        z = mean + torch.exp(0.5 * log_variance) * noise
        return self.decode(z), mean, log_variance, self.regressor(mean)


class Encoder(nn.Module):
    """Two convolutions, then two dense layers that also see the pixels themselves.

    The first convolution sees blocks of 5x5 pixels, three apart. It loses the exact position of a
    boundary, which the latent means need, so the pixels also bypass the convolutions.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a, c = architecture, architecture.channels
        across = [_after_convolutions(n) for n in (a.rows, a.cols)]
        self.convolutions = nn.Sequential(
            nn.ZeroPad2d((1, _margin(a.cols), 1, _margin(a.rows))),
            nn.Conv2d(1, c, 5, 3),
            nn.GELU(),
            nn.Conv2d(c, 2 * c, 3, 2, 1),
            nn.GELU(),
            nn.Flatten(),
        )
        seen = 2 * c * across[0] * across[1] + a.rows * a.cols
        self.dense = nn.Sequential(*_dense(seen, a.hidden, a.hidden))

    def forward(self, pixels: Tensor) -> Tensor:
        """Features (n, hidden) of pixels (n, 1, rows, cols)."""
        features = self.convolutions(pixels)
        bypass = (pixels.flatten(1) - 0.5).to(features.dtype)
        dense: Tensor = self.dense(torch.cat([features, bypass], dim=1))
        return dense


def _dense(*widths: int) -> list[nn.Module]:
    """Dense layers between these widths, each followed by a GELU."""
    layers: list[nn.Module] = []
    for before, after in itertools.pairwise(widths):
        layers += [nn.Linear(before, after), nn.GELU()]
    return layers


def _margin(n: int) -> int:
    """Padding behind n pixels (one in front) such that blocks of five, three apart, cover all."""
    return max(4 - n, 2 if n % 3 == 2 else 1)


def _after_convolutions(n: int) -> int:
    """Length of an edge of n pixels after both convolutions."""
    third = (n + 1 + _margin(n) - 5) // 3 + 1
    return (third + 1) // 2


def loss_terms(
    logits: Tensor,
    mean: Tensor,
    log_variance: Tensor,
    regression: Tensor,
    pixels: Tensor,
    standardised: Tensor,
) -> dict[str, Tensor]:
    """Three parts of Eq. 6 per cell: reconstruction, KL divergence (Eq. 4), regression.

    Parameters
    ----------
    logits, pixels : (n, 1, rows, cols) tensors
    mean, log_variance : (n, latent) tensors
    regression, standardised : (n, 4) tensors
        Standardised properties, predicted and true.
    """
    n = len(pixels)
    reconstruction = nn.functional.binary_cross_entropy_with_logits(
        logits.float(), pixels, reduction="sum"
    )
    kl = -0.5 * (1.0 + log_variance - mean.square() - log_variance.exp()).sum()
    regression_error = (regression.float() - standardised).square().sum()
    return {
        "reconstruction": reconstruction / n,
        "kl": kl / n,
        "regression": regression_error / n,
    }


def tensors_of(networks: Networks) -> dict[str, Any]:
    """Weights as NumPy arrays, by name."""
    return {k: v.detach().cpu().float().numpy() for k, v in networks.state_dict().items()}
