"""Generative model: a variational autoencoder of cells with a regressor (section 3)."""

from metafast.generative import latent
from metafast.generative.config import TrainingConfig
from metafast.generative.training import train_vae
from metafast.generative.vae import CellVAE

__all__ = ["CellVAE", "TrainingConfig", "latent", "train_vae"]
