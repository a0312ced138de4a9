"""Training that goes on from a model instead of from random weights."""

from __future__ import annotations

import copy
import hashlib
from dataclasses import replace

import torch

from metafast.generative.config import TrainingConfig
from metafast.generative.network import Architecture, Networks, tensors_of
from metafast.generative.vae import CellVAE, Scaling

_SHARE = 0.25  # of the learning rate that random weights want


def start_networks(
    start: CellVAE, architecture: Architecture, quarter: bool, scaling: Scaling, seed: int = 0
) -> Networks:
    """Networks that do what a model does, its regressor in the units of another database.

    Parameters
    ----------
    start : CellVAE
    architecture : Architecture
        Of the networks that are to be trained; they may have wider dense layers, and correct the
        encoder's guess more or fewer times, which is then no longer quite what the model does.
    quarter : bool
        Whether they see quarters of mirror-symmetric cells.
    scaling : Scaling
        By which the properties of the database are standardised.
    seed : int
        Of the weights of units that the model does not have.

    Raises
    ------
    ValueError
        If the model has other sizes, or sees other cells.
    """
    given, needed = start.networks.architecture.as_dict(), architecture.as_dict()
    fits = given | {
        "hidden": max(given["hidden"], needed["hidden"]),
        "corrections": needed["corrections"],
    }
    other = [f"{k} {given[k]} instead of {needed[k]}" for k in needed if fits[k] != needed[k]]
    if start.quarter != quarter:
        whole, part = "whole cells", "quarters of mirror-symmetric cells"
        seen, there = (part, whole) if start.quarter else (whole, part)
        other.append(f"sees {seen} where the database has {there}")
    if other:
        raise ValueError(
            f"the model to start from has {', '.join(other)}; give no sizes but its own, or a "
            "larger hidden, in the training configuration, and cells of its kind, or train without "
            "a start"
        )
    networks = copy.deepcopy(start.networks).cpu()
    if fits != given:
        networks = _widened(networks, architecture, seed)
    last = networks.regressor[-1]
    assert isinstance(last, torch.nn.Linear)
    old, new = start.scaling, scaling
    with torch.no_grad():
        ratio = torch.from_numpy(old.deviation / new.deviation).float()
        shift = torch.from_numpy((old.mean - new.mean) / new.deviation).float()
        last.weight.mul_(ratio[:, None])
        last.bias.mul_(ratio).add_(shift)
    return networks


def _widened(narrow: Networks, architecture: Architecture, seed: int) -> Networks:
    """The same function with more units in the dense layers, whose answers go nowhere yet.

    Training finds out what to do with them (after Net2Net, Chen et al. 2016, whose new units are
    copies; zeros need no noise to part them).
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        networks = Networks(architecture)
    with torch.no_grad():
        for new, old in zip(networks.parameters(), narrow.parameters(), strict=True):
            if new.ndim == 2:
                new[: old.shape[0], old.shape[1] :] = 0.0
            new[tuple(slice(n) for n in old.shape)] = old
    return networks


def model_fingerprint(model: CellVAE) -> str:
    """SHA-256 of a model's weights and of the units of its properties."""
    digest = hashlib.sha256(model.scaling.mean.tobytes() + model.scaling.deviation.tobytes())
    for name, weights in sorted(tensors_of(model.networks).items()):
        digest.update(name.encode())
        digest.update(weights.tobytes())
    return digest.hexdigest()


def config_for(start: CellVAE) -> TrainingConfig:
    """The default training run of networks of a model's sizes, at a quarter of the usual rate."""
    a, usual = start.networks.architecture, TrainingConfig()
    return replace(
        usual,
        latent=a.latent,
        channels=a.channels,
        hidden=a.hidden,
        corrections=a.corrections,
        learning_rate=_SHARE * usual.peak,
    )
