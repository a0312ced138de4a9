"""Corrections of the encoder's guess: one learnt step, and Levenberg-Marquardt to the MAP."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from metafast.generative.workers import has_fast_bfloat16

# typical gradient and curvature of a cell's log posterior: scale all numbers to order one
_GRADIENT = 20.0
_CURVATURE = 200.0
_LARGEST = 200.0  # bound of the gradient's length; training diverges without one

_CHUNK = 256  # cells whose Jacobians are held at once
_DAMPING = 0.1  # first damping, as a share of the curvature
_DAMPING_FACTOR = 4.0  # by which damping falls after a step down, and rises after a step up
_SMALL = 1e-5  # relative change of a cell's loss at which it has converged


class Correction(nn.Module):
    """Learnt step from the encoder's guess towards a cell's MAP estimate.

    The encoder alone limits an autoencoder of cells: a few Levenberg-Marquardt steps on the latent
    point halve its errors. Such a step can be learnt. With g the gradient of the negative log
    posterior at the guess z, a network computes a matrix P(z, g), and the corrected guess is
    z - P g. That costs one pass through the decoder and back, not one for each latent variable,
    and the regressor is trained on the corrected guess. The same step is repeated as often as
    `Architecture.corrections` says. (Iterative amortised inference: Marino et al. 2018; the paper
    has none.)

    Parameters
    ----------
    latent : int
        Latent dimensions.
    width : int
        Width of the dense layers that compute P, which is zero before training.
    """

    def __init__(self, latent: int, width: int) -> None:
        super().__init__()
        self.first = nn.Linear(2 * latent, width)
        self.second = nn.Linear(width, width)
        self.last = nn.Linear(width, latent * latent)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)

    def forward(self, decoder: nn.Sequential, pixels: Tensor, guess: Tensor) -> Tensor:
        """Corrected means (n, latent) from guesses (n, latent) for pixels (n, p)."""
        gradient = loss_gradient(decoder, pixels, guess)
        gradient = gradient / (1.0 + gradient.norm(dim=1, keepdim=True) / _LARGEST)
        seen = torch.cat([guess, gradient / _GRADIENT], dim=1)
        hidden = nn.functional.gelu(self.second(nn.functional.gelu(self.first(seen))))
        matrix = self.last(hidden).float().unflatten(1, (guess.shape[1], guess.shape[1]))
        with torch.autocast(pixels.device.type, enabled=False):  # 16-bit steps would be coarse
            step: Tensor = (matrix @ gradient[:, :, None])[:, :, 0] / _CURVATURE
        return guess - step


def loss_gradient(decoder: nn.Sequential, pixels: Tensor, z: Tensor) -> Tensor:
    """Gradient (n, latent) of cross entropy plus half the squared length of z, without a graph.

    Training differentiates the step made from the gradient but not the gradient itself: second
    derivatives of the decoder would cost more than they help. So backpropagation is written out.

    Parameters
    ----------
    decoder : nn.Sequential
        Dense layers and GELUs.
    pixels : (n, p) tensor
    z : (n, latent) tensor
    """
    with torch.no_grad():
        return _backward(decoder, pixels, z, *_decoded(decoder, z))


def map_estimate(
    decoder: nn.Sequential,
    pixels: Tensor,
    guess: Tensor,
    steps: int,
    *,
    chunk: int = _CHUNK,
    bfloat16: bool | None = None,
) -> Tensor:
    """Maximum a posteriori (MAP) latent points (n, latent) by Levenberg-Marquardt.

    The loss is cross entropy plus half the squared length of z. Its Hessian is taken as the
    Gauss-Newton ``J^T diag(p (1 - p)) J + I`` with J the derivative of the logits. A step that
    does not lower a cell's loss is rejected and tried again with more damping.

    Parameters
    ----------
    decoder : nn.Sequential
        Dense layers and GELUs.
    pixels : (n, p) tensor
    guess : (n, latent) tensor
        Points to start from.
    steps : int
        Largest number of steps.
    chunk : int
        Cells whose Jacobians are held at once.
    bfloat16 : bool, optional
        Compute Jacobians in bfloat16, which affects the path and not the end; by default where the
        device is fast at it.
    """
    fast = has_fast_bfloat16(guess.device) if bfloat16 is None else bfloat16
    parts = zip(torch.split(pixels, chunk), torch.split(guess, chunk), strict=True)
    return torch.cat([_descend(decoder, x, z, steps, fast) for x, z in parts])


class _State(NamedTuple):
    """Points z (n, latent), their loss (n,), logits (n, p), and the input of each GELU."""

    z: Tensor
    loss: Tensor
    logits: Tensor
    entered: list[Tensor]

    @classmethod
    def at(cls, decoder: nn.Sequential, pixels: Tensor, z: Tensor) -> _State:
        """State at points, whose loss is their negative log posterior up to a constant."""
        logits, entered = _decoded(decoder, z)
        wrong = nn.functional.binary_cross_entropy_with_logits(logits, pixels, reduction="none")
        return cls(z, wrong.sum(dim=1) + 0.5 * z.square().sum(dim=1), logits, entered)

    def replaced(self, rows: Tensor, other: _State) -> _State:
        """State with the rows of a mask (n,) taken from another."""
        there = rows[:, None]
        return _State(
            torch.where(there, other.z, self.z),
            torch.where(rows, other.loss, self.loss),
            torch.where(there, other.logits, self.logits),
            [torch.where(there, b, a) for a, b in zip(self.entered, other.entered, strict=True)],
        )


def _descend(decoder: nn.Sequential, pixels: Tensor, z: Tensor, steps: int, fast: bool) -> Tensor:
    damping = torch.full((len(z), 1), _DAMPING, device=z.device)
    here = _State.at(decoder, pixels, z)
    arrived = torch.zeros_like(here.loss, dtype=torch.bool)  # each cell converges by itself
    for _ in range(steps):
        chance = torch.sigmoid(here.logits)
        # in full precision, since the gradient decides where the descent ends
        gradient = _backward(decoder, pixels, here.z, here.logits, here.entered)
        weighted = _jacobian(decoder, here, fast) * (chance * (1.0 - chance)).sqrt()[:, None]
        curvature = weighted @ weighted.mT
        diagonal = 1.0 + curvature.diagonal(dim1=1, dim2=2)
        curvature = curvature + torch.diag_embed(1.0 + damping * diagonal)
        step = torch.cholesky_solve(gradient[:, :, None], torch.linalg.cholesky(curvature))
        trial = _State.at(decoder, pixels, here.z - step[:, :, 0])
        lower = (trial.loss < here.loss) & ~arrived
        # a step that went far up is no convergence: it is tried again with more damping
        arrived |= (trial.loss - here.loss).abs() <= _SMALL * here.loss
        here = here.replaced(lower, trial)
        damping = torch.where(lower[:, None], damping / _DAMPING_FACTOR, damping * _DAMPING_FACTOR)
        if bool(arrived.all()):
            break
    return here.z


def _decoded(decoder: nn.Sequential, z: Tensor) -> tuple[Tensor, list[Tensor]]:
    """Logits (n, p), and the input of each GELU on the way."""
    value, entered = z, []
    for layer in decoder:
        if isinstance(layer, nn.GELU):
            entered.append(value)
        value = layer(value)
    return value, entered


def _backward(
    decoder: nn.Sequential, pixels: Tensor, z: Tensor, logits: Tensor, entered: list[Tensor]
) -> Tensor:
    """Gradient (n, latent) of the loss at points that have been decoded."""
    back = (torch.sigmoid(logits.float()) - pixels).to(logits.dtype)
    rest = list(entered)
    for layer in reversed(decoder):
        if isinstance(layer, nn.Linear):
            back = back @ layer.weight
        else:
            back = torch.ops.aten.gelu_backward(back, rest.pop())
    return back.float() + z


def _jacobian(decoder: nn.Sequential, here: _State, fast: bool) -> Tensor:
    """Derivative (n, latent, p) of the logits, in bfloat16 if `fast`."""
    tangent = torch.eye(here.z.shape[1], device=here.z.device)[None]
    entered = iter(here.entered)
    for layer in decoder:
        if isinstance(layer, nn.Linear):
            with torch.autocast(here.z.device.type, dtype=torch.bfloat16, enabled=fast):
                tangent = nn.functional.linear(tangent, layer.weight)
        else:
            assert isinstance(layer, nn.GELU)
            tangent = tangent * _slope(next(entered))[:, None].to(tangent.dtype)
    return tangent.float()


def _slope(x: Tensor) -> Tensor:
    """Derivative of the GELU, x times the normal distribution function."""
    below = 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))
    return below + x * torch.exp(-0.5 * x.square()) / math.sqrt(2.0 * math.pi)
