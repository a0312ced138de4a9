"""What a model in training is worth on the cells held out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from metafast._base.typing import FloatArray

if TYPE_CHECKING:
    from metafast.generative.run import TrainingRun

TERMS = ("reconstruction", "kl", "regression")
_BATCH = 2048


def held_out_loss(run: TrainingRun) -> FloatArray:
    """The three parts of the loss (Eq. 6) with z at the mean, and the share of wrong pixels."""
    total = np.zeros(4)
    with torch.no_grad():
        for rows in torch.split(run.held_out, _BATCH):
            noise = torch.zeros((len(rows), run.config.latent), device=run.device)
            terms, logits, pixels = run.loss(run.networks, rows, noise)
            wrong = ((logits > 0) != (pixels > 0.5)).float().mean()
            values = [float(terms[name]) for name in TERMS]
            total += len(rows) * np.array([*values, float(wrong)])
    return np.asarray(total / len(run.held_out))


def held_out_scores(run: TrainingRun) -> dict[str, Any]:
    """The last epoch's row of the history, and R2 of the regressor for each property."""
    if not len(run.history):
        return {}
    said, wanted = [], []
    with torch.no_grad():
        for rows in torch.split(run.held_out, _BATCH):
            pixels, truth = run.data.take(rows)
            said.append(run.networks.regressor(run.networks.encode(pixels)[0]))
            wanted.append(truth)
    target = torch.cat(wanted)
    left = (torch.cat(said) - target).square().sum(0)
    spread = (target - target.mean(0)).square().sum(0)
    names = list(run.history.dtype.fields or ())[1:]
    last = {name: float(run.history[-1][name]) for name in names}
    return {**last, "held_out_cells": len(target), "r2": (1.0 - left / spread).tolist()}
