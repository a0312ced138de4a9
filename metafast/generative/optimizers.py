"""Optimisers by name (the paper's RMSprop, Adam, Muon for dense layers) and their learning rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from metafast.generative.config import TrainingConfig
from metafast.generative.muon import Muon
from metafast.generative.network import Networks
from metafast.generative.workers import Workers

_ADAM_SHARE = 0.25  # of the learning rate, for what Muon does not train


def make_optimizers(
    networks: Networks, config: TrainingConfig, workers: Workers | None = None
) -> list[tuple[Optimizer, float]]:
    """Optimisers of a training run, and each one's share of the learning rate.

    Autoencoders are badly conditioned: a few latent variables see all pixels at once. Muon, whose
    steps have singular values nearly alike, needs fewer cells for the same loss than Adam. Its cost
    does not depend on the batch, so batches should be large. It trains the dense layers of encoder,
    decoder and regressor; convolutions, biases, and the layers that latent variables or properties
    enter or leave stay with Adam.
    """
    weights = [w for w in networks.parameters() if w.requires_grad]
    if config.optimizer == "rmsprop":
        return [(torch.optim.RMSprop(weights, lr=config.peak), 1.0)]
    if config.optimizer == "adam":
        return [(torch.optim.Adam(weights, lr=config.peak), 1.0)]
    narrow = {id(layer.weight) for layer in networks.narrow_layers()}
    dense = [w for w in weights if w.ndim == 2 and id(w) not in narrow]
    kept = {id(w) for w in dense}
    muon = Muon(dense, config.peak, config.weight_decay, workers)
    adam = torch.optim.Adam([w for w in weights if id(w) not in kept], betas=(0.9, 0.99))
    return [(muon, 1.0), (adam, _ADAM_SHARE)]


@dataclass(frozen=True)
class Schedule:
    """Learning rate: a linear warm-up, then a cosine down to 1 %."""

    peak: float
    warmup: int
    steps: int

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if step < self.warmup:
            return self.peak * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.peak * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done))))
