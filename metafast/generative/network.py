"""The networks: convolutional encoder, shallower decoder, regressor on the mean (Fig. 3)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Architecture:
    """Sizes of the networks.

    Parameters
    ----------
    rows, cols : int
        Pixels that the networks see: a quarter of mirror-symmetric cells, else the whole cell.
    latent : int
        Latent dimensions; 16 in the paper.
    channels : int
        Of the first convolution; the next ones have two and four times as many.
    hidden : int
        Width of the encoder's and decoder's dense layers.
    """

    rows: int = 25
    cols: int = 25
    latent: int = 16
    channels: int = 32
    hidden: int = 384

    def as_dict(self) -> dict[str, int]:
        """Plain numbers, for files."""
        return asdict(self)


def _half(n: int) -> int:
    return (n + 1) // 2


class Networks(nn.Module):
    """Encoder, decoder and regressor.

    ::

        pixels -> 3 convolutions, each halving the picture -> dense -> mu, log sigma^2
        z -> 2 dense -> convolution at half size -> transposed convolution -> logits of the pixels
        mu -> 2 dense -> standardised C11, C12, C22, C33
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        a = self.architecture = architecture
        c, rows, cols = a.channels, a.rows, a.cols
        self._half = _half(rows), _half(cols)
        small = _half(_half(self._half[0])), _half(_half(self._half[1]))
        self.encoder = nn.Sequential(
            nn.Conv2d(1, c, 5, 2, 2),
            nn.ReLU(),
            nn.Conv2d(c, 2 * c, 3, 2, 1),
            nn.ReLU(),
            nn.Conv2d(2 * c, 4 * c, 3, 2, 1),
            nn.ReLU(),
            nn.Flatten(),
            nn.Linear(4 * c * small[0] * small[1], a.hidden),
            nn.ReLU(),
        )
        self.mean = nn.Linear(a.hidden, a.latent)
        self.log_variance = nn.Linear(a.hidden, a.latent)
        self.spread = nn.Sequential(
            nn.Linear(a.latent, a.hidden),
            nn.ReLU(),
            nn.Linear(a.hidden, c // 2 * self._half[0] * self._half[1]),
            nn.ReLU(),
        )
        self.paint = nn.Sequential(
            nn.Conv2d(c // 2, c, 3, 1, 1),
            nn.ReLU(),
            nn.ConvTranspose2d(c, 1, 4, 2, 1),
        )
        self.regressor = nn.Sequential(
            nn.Linear(a.latent, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 4)
        )

    def encode(self, pixels: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and log variance (n, latent) of the posterior of pixels (n, 1, rows, cols)."""
        hidden = self.encoder(pixels)
        # variances far outside never help and can make training diverge
        return self.mean(hidden), self.log_variance(hidden).clamp(-12.0, 4.0)

    def decode(self, z: Tensor) -> Tensor:
        """Logits (n, 1, rows, cols) of the pixels being solid."""
        half = self.spread(z).reshape(len(z), -1, *self._half)
        full: Tensor = self.paint(half)
        return full[:, :, : self.architecture.rows, : self.architecture.cols]

    def forward(self, pixels: Tensor, noise: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Logits from a sample, mean, log variance, and the regression from the mean."""
        mean, log_variance = self.encode(pixels)
        z = mean + torch.exp(0.5 * log_variance) * noise
        return self.decode(z), mean, log_variance, self.regressor(mean)


def loss_terms(
    logits: Tensor,
    mean: Tensor,
    log_variance: Tensor,
    regression: Tensor,
    pixels: Tensor,
    wanted: Tensor,
) -> dict[str, Tensor]:
    """The three parts of Eq. 6 per cell: reconstruction, KL divergence (Eq. 5), regression."""
    n = len(pixels)
    reconstruction = nn.functional.binary_cross_entropy_with_logits(
        logits.float(), pixels, reduction="sum"
    )
    kl = -0.5 * (1.0 + log_variance - mean.square() - log_variance.exp()).sum()
    regression_error = (regression.float() - wanted).square().sum()
    return {
        "reconstruction": reconstruction / n,
        "kl": kl / n,
        "regression": regression_error / n,
    }


def tensors_of(networks: Networks) -> dict[str, Any]:
    """Weights as NumPy arrays, by name."""
    return {k: v.detach().cpu().float().numpy() for k, v in networks.state_dict().items()}
