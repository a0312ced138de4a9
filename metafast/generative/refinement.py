"""From the encoder's guess to a cell's most probable latent point (Levenberg-Marquardt)."""

from __future__ import annotations

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn

from metafast.generative.correction import decoded, uphill_from
from metafast.generative.workers import Workers

_CHUNK = 256  # cells whose Jacobians are held at once
_FIRST = 0.1  # damping, as a share of the curvature, and how fast it falls or rises
_CHANGE = 4.0
_SMALL = 1e-5  # relative change of a cell's loss below which a step is its last


def most_probable(decoder: nn.Sequential, pixels: Tensor, guess: Tensor, steps: int) -> Tensor:
    """Latent points (n, latent) where cross entropy plus half the squared length is least.

    The Hessian is that of Gauss and Newton, ``J^T diag(p (1 - p)) J + I`` with J the derivative of
    the logits. A step that does not lower a cell's loss is not taken, and damped more.

    Parameters
    ----------
    decoder : nn.Sequential
        Dense layers and smooth rectifiers.
    pixels : (n, p) tensor
    guess : (n, latent) tensor
        Where to start.
    steps : int
        At most.
    """
    found = [
        _descend(decoder, x, z, steps)
        for x, z in zip(torch.split(pixels, _CHUNK), torch.split(guess, _CHUNK), strict=True)
    ]
    return torch.cat(found)


class _State(NamedTuple):
    """Points z (n, latent), their loss (n,), logits (n, p), and what entered each rectifier."""

    z: Tensor
    loss: Tensor
    logits: Tensor
    entered: list[Tensor]

    @classmethod
    def at(cls, decoder: nn.Sequential, pixels: Tensor, z: Tensor) -> _State:
        """Minus the logarithm of each cell's probability times the prior's is the loss."""
        logits, entered = decoded(decoder, z)
        wrong = nn.functional.binary_cross_entropy_with_logits(logits, pixels, reduction="none")
        return cls(z, wrong.sum(dim=1) + 0.5 * z.square().sum(dim=1), logits, entered)

    def replaced(self, rows: Tensor, other: _State) -> _State:
        """With the rows (n,) of another."""
        there = rows[:, None]
        return _State(
            torch.where(there, other.z, self.z),
            torch.where(rows, other.loss, self.loss),
            torch.where(there, other.logits, self.logits),
            [torch.where(there, b, a) for a, b in zip(self.entered, other.entered, strict=True)],
        )


def _descend(decoder: nn.Sequential, pixels: Tensor, z: Tensor, steps: int) -> Tensor:
    damping = torch.full((len(z), 1), _FIRST, device=z.device)
    here = _State.at(decoder, pixels, z)
    arrived = torch.zeros_like(here.loss, dtype=torch.bool)  # by itself, whatever is beside it
    for _ in range(steps):
        chance = torch.sigmoid(here.logits)
        # in full precision: it says where the end is
        gradient = uphill_from(decoder, pixels, here.z, here.logits, here.entered)
        weighted = _jacobian(decoder, here) * (chance * (1.0 - chance)).sqrt()[:, None]
        curvature = weighted @ weighted.mT
        diagonal = 1.0 + curvature.diagonal(dim1=1, dim2=2)
        curvature = curvature + torch.diag_embed(1.0 + damping * diagonal)
        step = torch.cholesky_solve(gradient[:, :, None], torch.linalg.cholesky(curvature))
        trial = _State.at(decoder, pixels, here.z - step[:, :, 0])
        lower = (trial.loss < here.loss) & ~arrived
        # a step that went far up is tried again with more damping
        arrived |= (trial.loss - here.loss).abs() <= _SMALL * here.loss
        here = here.replaced(lower, trial)
        damping = torch.where(lower[:, None], damping / _CHANGE, damping * _CHANGE)
        if bool(arrived.all()):
            break
    return here.z


def _jacobian(decoder: nn.Sequential, here: _State) -> Tensor:
    """Derivative (n, latent, p) of the logits, in bfloat16 where that is fast: it only steers."""
    fast = Workers(0, 1, here.z.device).fast_bfloat16
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
    """Derivative of x times the normal distribution function."""
    below = 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))
    return below + x * torch.exp(-0.5 * x.square()) / math.sqrt(2.0 * math.pi)
