"""Training of a generative model on a database; it can be imported where torch is not installed."""

from __future__ import annotations

import os

from metafast._base.checks import require_instance, require_progress
from metafast._base.extras import need
from metafast._base.files import require_file_target, require_path
from metafast._base.progress import Progress, silent
from metafast.database import CellDatabase
from metafast.generative.config import TrainingConfig
from metafast.generative.result import TrainingResult
from metafast.generative.vae import CellVAE


def train_vae(
    database: CellDatabase,
    config: TrainingConfig | None = None,
    *,
    start: CellVAE | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    progress: Progress = silent,
) -> TrainingResult:
    """Train a `CellVAE` on a database.

    Cells are held out by lineage, since a grown cell differs from its parent by few pixels.

    Parameters
    ----------
    database : CellDatabase
    config : TrainingConfig, optional
        `TrainingConfig()` by default.
    start : CellVAE, optional
        Model to start from, for instance with other cells or another material; random weights by
        default. It needs a lower learning rate than random weights, otherwise training first
        destroys what the model knows; a quarter is the default. Its training cells may be among
        those held out now, unless database, share and seed are the same.
    checkpoint : path, optional
        File that keeps the state after every epoch. If it exists and belongs to the same
        configuration, data and start, training resumes from it to the same history (up to rounding
        if the number of threads or processes changed).
    progress : callable, optional
        Called as ``progress("training", step, steps)``.

    Returns
    -------
    TrainingResult

    Raises
    ------
    ValueError
        If an argument is wrong, or the checkpoint belongs to another run.
    ImportError
        If torch is not installed.
    FloatingPointError
        If the loss is no longer finite; the last checkpoint stays.
    """
    require_progress(progress)
    if not isinstance(database, CellDatabase):
        raise ValueError(f"database is a {type(database).__name__}; a CellDatabase is needed")
    if start is not None and not isinstance(start, CellVAE):
        raise ValueError(f"start is a {type(start).__name__}; a CellVAE is needed")
    if config is not None:
        require_instance("config", config, TrainingConfig)
    path = None if checkpoint is None else require_path(checkpoint, "checkpoint")
    if path is not None:
        require_file_target(path)
    torch = need("torch", "training", "torch")
    from metafast.generative.training import TrainingRun

    threads = torch.get_num_threads()
    try:
        return TrainingRun(database, config or TrainingConfig(), start).train(path, progress)
    finally:
        torch.set_num_threads(threads)
