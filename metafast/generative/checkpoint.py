"""State of a training run on disk, from which it goes on as if never interrupted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from metafast._base.files import atomic_write

if TYPE_CHECKING:
    from metafast.generative.run import TrainingRun


def _belongs(run: TrainingRun) -> str:
    """What must be the same for training to go on."""
    config = run.config.as_dict()
    for name in ("device", "compile", "threads"):
        config.pop(name)
    # random numbers of a CPU and of a GPU are not the same
    kind = run.device.type
    data = {"config": config, "device": kind, "fingerprint": run.fingerprint, "start": run.origin}
    return json.dumps(data, sort_keys=True)


def save_checkpoint(path: Path, run: TrainingRun) -> None:
    """Write the state; an older one is replaced only when the new one is complete."""
    state: dict[str, Any] = {
        "belongs": _belongs(run),
        "epoch": run.epoch,
        "history": json.dumps(run.history.tolist()),
        "networks": run.networks.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer, _ in run.optimizers],
        "random": run.random.get_state(),
    }
    with atomic_write(path) as partial:
        torch.save(state, partial)


def load_checkpoint(path: Path, run: TrainingRun) -> None:
    """Set a run to the state in a file; nothing in it is executed.

    Raises
    ------
    ValueError
        If the file is damaged or belongs to another run.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        belongs = state["belongs"]
    except Exception as error:
        raise ValueError(
            f"{str(path)!r} is not a readable checkpoint ({error}); delete it to start anew"
        ) from error
    if belongs != _belongs(run):
        raise ValueError(
            f"checkpoint {str(path)!r} belongs to another configuration, database, start, or "
            "kind of device; give the same ones, another checkpoint, or delete it"
        )
    run.networks.load_state_dict(state["networks"])
    for (optimizer, _), kept in zip(run.optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(kept)
    run.random.set_state(state["random"].cpu())
    run.epoch = state["epoch"]
    rows = [tuple(row) for row in json.loads(state["history"])]
    run.history = np.array(rows, dtype=run.history.dtype)
