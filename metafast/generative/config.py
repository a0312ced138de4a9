"""What a training run is made of."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from metafast._base.checks import require_count, require_number

_RATES = {"muon": 8e-3, "adam": 1e-3, "rmsprop": 1e-3}
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
    learning_rate : float, optional
        At its peak, after the warm-up; a cosine takes it to 1 % at the end. 8e-3 by default for
        Muon, 1e-3 for Adam and RMSprop.
    warmup : int
        Steps over which the learning rate rises; at most a tenth of all.
    optimizer : {"muon", "adam", "rmsprop"}
        RMSprop is the paper's; Muon trains the dense layers with fewer cells for the same loss.
        Adam and RMSprop want smaller batches.
    weight_decay : float
        Of Muon; only there.
    latent, channels, hidden : int
        Sizes of the networks, see `Architecture`.
    corrections : int
        Times that the encoder's guess is corrected; 0 in the paper. Each costs a pass through the
        decoder and back, in training and in `CellVAE.encode`.
    kl_weight : float
        Of the KL divergence in Eq. 6; 1 is the evidence lower bound.
    regression_weight : float
        Of the squared error of the standardised properties.
    shifts : bool
        Whether a training cell is moved by half a period down, across, or both, at random every
        time: the same lattice with the same properties, so four times the cells.
    fixed_decoder : bool
        Whether the decoder of the model that training starts from stays as it is: points of the
        latent space keep their cells, and encoder and regressor learn to do better with it.
    fixed_encoder : bool
        Whether the guess of the start's encoder stays as it is, before it is corrected.
    held_out : float
        Share of the cells for validation, in whole lineages.
    device : {"auto", "cpu", "cuda"}
    compile : bool, optional
        Whether `torch.compile` turns the networks into fused kernels, which takes a C++ compiler or
        Triton and some time at the start. None, the default, does so on GPUs that can.
    threads : int
        Of the CPU, in one process; threads that must share cores slow each other down.
    seed : int
    """

    epochs: int = 16
    batch: int = 1024
    learning_rate: float | None = None
    warmup: int = 300
    optimizer: Literal["muon", "adam", "rmsprop"] = "muon"
    weight_decay: float = 0.0
    latent: int = 16
    channels: int = 32
    hidden: int = 512
    corrections: int = 2
    kl_weight: float = 1.0
    regression_weight: float = 100.0
    shifts: bool = False
    fixed_decoder: bool = False
    fixed_encoder: bool = False
    held_out: float = PROPORTION
    device: Device = "auto"
    compile: bool | None = None
    threads: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "latent", "channels", "hidden", "threads"):
            object.__setattr__(self, name, require_count(name, getattr(self, name)))
        for name in ("warmup", "seed", "corrections"):
            object.__setattr__(self, name, require_count(name, getattr(self, name), 0))
        require_number("kl_weight", self.kl_weight, above=0.0, closed=True)
        require_number("regression_weight", self.regression_weight, above=0.0, closed=True)
        require_number("held_out", self.held_out, above=0.0, below=0.5)
        require_number("weight_decay", self.weight_decay, above=0.0, closed=True)
        if self.optimizer not in ("muon", "adam", "rmsprop"):
            raise ValueError(f"optimizer is {self.optimizer!r}; use 'muon', 'adam' or 'rmsprop'")
        rate = _RATES[self.optimizer] if self.learning_rate is None else self.learning_rate
        object.__setattr__(self, "learning_rate", require_number("learning_rate", rate, above=0.0))
        if self.weight_decay and self.optimizer != "muon":
            raise ValueError(f"weight_decay is {self.weight_decay} but {self.optimizer} has none")
        for name in ("shifts", "fixed_decoder", "fixed_encoder"):
            if getattr(self, name) not in (True, False):
                raise ValueError(f"{name} is {getattr(self, name)!r}; use True or False")
        if self.compile not in (None, True, False):
            raise ValueError(f"compile is {self.compile!r}; use True, False or None")
        if self.device not in ("auto", "cpu", "cuda"):
            raise ValueError(f"device is {self.device!r}; use 'auto', 'cpu' or 'cuda'")

    @property
    def peak(self) -> float:
        """Learning rate at its peak."""
        return self.learning_rate or _RATES[self.optimizer]

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for files."""
        return asdict(self)
