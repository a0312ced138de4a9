"""Training of the autoencoder and the regressor together (sections 3.1 and 3.2, Eq. 6).

More than one process (``torchrun --nproc-per-node 2 -m -- metafast train ...``) trains the same
model: every process draws the same batches and the same noise, works on its share of each, and
gradients are averaged.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from metafast._files import require_file_target
from metafast._progress import Progress, silent
from metafast._typing import AnyArray, FloatArray
from metafast.database import CellDatabase
from metafast.generative.batches import PackedCells, fingerprint
from metafast.generative.config import TrainingConfig
from metafast.generative.distributed import Workers
from metafast.generative.lineage import held_out
from metafast.generative.network import Architecture, Networks, loss_terms
from metafast.generative.optimizers import Schedule, make_optimizers
from metafast.generative.resume import load_checkpoint, save_checkpoint
from metafast.generative.start import config_for, model_fingerprint, start_networks
from metafast.generative.vae import CellVAE, Scaling
from metafast.generative.validation import TERMS, held_out_loss, held_out_scores

HISTORY = np.dtype(
    [
        ("epoch", int),
        ("reconstruction", float),
        ("kl", float),
        ("regression", float),
        ("held_out_reconstruction", float),
        ("held_out_kl", float),
        ("held_out_regression", float),
        ("held_out_pixel_error", float),
    ]
)
_GRADIENT_NORM = 50.0  # larger gradients come from single batches and can end in NaN


def train_vae(
    database: CellDatabase,
    config: TrainingConfig | None = None,
    *,
    start: CellVAE | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Progress = silent,
) -> tuple[CellVAE, AnyArray]:
    """Train a `CellVAE` on a database.

    Cells are held out by lineage, since a grown cell differs from its parent by few pixels.

    Parameters
    ----------
    database : CellDatabase
    config : TrainingConfig, optional
        By default `TrainingConfig()`; with a start that of its sizes, at a quarter of the learning
        rate.
    start : CellVAE, optional
        Model to go on from, of the same sizes or with narrower dense layers, for instance with
        other cells or another material; random weights by default. It wants a lower learning
        rate, 2e-3 for Muon, lest it be unlearnt first. Cells that it was trained on may be among
        those held out now, unless database, share and seed are the same.
    checkpoint : path, optional
        File that keeps the state after every epoch; if it exists and belongs to the same
        configuration and data, training goes on from it to the same history (to rounding, if
        threads, processes or `compile` changed).
    progress : callable, optional
        Called as ``progress("training", step, steps)``.

    Returns
    -------
    vae : CellVAE
    history : structured array
        Per epoch the parts of the loss per cell (nats), on training and on held-out cells, and the
        share of held-out pixels that are reconstructed wrongly.

    Raises
    ------
    ValueError
        If an argument is wrong, or the checkpoint belongs to another run.
    FloatingPointError
        If the loss is no longer finite; the last checkpoint stays.
    """
    if not isinstance(database, CellDatabase):
        raise ValueError(f"database is a {type(database).__name__}; a CellDatabase is needed")
    if start is not None and not isinstance(start, CellVAE):
        raise ValueError(f"start is a {type(start).__name__}; a CellVAE is needed")
    path = None if checkpoint is None else Path(checkpoint)
    if path is not None:
        require_file_target(path)
    if config is None:
        config = TrainingConfig() if start is None else config_for(start)
    threads = torch.get_num_threads()
    try:
        return _train(_Run(database, config, start), path, progress)
    finally:
        torch.set_num_threads(threads)


def _train(run: _Run, path: Path | None, progress: Progress) -> tuple[CellVAE, AnyArray]:
    if path is not None and path.exists():
        load_checkpoint(path, run)
    while run.epoch < run.config.epochs:
        run.train_epoch(progress)
        if path is not None and run.workers.first:
            save_checkpoint(path, run)
    run.workers.leave()
    return run.model(), run.history


class _Run:
    """State of a training run."""

    def __init__(
        self, database: CellDatabase, config: TrainingConfig, start: CellVAE | None = None
    ) -> None:
        self.config, self.database = config, database
        self.workers = Workers.here(config)
        self.device = self.workers.device
        torch.set_num_threads(config.threads)
        apart = held_out(database.parents, config.held_out, config.seed)
        if apart.all():
            raise ValueError(
                f"all {len(database)} cells descend from one seed, so none can be held out; use a "
                "database with more seeds, or without parents"
            )
        deviation = database.properties[~apart].std(axis=0)
        self.scaling = Scaling(
            database.properties[~apart].mean(axis=0), np.where(deviation > 0, deviation, 1.0)
        )
        standard = (database.properties - self.scaling.mean) / self.scaling.deviation
        self.data = PackedCells(database, standard, self.device)
        self.rows = torch.from_numpy(np.flatnonzero(~apart)).to(self.device)
        self.held_out = torch.from_numpy(np.flatnonzero(apart)).to(self.device)
        self.architecture = Architecture(
            self.data.rows, self.data.cols, config.latent, config.channels, config.hidden
        )
        self.start = start
        if start is None:
            with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay
                torch.manual_seed(config.seed)
                networks = Networks(self.architecture)
        else:
            networks = start_networks(
                start, self.architecture, database.symmetric, self.scaling, config.seed
            )
        self.networks = networks.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        compiled = self.workers.can_compile if config.compile is None else config.compile
        self.forward: Any = torch.compile(self.networks) if compiled else self.networks
        self.optimizers = make_optimizers(self.networks, config, self.workers)
        self.steps = max(1, len(self.rows) // config.batch)
        steps = self.steps * config.epochs
        self.schedule = Schedule(config.peak, min(config.warmup, steps // 10), steps)
        self.random = torch.Generator(device=self.device).manual_seed(config.seed)
        self.epoch = 0
        self.history = np.zeros(0, dtype=HISTORY)
        self.fingerprint = fingerprint(database)
        self.origin = model_fingerprint(start) if start else ""

    def _autocast(self) -> Any:
        return torch.autocast(
            self.device.type, dtype=torch.bfloat16, enabled=self.workers.fast_bfloat16
        )

    def loss(
        self, networks: Any, rows: Tensor, noise: Tensor, shift: Tensor | None = None
    ) -> tuple[dict[str, Tensor], Tensor, Tensor]:
        """Parts of the loss of cells by their rows, shifted or not; logits and pixels."""
        pixels, wanted = self.data.take(rows)
        if shift is not None:
            pixels = self.data.shifted(pixels, shift)
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        with self._autocast():
            logits, mean, log_variance, regression = networks(pixels, noise)
        terms = loss_terms(logits, mean.float(), log_variance.float(), regression, pixels, wanted)
        return terms, logits, pixels

    def train_epoch(self, progress: Progress) -> None:
        """One pass over the training cells, and what it is worth on those held out."""
        config, batch = self.config, min(self.config.batch, len(self.rows))
        order = torch.randperm(len(self.rows), generator=self.random, device=self.device)
        sums = torch.zeros(3, device=self.device)
        self.networks.train()
        for k in range(self.steps):
            step = self.epoch * self.steps + k
            for optimizer, share in self.optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = share * self.schedule.rate(step)
            noise = torch.randn((batch, config.latent), generator=self.random, device=self.device)
            mine = self.workers.share(batch)
            rows = self.rows[order[k * batch : (k + 1) * batch]]
            shift = self._shifts(batch)[mine] if config.shifts else None
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
            sums += torch.stack([terms[name].detach() for name in TERMS])
            if k % 50 == 0:
                self._require_finite(sums, step)
                progress("training", step, self.steps * config.epochs)
        self._require_finite(sums, (self.epoch + 1) * self.steps)
        self.epoch += 1
        progress("training", self.epoch * self.steps, self.steps * config.epochs)
        row = (self.epoch, *self.workers.mean(sums / self.steps).tolist(), *self._validate())
        self.history = np.append(self.history, np.array([row], dtype=HISTORY))

    def _shifts(self, batch: int) -> Tensor:
        return torch.randint(0, 4, (batch,), generator=self.random, device=self.device)

    def _require_finite(self, sums: Tensor, step: int) -> None:
        if not bool(torch.isfinite(sums).all()):
            raise FloatingPointError(
                f"the loss is not finite after {step} steps; lower learning_rate "
                f"({self.config.peak:g}) or raise warmup ({self.config.warmup})"
            )

    def _validate(self) -> FloatArray:
        self.networks.eval()
        return held_out_loss(self)

    def model(self) -> CellVAE:
        """The model as it is now."""
        _, h, w = self.database.shape
        provenance = {
            "config": self.config.as_dict(),
            "fingerprint": self.fingerprint,
            "cells": len(self.database),
            "epochs": self.epoch,
            "scores": held_out_scores(self),
        }
        if self.start is not None:
            provenance["start"] = {**self.start.provenance, "weights": self.origin}
        return CellVAE(
            self.networks.cpu().to(memory_format=torch.contiguous_format),
            (h, w),
            self.database.symmetric,
            self.scaling,
            self.database.material,
            self.database.void_stiffness,
            provenance,
        )
