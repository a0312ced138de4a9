"""Muon: momentum whose step has singular values that are nearly all alike (Jordan et al. 2024).

`torch.optim.Muon` is the same from torch 2.9 on; this one serves older versions too, and several
processes share its work.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from metafast.generative.workers import Workers

_MOMENTUM = 0.95
_ROUNDS = 5
_QUINTIC = (3.4445, -4.7750, 2.0315)  # lifts small singular values fast, ends within 0.7 to 1.2


def orthogonalised(matrix: Tensor) -> Tensor:
    """About U V^T of a matrix U S V^T, by five Newton-Schulz rounds in bfloat16."""
    tall = matrix.size(0) > matrix.size(1)
    x = matrix.bfloat16().T if tall else matrix.bfloat16()
    x = x / x.norm().clamp(min=1e-7)
    first, third, fifth = _QUINTIC
    for _ in range(_ROUNDS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=third, alpha=fifth), x, beta=first)
    return x.T if tall else x


class Muon(torch.optim.Optimizer):
    """Muon for matrices, with Nesterov's momentum and steps as large as Adam's are.

    Parameters
    ----------
    weights : iterable of (m, n) tensors
    lr : float
        Times 0.2 sqrt(max(m, n)), so that entries change as much as under Adam with this rate.
    weight_decay : float
        Share of the rate by which weights shrink in a step.
    workers : Workers, optional
        The processes that train together: each makes a share of the steps, for all.
    """

    def __init__(
        self,
        weights: Iterable[Tensor],
        lr: float,
        weight_decay: float = 0.0,
        workers: Workers | None = None,
    ) -> None:
        super().__init__(weights, {"lr": lr, "weight_decay": weight_decay})
        self._workers = workers or Workers(0, 1, torch.device("cpu"))

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> Any:
        """One step with the gradients that are there."""
        loss = None if closure is None else closure()
        for group in self.param_groups:
            weights = [w for w in group["params"] if w.grad is not None]
            ways = self._workers.divide(orthogonalised, [self._smoothed(w) for w in weights])
            for weight, way in zip(weights, ways, strict=True):
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                size = 0.2 * math.sqrt(max(weight.shape))
                weight.add_(way, alpha=-group["lr"] * size)
        return loss

    def _smoothed(self, weight: Tensor) -> Tensor:
        """Gradient with Nesterov's momentum."""
        assert weight.grad is not None
        state = self.state[weight]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(weight.grad)
        mean = state["momentum_buffer"].lerp_(weight.grad, 1 - _MOMENTUM)
        return weight.grad.lerp(mean, _MOMENTUM)
