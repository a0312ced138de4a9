"""What a training run is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from metafast._checks import require_count, require_number

PROPORTION = 20_000 / 248_396  # cells that the paper held out

Device = Literal["auto", "cpu", "cuda"]


@dataclass(frozen=True)
class TrainingConfig:
    """A training run (section 3.2).

    Parameters
    ----------
    epochs : int
        Passes over the training cells; 500 in the paper.
    batch : int
        Cells per step; 32 in the paper. Large batches are for GPUs.
    learning_rate : float
        At its peak, after the warm-up; a cosine takes it to 1 % at the end.
    warmup : int
        Steps over which the learning rate rises.
    optimizer : {"rmsprop", "adam"}
        RMSprop is the paper's; Adam went down faster over the first two epochs.
    latent, channels, hidden : int
        Sizes of the networks, see `Architecture`.
    kl_weight : float
        Of the KL divergence in Eq. 6; 1 is the evidence lower bound.
    regression_weight : float
        Of the squared error of the standardised properties.
    held_out : float
        Share of the cells for validation, in whole lineages.
    device : {"auto", "cpu", "cuda"}
    threads : int
        Of the CPU, in one process; threads that must share cores slow each other down.
    seed : int
    """

    epochs: int = 20
    batch: int = 64
    learning_rate: float = 2e-3
    warmup: int = 500
    optimizer: Literal["rmsprop", "adam"] = "adam"
    latent: int = 16
    channels: int = 32
    hidden: int = 384
    kl_weight: float = 1.0
    regression_weight: float = 10.0
    held_out: float = PROPORTION
    device: Device = "auto"
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "latent", "channels", "hidden", "threads"):
            object.__setattr__(self, name, require_count(name, getattr(self, name)))
        for name in ("warmup", "seed"):
            object.__setattr__(self, name, require_count(name, getattr(self, name), 0))
        require_number("learning_rate", self.learning_rate, above=0.0)
        require_number("kl_weight", self.kl_weight, above=0.0, closed=True)
        require_number("regression_weight", self.regression_weight, above=0.0, closed=True)
        require_number("held_out", self.held_out, above=0.0, below=0.5)
        if self.optimizer not in ("rmsprop", "adam"):
            raise ValueError(f"optimizer is {self.optimizer!r}; use 'rmsprop' or 'adam'")
        if self.device not in ("auto", "cpu", "cuda"):
            raise ValueError(f"device is {self.device!r}; use 'auto', 'cpu' or 'cuda'")
        if self.channels % 2:
            raise ValueError(f"channels is {self.channels}; an even number is needed")

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for files."""
        return asdict(self)
