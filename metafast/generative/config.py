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
        Cells per step; 32 in the paper. Muon's cost does not depend on it.
    learning_rate : float
        At its peak, after the warm-up; a cosine takes it to 1 % at the end.
    warmup : int
        Steps over which the learning rate rises.
    optimizer : {"muon", "adam", "rmsprop"}
        RMSprop is the paper's; Muon, for the dense layers, needs a third of the cells for the same
        loss. Adam and RMSprop want smaller batches and a tenth of the learning rate.
    weight_decay : float
        Of Muon.
    latent, channels, hidden : int
        Sizes of the networks, see `Architecture`.
    kl_weight : float
        Of the KL divergence in Eq. 6; 1 is the evidence lower bound.
    regression_weight : float
        Of the squared error of the standardised properties.
    held_out : float
        Share of the cells for validation, in whole lineages.
    device : {"auto", "cpu", "cuda"}
    compile : bool
        Whether `torch.compile` turns the networks into fused kernels; half a minute at the start.
        None, the default, does so on a GPU.
    threads : int
        Of the CPU, in one process; threads that must share cores slow each other down.
    seed : int
    """

    epochs: int = 20
    batch: int = 1024
    learning_rate: float = 3e-2
    warmup: int = 300
    optimizer: Literal["muon", "adam", "rmsprop"] = "muon"
    weight_decay: float = 0.0
    latent: int = 16
    channels: int = 32
    hidden: int = 512
    kl_weight: float = 1.0
    regression_weight: float = 50.0
    held_out: float = PROPORTION
    device: Device = "auto"
    compile: bool | None = None
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
        require_number("weight_decay", self.weight_decay, above=0.0, closed=True)
        if self.optimizer not in ("muon", "adam", "rmsprop"):
            raise ValueError(f"optimizer is {self.optimizer!r}; use 'muon', 'adam' or 'rmsprop'")
        if self.device not in ("auto", "cpu", "cuda"):
            raise ValueError(f"device is {self.device!r}; use 'auto', 'cpu' or 'cuda'")

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for files."""
        return asdict(self)
