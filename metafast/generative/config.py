"""Options of a training run and sizes of the networks."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, get_args

from metafast._base.checks import (
    require_choice,
    require_count,
    require_flag,
    require_number,
)

Optimizer = Literal["muon", "adam", "rmsprop"]
Device = Literal["auto", "cpu", "cuda"]

PROPORTION = 20_000 / 248_396  # share of the cells that the paper held out
_RATES = {"muon": 8e-3, "adam": 1e-3, "rmsprop": 1e-3}
# largest values of counts: networks of more would not fit into any memory
_MOST = {
    "epochs": 10**9, "batch": 10**9, "threads": 1024, "seed": 2**63 - 1, "latent": 4096,
    "hidden": 2**16, "corrections": 100,
}  # fmt: skip
_FASTEST = 1e31  # a rate above it overflows single precision at once
_START_SHARE = 0.25  # share of the usual rate that improves a trained model and does not destroy it


@dataclass(frozen=True)
class Architecture:
    """Sizes of the networks.

    Parameters
    ----------
    rows, cols : int
        Pixels that the networks see: a quarter of mirror-symmetric cells, else the whole cell.
    latent : int
        Latent dimensions; 16 in the paper.
    channels : int
        Channels of the first convolution; the second has twice as many.
    hidden : int
        Width of the dense layers of encoder and decoder.
    regressor : int
        Width of the regressor's dense layers.
    correction : int
        Width of the dense layers that correct the encoder's guess.
    corrections : int
        Number of corrections of the encoder's guess; 0 in the paper.
    """

    rows: int = 25
    cols: int = 25
    latent: int = 16
    channels: int = 32
    hidden: int = 512
    regressor: int = 256
    correction: int = 256
    corrections: int = 2

    def as_dict(self) -> dict[str, int]:
        """Plain numbers, for files."""
        return asdict(self)


@dataclass(frozen=True)
class TrainingConfig:
    """Options of a training run (section 3.2).

    Parameters
    ----------
    epochs : int
        Passes over the training cells; 500 in the paper.
    batch : int
        Cells per step; 32 in the paper. Muon's cost per step does not depend on it, Adam and
        RMSprop train better with smaller batches.
    optimizer : {"muon", "adam", "rmsprop"}
        Optimiser; RMSprop is the paper's. Muon reaches the same loss with fewer cells.
    learning_rate : float, optional
        Peak of the learning rate, which rises over the first steps and falls along a cosine to 1 %.
        By default 8e-3 for Muon, 1e-3 for Adam and RMSprop, and a quarter of these with a model to
        start from.
    latent : int, optional
        Latent dimensions; by default those of the model to start from, else 16, the paper's.
    hidden : int, optional
        Width of the dense layers of encoder and decoder; by default that of the model to start
        from, else 512.
    corrections : int, optional
        Number of corrections of the encoder's guess, 0 in the paper; by default that of the model
        to start from, else 2. Each costs a pass through the decoder and back, in training and in
        `CellVAE.encode`.
    kl_weight : float
        Weight of the KL divergence in Eq. 6; 1 is the evidence lower bound.
    regression_weight : float
        Weight of the squared error of the standardised properties in Eq. 6.
    shifts : bool
        Move each training cell by half a period down, across, or both, at random every time. The
        lattice and its properties stay the same, so there are four times the cells.
    held_out : float
        Share of the cells for validation, in whole lineages.
    device : {"auto", "cpu", "cuda"}
        Device to train on.
    threads : int
        CPU threads per process. Threads that share cores with other work slow each other down.
    seed : int
        Seed of all random numbers.
    """

    epochs: int = 16
    batch: int = 1024
    optimizer: Optimizer = "muon"
    learning_rate: float | None = None
    latent: int | None = None
    hidden: int | None = None
    corrections: int | None = None
    kl_weight: float = 1.0
    regression_weight: float = 100.0
    shifts: bool = False
    held_out: float = PROPORTION
    device: Device = "auto"
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        minima = {"epochs": 1, "batch": 1, "threads": 1, "seed": 0}
        for name, minimum in {**minima, "latent": 1, "hidden": 1, "corrections": 0}.items():
            value = getattr(self, name)
            if value is not None or name in minima:
                object.__setattr__(self, name, require_count(name, value, minimum, _MOST[name]))
        require_number("kl_weight", self.kl_weight, above=0.0, closed=True)
        require_number("regression_weight", self.regression_weight, above=0.0, closed=True)
        require_number("held_out", self.held_out, above=0.0, below=0.5)
        if self.learning_rate is not None:
            require_number("learning_rate", self.learning_rate, above=0.0, below=_FASTEST)
        require_flag("shifts", self.shifts)
        for name, choices in (("optimizer", get_args(Optimizer)), ("device", get_args(Device))):
            require_choice(name, getattr(self, name), choices)

    @property
    def peak(self) -> float:
        """Learning rate at its peak."""
        return _RATES[self.optimizer] if self.learning_rate is None else float(self.learning_rate)

    def completed(self, start: Architecture | None = None) -> TrainingConfig:
        """Configuration without None: the sizes and the rate to train with.

        Parameters
        ----------
        start : Architecture, optional
            Sizes of the model to start from.
        """
        sizes = start or Architecture()
        rate = self.peak
        if start is not None and self.learning_rate is None:
            rate *= _START_SHARE
        return replace(
            self,
            learning_rate=rate,
            latent=sizes.latent if self.latent is None else self.latent,
            hidden=sizes.hidden if self.hidden is None else self.hidden,
            corrections=sizes.corrections if self.corrections is None else self.corrections,
        )

    def architecture(self, rows: int, cols: int, start: Architecture | None = None) -> Architecture:
        """Sizes of networks that see (rows, cols) pixels; the rest as in the start or by default.

        Parameters
        ----------
        rows, cols : int
        start : Architecture, optional
            Sizes of the model to start from.
        """
        whole = self.completed(start)
        sizes = {"latent": whole.latent, "hidden": whole.hidden, "corrections": whole.corrections}
        return replace(start or Architecture(), rows=rows, cols=cols, **sizes)  # type: ignore[arg-type]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for files."""
        return asdict(self)
