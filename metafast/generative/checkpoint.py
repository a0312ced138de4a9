"""Checkpoints of training runs, and networks that start from a trained model."""

from __future__ import annotations

import copy
import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import torch

from metafast._base.sealed import sealed_content, write_sealed
from metafast.generative.config import Architecture
from metafast.generative.network import Networks, tensors_of
from metafast.generative.vae import CellVAE, Scaling

_FORMAT = "metafast-training-2"
_ZIP = b"PK\x03\x04"  # first bytes of torch's files, which had no seal before


def save_checkpoint(path: Path, run: str, state: dict[str, Any]) -> None:
    """Write the state of a run; an older file is replaced only when the new one is complete.

    Parameters
    ----------
    path : Path
    run : str
        Identity of the run: configuration, data, start and kind of device.
    state : dict
        Tensors, numbers and strings.
    """
    content = BytesIO()
    torch.save({"run": run, "state": state}, content)
    write_sealed(path, _FORMAT, content.getbuffer())


def load_checkpoint(path: Path, run: str) -> dict[str, Any]:
    """Read the state of a run; no code in the file is executed.

    Raises
    ------
    ValueError
        If the file is damaged or belongs to another run.
    """
    try:
        content = sealed_content(path, _FORMAT, _ZIP)
        stored = torch.load(content, map_location="cpu", weights_only=True)
        identity, state = stored["run"], stored["state"]
    except Exception as error:
        raise ValueError(
            f"{str(path)!r} is not a readable checkpoint ({error}); delete it to start from the "
            "beginning"
        ) from error
    if identity != run:
        raise ValueError(
            f"checkpoint {str(path)!r} belongs to another configuration, database, start, or "
            "kind of device; give the same ones, another checkpoint, or delete it"
        )
    return dict(state)


def start_networks(
    start: CellVAE, architecture: Architecture, quarter: bool, scaling: Scaling
) -> Networks:
    """Copy of a model's networks, the regressor in the units of another database.

    Parameters
    ----------
    start : CellVAE
        Model to start from.
    architecture : Architecture
        Sizes to train, those of the model. Only `corrections` may differ, since all corrections
        share their weights.
    quarter : bool
        Whether the networks see quarters of mirror-symmetric cells.
    scaling : Scaling
        Mean and deviation by which the properties of the database are standardised.

    Raises
    ------
    ValueError
        If the model has other sizes, or sees other cells.
    """
    present, needed = start.networks.architecture.as_dict(), architecture.as_dict()
    other = [
        f"{name} {present[name]} instead of {needed[name]}"
        for name in needed
        if name != "corrections" and present[name] != needed[name]
    ]
    if start.quarter != quarter:
        whole, part = "whole cells", "quarters of mirror-symmetric cells"
        seen, there = (part, whole) if start.quarter else (whole, part)
        other.append(f"sees {seen} where the database has {there}")
    if other:
        raise ValueError(
            f"the model to start from has {', '.join(other)}; leave the sizes out of the training "
            "configuration and give cells of the model's kind, or train without a start"
        )
    networks = copy.deepcopy(start.networks).cpu()
    networks.architecture = architecture
    last = networks.regressor[-1]
    assert isinstance(last, torch.nn.Linear)
    old, new = start.scaling, scaling
    with torch.no_grad():
        ratio = torch.from_numpy(old.deviation / new.deviation).float()
        shift = torch.from_numpy((old.mean - new.mean) / new.deviation).float()
        last.weight.mul_(ratio[:, None])
        last.bias.mul_(ratio).add_(shift)
    return networks


def model_fingerprint(model: CellVAE) -> str:
    """SHA-256 of a model's weights and of the units of its properties."""
    digest = hashlib.sha256(model.scaling.mean.tobytes() + model.scaling.deviation.tobytes())
    for name, weights in sorted(tensors_of(model.networks).items()):
        digest.update(name.encode())
        digest.update(weights.tobytes())
    return digest.hexdigest()
