"""Generative model: a variational autoencoder of cells with a property regressor (section 3)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from metafast.generative import latent
    from metafast.generative.config import TrainingConfig
    from metafast.generative.decoding import DecodedCells
    from metafast.generative.result import TrainingResult
    from metafast.generative.train import train_vae
    from metafast.generative.vae import CellVAE

__all__ = [
    "CellVAE",
    "DecodedCells",
    "TrainingConfig",
    "TrainingResult",
    "latent",
    "train_vae",
]

# torch takes a second to import, and the options of a training run do not need it
_HOMES = {
    "CellVAE": "vae",
    "DecodedCells": "decoding",
    "TrainingConfig": "config",
    "TrainingResult": "result",
    "train_vae": "train",
}


def __getattr__(name: str) -> Any:
    if name == "latent":
        return import_module("metafast.generative.latent")
    if name in _HOMES:
        return getattr(import_module(f"metafast.generative.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'metafast.generative' has no attribute {name!r}")
