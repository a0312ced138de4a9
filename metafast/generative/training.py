"""Training of the autoencoder and the regressor together (sections 3.1 and 3.2, Eq. 6).

More than one process (``torchrun --nproc-per-node 2 -m -- metafast train ...``) trains the same
model: every process draws the same batches and the same noise, works on its share of each, and
gradients are averaged.
"""

from __future__ import annotations

import os
from pathlib import Path

import torch

from metafast._base.files import require_file_target
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray
from metafast.database import CellDatabase
from metafast.generative.checkpoint import load_checkpoint, save_checkpoint
from metafast.generative.config import TrainingConfig
from metafast.generative.run import TrainingRun
from metafast.generative.start import config_for
from metafast.generative.vae import CellVAE


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
        Model to go on from, of the same sizes or with narrower dense layers, its guess corrected
        as often or not, for instance with other cells or another material; random weights by
        default. It wants a lower learning rate, 2e-3 for Muon, lest it be unlearnt first. Cells
        that it was trained on may be among those held out now, unless database, share and seed
        are the same.
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
        return _train(TrainingRun(database, config, start), path, progress)
    finally:
        torch.set_num_threads(threads)


def _train(run: TrainingRun, path: Path | None, progress: Progress) -> tuple[CellVAE, AnyArray]:
    if path is not None and path.exists():
        load_checkpoint(path, run)
    while run.epoch < run.config.epochs:
        run.train_epoch(progress)
        if path is not None and run.workers.first:
            save_checkpoint(path, run)
    run.workers.leave()
    return run.model(), run.history
