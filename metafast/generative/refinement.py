"""From the encoder's guess to a cell's most probable latent point (Levenberg-Marquardt)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from metafast.generative.correction import uphill
from metafast.generative.distributed import Workers

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


def _descend(decoder: nn.Sequential, pixels: Tensor, z: Tensor, steps: int) -> Tensor:
    damping = torch.full((len(z), 1), _FIRST, device=z.device)
    logits, loss = _loss(decoder, pixels, z)
    arrived = torch.zeros_like(loss, dtype=torch.bool)  # by itself, whatever cells are beside it
    for _ in range(steps):
        jacobian = _jacobian(decoder, z)
        chance = torch.sigmoid(logits)
        gradient = uphill(decoder, pixels, z)  # in full precision: it says where the end is
        weighted = jacobian * (chance * (1.0 - chance)).sqrt()[:, None]
        curvature = weighted @ weighted.mT
        diagonal = 1.0 + curvature.diagonal(dim1=1, dim2=2)
        curvature = curvature + torch.diag_embed(1.0 + damping * diagonal)
        step = torch.cholesky_solve(gradient[:, :, None], torch.linalg.cholesky(curvature))
        trial = z - step[:, :, 0]
        trial_logits, trial_loss = _loss(decoder, pixels, trial)
        lower = (trial_loss < loss) & ~arrived
        # a step that went far up is tried again with more damping
        arrived |= (trial_loss - loss).abs() <= _SMALL * loss
        z = torch.where(lower[:, None], trial, z)
        logits = torch.where(lower[:, None], trial_logits, logits)
        loss = torch.where(lower, trial_loss, loss)
        damping = torch.where(lower[:, None], damping / _CHANGE, damping * _CHANGE)
        if bool(arrived.all()):
            break
    return z


def _loss(decoder: nn.Sequential, pixels: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (n, p), and minus the logarithm of each cell's probability times the prior's."""
    logits: Tensor = decoder(z)
    wrong = nn.functional.binary_cross_entropy_with_logits(logits, pixels, reduction="none")
    return logits, wrong.sum(dim=1) + 0.5 * z.square().sum(dim=1)


def _jacobian(decoder: nn.Sequential, z: Tensor) -> Tensor:
    """Derivative (n, latent, p) of the logits, in bfloat16 where that is fast: it only steers."""
    fast = Workers(0, 1, z.device).fast_bfloat16
    value = z
    tangent = torch.eye(z.shape[1], device=z.device)[None]
    for layer in decoder:
        if isinstance(layer, nn.Linear):
            value = layer(value)
            with torch.autocast(z.device.type, dtype=torch.bfloat16, enabled=fast):
                tangent = nn.functional.linear(tangent, layer.weight)
        else:
            assert isinstance(layer, nn.GELU)
            tangent = tangent * _slope(value)[:, None].to(tangent.dtype)
            value = layer(value)
    return tangent.float()


def _slope(x: Tensor) -> Tensor:
    """Derivative of x times the normal distribution function."""
    below = 0.5 * (1.0 + torch.erf(x / math.sqrt(2.0)))
    return below + x * torch.exp(-0.5 * x.square()) / math.sqrt(2.0 * math.pi)
