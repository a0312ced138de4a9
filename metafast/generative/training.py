"""Training run of autoencoder and regressor together (sections 3.1 and 3.2, Eq. 6).

Several processes (``torchrun --nproc-per-node 2 -m -- metafast train ...``) train the same model:
each draws the same batches and the same noise, works on its share of each batch, and gradients are
averaged.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from metafast._base.progress import Progress, silent
from metafast.database import CellDatabase
from metafast.generative.checkpoint import (
    load_checkpoint,
    model_fingerprint,
    save_checkpoint,
    start_networks,
)
from metafast.generative.config import TrainingConfig
from metafast.generative.data import TrainingData, fingerprint
from metafast.generative.network import Networks, loss_terms
from metafast.generative.optimizers import Schedule, make_optimizers
from metafast.generative.result import TrainingResult
from metafast.generative.vae import CellVAE
from metafast.generative.workers import Workers, has_fast_bfloat16

TERMS = ("reconstruction", "kl", "regression")
HISTORY = np.dtype(
    [("epoch", int)]
    + [(name, float) for name in TERMS]
    + [(f"held_out_{name}", float) for name in (*TERMS, "pixel_error")]
)
_GRADIENT_NORM = 50.0  # larger gradients come from single batches and can end in NaN
_HELD_OUT_BATCH = 2048
_REPORT_EVERY = 50  # steps


class TrainingRun:
    """State of a training run: networks, optimisers, random numbers, epochs so far.

    Parameters
    ----------
    database : CellDatabase
    config : TrainingConfig
    start : CellVAE, optional
        Model to start from.
    """

    def __init__(
        self, database: CellDatabase, config: TrainingConfig, start: CellVAE | None = None
    ) -> None:
        sizes = start.networks.architecture if start else None
        self.config, self.database, self.start = config.completed(sizes), database, start
        self.workers = Workers.join_group(config)
        self.device = self.workers.device
        torch.set_num_threads(config.threads)
        self.data = TrainingData.divided(database, config.held_out, config.seed, self.device)
        cells = self.data.cells
        architecture = config.architecture(cells.rows, cells.cols, sizes)
        if start is None:
            with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay
                torch.manual_seed(config.seed)
                networks = Networks(architecture)
        else:
            networks = start_networks(start, architecture, cells.quarter, self.data.scaling)
        self.networks = networks.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.forward: Any = self.networks
        if self.workers.can_compile:
            self.forward = torch.compile(self.networks)
        self.optimizers = make_optimizers(self.networks, self.config, self.workers)
        self.steps = max(1, len(self.data.training) // config.batch)
        self.schedule = Schedule.of_run(self.config.peak, self.steps * config.epochs)
        self.random = torch.Generator(device=self.device).manual_seed(config.seed)
        self.epoch = 0
        self.history = np.zeros(0, dtype=HISTORY)
        self.fingerprint = fingerprint(database)
        self.origin = model_fingerprint(start) if start else ""

    def train(self, checkpoint: Path | None = None, progress: Progress = silent) -> TrainingResult:
        """Train the epochs that are left, with a checkpoint after each."""
        if checkpoint is not None and checkpoint.exists():
            self.restore(load_checkpoint(checkpoint, self.identity()))
        while self.epoch < self.config.epochs:
            self.train_epoch(progress)
            if checkpoint is not None:
                self.workers.gather_states(optimizer for optimizer, _ in self.optimizers)
                if self.workers.is_first:
                    save_checkpoint(checkpoint, self.identity(), self.state())
        self.workers.close()
        return TrainingResult(self.model(), self.history)

    def train_epoch(self, progress: Progress = silent) -> None:
        """Pass once over the training cells, then validate."""
        config, rows = self.config, self.data.training
        batch = min(config.batch, len(rows))
        order = torch.randperm(len(rows), generator=self.random, device=self.device)
        sums = torch.zeros(len(TERMS), device=self.device)
        self.networks.train()
        for k in range(self.steps):
            step = self.epoch * self.steps + k
            sums += self._train_step(rows[order[k * batch : (k + 1) * batch]], step)
            if k % _REPORT_EVERY == 0:
                self._require_finite(sums, step)
                progress("training", step, self.steps * config.epochs)
        self._require_finite(sums, (self.epoch + 1) * self.steps)
        self.epoch += 1
        progress("training", self.epoch * self.steps, self.steps * config.epochs)
        losses = self.workers.mean(sums / self.steps).tolist()
        row = (self.epoch, *losses, *self.validate())
        self.history = np.append(self.history, np.array([row], dtype=HISTORY))

    def _train_step(self, rows: Tensor, step: int) -> Tensor:
        """Change the weights once; the parts of the loss (3,)."""
        config, batch = self.config, len(rows)
        for optimizer, share in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = share * self.schedule.rate(step)
        size = (batch, self.networks.architecture.latent)
        noise = torch.randn(size, generator=self.random, device=self.device)
        mine, shift = self.workers.rows_of_rank(batch), None
        if config.shifts:
            shift = torch.randint(0, 4, (batch,), generator=self.random, device=self.device)[mine]
        terms, _, _ = self.loss(self.forward, rows[mine], noise[mine], shift)
        loss = (
            terms["reconstruction"]
            + config.kl_weight * terms["kl"]
            + config.regression_weight * terms["regression"]
        )
        self.networks.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.workers.average(self.networks)
        torch.nn.utils.clip_grad_norm_(self.networks.parameters(), _GRADIENT_NORM)
        for optimizer, _ in self.optimizers:
            optimizer.step()
        return torch.stack([terms[name].detach() for name in TERMS])

    def loss(
        self, networks: Any, rows: Tensor, noise: Tensor, shift: Tensor | None = None
    ) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Parts of the loss (Eq. 6) of the cells in `rows`, shifted or not; logits and pixels."""
        pixels, standardised = self.data.cells.take(rows)
        if shift is not None:
            pixels = self.data.cells.shifted(pixels, shift)
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        with self.autocast():
            logits, mean, log_variance, regression = networks(pixels, noise)
        terms = loss_terms(
            logits, mean.float(), log_variance.float(), regression, pixels, standardised
        )
        return terms, logits, pixels

    def autocast(self) -> Any:
        """Context in which networks compute in bfloat16, if the device is fast at it."""
        fast = has_fast_bfloat16(self.device)
        return torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=fast)

    def _require_finite(self, sums: Tensor, step: int) -> None:
        if not bool(torch.isfinite(sums).all()):
            raise FloatingPointError(
                f"the loss is not finite after {step} steps; lower learning_rate "
                f"({self.config.peak:g})"
            )

    def validate(self) -> list[float]:
        """Parts of the loss on held-out cells with z at the mean, and the share of wrong pixels."""
        self.networks.eval()
        total = np.zeros(len(TERMS) + 1)
        with torch.no_grad():
            for rows in torch.split(self.data.held_out, _HELD_OUT_BATCH):
                size = (len(rows), self.networks.architecture.latent)
                noise = torch.zeros(size, device=self.device)
                terms, logits, pixels = self.loss(self.networks, rows, noise)
                wrong = ((logits > 0) != (pixels > 0.5)).float().mean()
                values = [float(terms[name]) for name in TERMS]
                total += len(rows) * np.array([*values, float(wrong)])
        return [float(part) for part in total / len(self.data.held_out)]

    def scores(self) -> dict[str, Any]:
        """Last row of the history, and R2 of the regressor for each property, on held-out cells."""
        if not len(self.history):
            return {}
        predicted, true = [], []
        with torch.no_grad():
            for rows in torch.split(self.data.held_out, _HELD_OUT_BATCH):
                pixels, standardised = self.data.cells.take(rows)
                predicted.append(self.networks.regressor(self.networks.encode(pixels)[0]))
                true.append(standardised)
        target = torch.cat(true)
        residual = (torch.cat(predicted) - target).square().sum(0)
        spread = (target - target.mean(0)).square().sum(0)
        names = list(HISTORY.names or ())[1:]
        last = {name: float(self.history[-1][name]) for name in names}
        return {**last, "held_out_cells": len(target), "r2": (1.0 - residual / spread).tolist()}

    def identity(self) -> str:
        """Everything that must be the same for a checkpoint to fit, as JSON."""
        config = self.config.as_dict()
        for name in ("device", "threads"):
            config.pop(name)
        identity = {
            "config": config,
            "device": self.device.type,  # CPU and GPU draw different random numbers
            "fingerprint": self.fingerprint,
            "start": self.origin,
        }
        return json.dumps(identity, sort_keys=True)

    def state(self) -> dict[str, Any]:
        """State after an epoch, for a checkpoint."""
        return {
            "epoch": self.epoch,
            "history": json.dumps(self.history.tolist()),
            "networks": self.networks.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer, _ in self.optimizers],
            "random": self.random.get_state(),
        }

    def restore(self, state: dict[str, Any]) -> None:
        """Return to a state."""
        self.networks.load_state_dict(state["networks"])
        for (optimizer, _), kept in zip(self.optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(kept)
        self.random.set_state(state["random"].cpu())
        self.epoch = state["epoch"]
        rows = [tuple(row) for row in json.loads(state["history"])]
        self.history = np.array(rows, dtype=HISTORY)

    def model(self) -> CellVAE:
        """Model with the weights so far."""
        _, h, w = self.database.shape
        provenance = {
            "config": self.config.as_dict(),
            "fingerprint": self.fingerprint,
            "cells": len(self.database),
            "epochs": self.epoch,
            "scores": self.scores(),
        }
        if self.start is not None:
            provenance["start"] = {**self.start.provenance, "weights": self.origin}
        return CellVAE(
            self.networks.cpu().to(memory_format=torch.contiguous_format),
            (h, w),
            self.database.symmetric,
            self.data.scaling,
            self.database.phases,
            provenance,
        )
