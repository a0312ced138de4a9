"""A training run: its data, its networks, and the loop over batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from metafast._base.progress import Progress
from metafast._base.typing import FloatArray
from metafast.database import CellDatabase
from metafast.generative.config import TrainingConfig
from metafast.generative.data import PackedCells, fingerprint
from metafast.generative.lineage import held_out
from metafast.generative.network import Architecture, Networks, loss_terms
from metafast.generative.optimizers import Schedule, make_optimizers
from metafast.generative.start import model_fingerprint, start_networks
from metafast.generative.vae import CellVAE, Scaling
from metafast.generative.validation import TERMS, held_out_loss, held_out_scores
from metafast.generative.workers import Workers

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


class TrainingRun:
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
            self.data.rows,
            self.data.cols,
            config.latent,
            config.channels,
            config.hidden,
            corrections=config.corrections,
        )
        self.start = start
        if start is None:
            if config.fixed_decoder or config.fixed_encoder:
                raise ValueError(
                    f"fixed_decoder is {config.fixed_decoder} and fixed_encoder "
                    f"{config.fixed_encoder}, but training starts from random weights; give a "
                    "start, whose they are"
                )
            with torch.random.fork_rng(devices=[]):  # the caller's random numbers stay
                torch.manual_seed(config.seed)
                networks = Networks(self.architecture)
        else:
            networks = start_networks(
                start, self.architecture, database.symmetric, self.scaling, config.seed
            )
        self.networks = networks.to(self.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.networks.decoder.requires_grad_(not config.fixed_decoder)
        for part in (self.networks.encoder, self.networks.mean, self.networks.log_variance):
            part.requires_grad_(not config.fixed_encoder)
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
            self.database.phases,
            provenance,
        )
