"""Ordered maps over the workers of a Dask client, or in this process without one."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

_AHEAD = 2  # tasks under way for each thread of the cluster

_Result = TypeVar("_Result")


def require_client(client: Any) -> Any:
    """Return a usable Dask client, checked without an import of Dask."""
    module = sys.modules.get("distributed")
    if module is None or not isinstance(client, module.Client):
        raise ValueError(
            f"client is {client!r}; a dask.distributed.Client is needed "
            "(pip install 'metafast[cluster]')"
        )
    if client.asynchronous:
        raise ValueError("client is asynchronous; create it with asynchronous=False")
    if client.status != "running":
        raise ValueError(f"client is {client.status}; a connected one is needed: open a new one")
    return client


def ordered_map(
    function: Callable[..., _Result], tasks: Iterable[tuple[Any, ...]], client: Any = None
) -> Iterator[_Result]:
    """Results ``function(*task)`` in the order of the tasks, from here or the workers of a client.

    Only a few tasks for each thread of the cluster are under way at a time, and no more tasks are
    read than that. A task whose worker dies is repeated by another worker.
    """
    if client is None:
        for task in tasks:
            yield function(*task)
        return
    client = require_client(client)
    ahead = _AHEAD * max(sum(client.nthreads().values()), 1)
    waiting: deque[Any] = deque()
    try:
        for task in tasks:
            waiting.append(client.submit(function, *task, pure=False))
            if len(waiting) >= ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        client.cancel(list(waiting))


def completed_map(
    function: Callable[..., _Result],
    tasks: Iterable[tuple[Any, ...]],
    client: Any,
    lost: Callable[..., _Result],
) -> Iterator[tuple[int, _Result]]:
    """Number and result ``function(*task)`` of each task, as soon as a worker has finished it.

    For long tasks of unlike length that use all threads of a worker: as many as there are workers
    are under way, and one that takes long keeps no other worker waiting. A task whose worker dies
    is repeated by another.

    Parameters
    ----------
    function : callable
    tasks : iterable of tuple
    client : dask.distributed.Client
    lost : callable
        Called as ``lost(*task, error=error)`` in this process for a task that several workers died
        of, one after the other; returns what stands for its result.
    """
    from distributed import KilledWorker, as_completed

    client = require_client(client)
    numbered = enumerate(tasks)
    waiting: dict[Any, tuple[int, tuple[Any, ...]]] = {}
    futures = as_completed()  # type: ignore[no-untyped-call]

    def send() -> None:
        idle = max(len(client.nthreads()), 1) - len(waiting)  # workers may come and go
        for number, task in islice(numbered, max(idle, 0)):
            future = client.submit(function, *task, pure=False)
            waiting[future] = number, task
            futures.add(future)  # type: ignore[no-untyped-call]

    try:
        send()
        for future in futures:
            number, task = waiting.pop(future)
            send()
            try:
                result = future.result()
            except KilledWorker as error:
                result = lost(*task, error=error)
            yield number, result
    finally:
        client.cancel(list(waiting))
