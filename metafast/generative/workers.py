"""The processes that train one model together, started by torchrun."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn

from metafast.generative.config import TrainingConfig


@dataclass(frozen=True)
class Workers:
    """This process among those that train together.

    Attributes
    ----------
    rank, count : int
    device : torch.device
    """

    rank: int
    count: int
    device: torch.device

    @staticmethod
    def here(config: TrainingConfig) -> Workers:
        """Join the others if torchrun started this process.

        Raises
        ------
        ValueError
            If a GPU is asked for and there is none, or a batch cannot be shared out.
        """
        cuda = torch.cuda.is_available()
        if config.device == "cuda" and not cuda:
            raise ValueError("device is 'cuda' but torch finds no GPU; use 'cpu' or 'auto'")
        use_cuda = cuda and config.device != "cpu"
        count = int(os.environ.get("WORLD_SIZE", "1"))
        if count == 1:
            return Workers(0, 1, torch.device("cuda" if use_cuda else "cpu"))
        if config.batch % count:
            raise ValueError(
                f"batch is {config.batch}, which {count} processes cannot share evenly; take a "
                f"multiple of {count}"
            )
        if not dist.is_initialized():
            dist.init_process_group("nccl" if use_cuda else "gloo")
        local = int(os.environ.get("LOCAL_RANK", "0"))
        device = torch.device("cuda", local) if use_cuda else torch.device("cpu")
        if use_cuda:
            torch.cuda.set_device(device)
        return Workers(dist.get_rank(), count, device)

    @property
    def can_compile(self) -> bool:
        """Whether `torch.compile` works on this GPU; on a processor it does not pay."""
        if self.device.type != "cuda" or find_spec("triton") is None:
            return False
        return torch.cuda.get_device_capability(self.device) >= (7, 0)

    @property
    def fast_bfloat16(self) -> bool:
        """Whether the device has instructions for bfloat16."""
        if self.device.type == "cuda":
            return torch.cuda.get_device_capability(self.device) >= (8, 0)
        return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())

    @property
    def first(self) -> bool:
        """Whether this process writes files."""
        return self.rank == 0

    def leave(self) -> None:
        """Part from the others."""
        if self.count > 1 and dist.is_initialized():
            dist.destroy_process_group()

    def share(self, batch: int) -> slice:
        """This process's part of a batch."""
        size = batch // self.count
        return slice(self.rank * size, (self.rank + 1) * size)

    def average(self, networks: nn.Module) -> None:
        """Make every gradient the mean over the processes."""
        if self.count == 1:
            return
        gradients = [p.grad for p in networks.parameters() if p.grad is not None]
        for gradient, total in zip(gradients, self._sums(gradients), strict=True):
            torch.div(total, self.count, out=gradient)

    def _sums(self, tensors: list[Tensor]) -> list[Tensor]:
        """Sums over the processes, in one exchange."""
        flat = torch.cat([t.flatten() for t in tensors])
        dist.all_reduce(flat)
        ends = np.cumsum([t.numel() for t in tensors])[:-1].tolist()
        parts = torch.tensor_split(flat, ends)
        return [part.view_as(t) for part, t in zip(parts, tensors, strict=True)]

    def divide(self, function: Callable[[Tensor], Tensor], matrices: list[Tensor]) -> list[Tensor]:
        """`function` of every matrix, of the same shape, worked out by one process each.

        The work on an (m, n) matrix is taken to be min(m, n) m n, a product with its transpose, and
        the processes get about equally much.
        """
        if self.count == 1:
            return [function(matrix) for matrix in matrices]
        cost = [min(m.shape) * m.numel() for m in matrices]
        load, owner = [0] * self.count, [0] * len(matrices)
        for k in sorted(range(len(matrices)), key=lambda k: -cost[k]):
            owner[k] = load.index(min(load))
            load[owner[k]] += cost[k]
        # zeros where others work, so that the sum is what they found, to the bit
        parts = [torch.zeros_like(m) for m in matrices]
        for k, matrix in enumerate(matrices):
            if owner[k] == self.rank:
                parts[k].copy_(function(matrix))
        return self._sums(parts)

    def mean(self, values: Tensor) -> Tensor:
        """Mean over the processes."""
        if self.count > 1:
            dist.all_reduce(values)
            values = values / self.count
        return values
