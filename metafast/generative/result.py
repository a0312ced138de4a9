"""Result of a training run."""

from __future__ import annotations

from dataclasses import dataclass

from metafast._base.one_line import one_line
from metafast._base.typing import AnyArray
from metafast.generative.vae import CellVAE


@dataclass(frozen=True)
class TrainingResult:
    """A trained model and how its loss fell.

    Attributes
    ----------
    vae : CellVAE
        The model; its `provenance` has the configuration, the data's fingerprint and the scores.
    history : structured array
        For every epoch the three parts of the loss per cell (reconstruction and KL divergence in
        nats, squared error of the standardised properties), on training cells and, named
        ``held_out_...``, on held-out cells with z at the mean, and the share of held-out pixels
        that are reconstructed wrongly.
    """

    vae: CellVAE
    history: AnyArray

    __repr__ = one_line
