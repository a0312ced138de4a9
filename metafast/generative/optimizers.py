"""Optimisers of a training run (RMSprop, Adam, Muon) and their learning rate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch.optim import Optimizer

from metafast.generative.config import TrainingConfig
from metafast.generative.network import Networks
from metafast.generative.workers import Workers

_ADAM_SHARE = 0.25  # share of the learning rate for the weights that Muon does not train
_WARMUP = 300  # steps over which the learning rate rises, at most


def make_optimizers(
    networks: Networks, config: TrainingConfig, workers: Workers
) -> list[tuple[Optimizer, float]]:
    """Optimisers of a training run, each with its share of the learning rate.

    Autoencoders are badly conditioned: a few latent variables see all pixels at once. Muon (Jordan
    et al. 2024), whose steps have nearly equal singular values, needs fewer cells for the same loss
    than Adam. Its cost does not depend on the batch, so batches should be large. It trains the
    dense layers of encoder, decoder and regressor; Adam trains convolutions, biases, and the layers
    that latent variables or properties enter or leave. Muon's rate is scaled to move entries as
    much as Adam's.
    """
    weights = list(networks.parameters())
    if config.optimizer == "rmsprop":
        return [(torch.optim.RMSprop(weights, lr=config.peak), 1.0)]
    if config.optimizer == "adam":
        return [(torch.optim.Adam(weights, lr=config.peak), 1.0)]
    narrow = {id(layer.weight) for layer in networks.narrow_layers()}
    dense = [w for w in weights if w.ndim == 2 and id(w) not in narrow]
    with_muon = {id(w) for w in dense}
    others = [w for w in weights if id(w) not in with_muon]
    scaled = {"weight_decay": 0.0, "adjust_lr_fn": "match_rms_adamw"}
    muon = workers.optimizer(torch.optim.Muon, dense, lr=config.peak, **scaled)
    return [(muon, 1.0), (torch.optim.Adam(others, betas=(0.9, 0.99)), _ADAM_SHARE)]


@dataclass(frozen=True)
class Schedule:
    """Learning rate: a linear warm-up, then a cosine down to 1 %.

    Parameters
    ----------
    peak : float
        Learning rate after the warm-up.
    warmup, steps : int
        Steps of the warm-up, and of the whole run.
    """

    peak: float
    warmup: int
    steps: int

    @staticmethod
    def of_run(peak: float, steps: int) -> Schedule:
        """Schedule with the usual warm-up, a tenth of short runs."""
        return Schedule(peak, min(_WARMUP, steps // 10), steps)

    def rate(self, step: int) -> float:
        """Learning rate of a step, counted from 0."""
        if step < self.warmup:
            return self.peak * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.peak * (0.01 + 0.99 * 0.5 * (1.0 + math.cos(math.pi * min(1.0, done))))
