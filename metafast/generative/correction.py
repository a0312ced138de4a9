"""Learnt steps from the encoder's guess towards a cell's most probable latent point."""

from __future__ import annotations

import torch
from torch import Tensor, nn

# about the gradients and curvatures of a cell's log probability: make all numbers of order one
_GRADIENT = 20.0
_CURVATURE = 200.0
_LARGEST = 200.0  # length of gradient that no cell exceeds: without a bound trainings diverged


class Correction(nn.Module):
    """What decoding the encoder's guess says about the guess.

    An encoder alone is the limit of an autoencoder of cells: a few steps of Levenberg and Marquardt
    on the latent point halve its errors. One such step can be learnt: with g the gradient of minus
    the logarithm of the cell's probability times the prior's at the guess z, a network says a
    matrix P(z, g), and the mean of the posterior is z - P g. That costs one pass through the
    decoder and back instead of one for each latent variable, and the regressor is trained on what
    comes out. The same step is made as often as the architecture says, by default twice. (Amortised
    inference that iterates: Marino et al. 2018; the paper has none.)

    Parameters
    ----------
    latent : int
    width : int
        Of the dense layers that say P, which is zero before training.
    """

    def __init__(self, latent: int, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(2 * latent, width)
        self.second = nn.Linear(width, width)
        self.last = nn.Linear(width, latent * latent)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, decoder: nn.Sequential, pixels: Tensor, guess: Tensor) -> Tensor:
        """Means (n, latent) from guesses (n, latent) for pixels (n, p)."""
        gradient = uphill(decoder, pixels, guess)
        gradient = gradient / (1.0 + gradient.norm(dim=1, keepdim=True) / _LARGEST)
        seen = torch.cat([guess, gradient / _GRADIENT], dim=1)
        hidden = nn.functional.gelu(self.second(nn.functional.gelu(self.first(seen))))
        matrix = self.last(hidden).float().unflatten(1, (guess.shape[1], guess.shape[1]))
        with torch.autocast(pixels.device.type, enabled=False):  # steps of 16 bits would be coarse
            step: Tensor = (matrix @ gradient[:, :, None])[:, :, 0] / _CURVATURE
        return guess - step


def uphill(decoder: nn.Sequential, pixels: Tensor, z: Tensor) -> Tensor:
    """Gradient (n, latent) of cross entropy plus half the squared length, as if it were data.

    By hand, since training differentiates what is made of it, but not the gradient itself: second
    derivatives of the decoder would cost more than they help.

    Parameters
    ----------
    decoder : nn.Sequential
        Dense layers and smooth rectifiers.
    pixels : (n, p) tensor
    z : (n, latent) tensor
    """
    with torch.no_grad():
        return uphill_from(decoder, pixels, z, *decoded(decoder, z))


def decoded(decoder: nn.Sequential, z: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Logits (n, p), and what entered each rectifier on the way."""
    value, entered = z, []
    for layer in decoder:
        if isinstance(layer, nn.GELU):
            entered.append(value)
        value = layer(value)
    return value, entered


def uphill_from(
    decoder: nn.Sequential, pixels: Tensor, z: Tensor, logits: Tensor, entered: list[Tensor]
) -> Tensor:
    """`uphill` of points that have been `decoded`."""
    back = (torch.sigmoid(logits.float()) - pixels).to(logits.dtype)
    rest = list(entered)
    for layer in reversed(decoder):
        if isinstance(layer, nn.Linear):
            back = back @ layer.weight
        else:
            back = torch.ops.aten.gelu_backward(back, rest.pop())
    return back.float() + z
