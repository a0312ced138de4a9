"""Processes and devices of a training run, started by torchrun or alone."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.optim import Optimizer

from metafast.generative.config import TrainingConfig


@dataclass(frozen=True)
class Workers:
    """The process group of a training run, seen from one of its processes.

    Attributes
    ----------
    rank, count : int
        Number of this process, from 0, and number of processes.
    device : torch.device
        Device of this process.
    opened : bool
        Whether the group was formed here, and is to be left by `close`. Several runs can share a
        group that was formed before them; a process cannot form a second one.
    """

    rank: int
    count: int
    device: torch.device
    opened: bool = False

    @staticmethod
    def join_group(config: TrainingConfig) -> Workers:
        """Join the process group if torchrun started this process.

        Raises
        ------
        ValueError
            If a GPU is asked for and there is none, or a batch cannot be shared out evenly.
        """
        cuda = torch.cuda.is_available()
        if config.device == "cuda" and not cuda:
            raise ValueError("device is 'cuda' but torch finds no GPU; use 'cpu' or 'auto'")
        use_cuda = cuda and config.device != "cpu"
        count = process_count()
        if count == 1:
            return Workers(0, 1, torch.device("cuda" if use_cuda else "cpu"))
        if config.batch % count:
            raise ValueError(
                f"batch is {config.batch}, which {count} processes cannot share evenly; take a "
                f"multiple of {count}"
            )
        opened = not dist.is_initialized()
        if opened:
            dist.init_process_group("nccl" if use_cuda else "gloo")
        local = int(os.environ.get("LOCAL_RANK", "0"))
        device = torch.device("cuda", local) if use_cuda else torch.device("cpu")
        if use_cuda:
            torch.cuda.set_device(device)
        return Workers(dist.get_rank(), count, device, opened)

    @property
    def can_compile(self) -> bool:
        """Whether `torch.compile` works on this GPU; it does not pay on a CPU."""
        if self.device.type != "cuda" or find_spec("triton") is None:
            return False
        return torch.cuda.get_device_capability(self.device) >= (7, 0)

    @property
    def is_first(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0

    def close(self) -> None:
        """Leave the process group if it was formed here."""
        if self.opened:
            dist.destroy_process_group()

    def rows_of_rank(self, batch: int) -> slice:
        """Rows of a batch that this process works on."""
        size = batch // self.count
        return slice(self.rank * size, (self.rank + 1) * size)

    def average(self, networks: nn.Module) -> None:
        """Replace every gradient by its mean over the processes, in one exchange."""
        if self.count == 1:
            return
        gradients = [p.grad for p in networks.parameters() if p.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        dist.all_reduce(flat)
        ends = np.cumsum([gradient.numel() for gradient in gradients])[:-1].tolist()
        for gradient, total in zip(gradients, torch.tensor_split(flat, ends), strict=True):
            torch.div(total.view_as(gradient), self.count, out=gradient)

    def optimizer(
        self, kind: type[Optimizer], weights: Sequence[Tensor], **options: Any
    ) -> Optimizer:
        """Optimiser whose work is divided: one process changes each of the weights for all.

        That pays for Muon, whose cost does not depend on the batch.
        """
        if self.count == 1:
            return kind(weights, **options)
        from torch.distributed.optim import ZeroRedundancyOptimizer

        return ZeroRedundancyOptimizer(weights, kind, **options)

    def gather_states(self, optimizers: Iterable[Optimizer]) -> None:
        """Bring the states of divided optimisers to the first process, which can save them."""
        for optimizer in optimizers:
            consolidate = getattr(optimizer, "consolidate_state_dict", None)
            if consolidate is not None:
                consolidate(to=0)

    def mean(self, values: Tensor) -> Tensor:
        """Mean over the processes."""
        if self.count > 1:
            dist.all_reduce(values)
            values = values / self.count
        return values


def process_count() -> int:
    """Number of processes that torchrun started, or 1."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def is_first_process() -> bool:
    """Whether this process writes files."""
    return int(os.environ.get("RANK", "0")) == 0


@functools.cache
def has_fast_bfloat16(device: torch.device) -> bool:
    """Whether the device has instructions for bfloat16."""
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    return bool(torch.cpu.get_capabilities().get("avx512_bf16", False))
