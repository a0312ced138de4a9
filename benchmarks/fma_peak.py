"""Measured peak of fused multiply-adds of the processor, an upper limit for any kernel."""

import time

import numpy as np
from numba import prange

from metafast._base.jit import jit, numba_threads
from metafast.homogenization.lanes import LANES, address, aligned_empty, broadcast, fma, load, store


@jit(parallel=True)
def _chains(workers, steps, out):
    """Twelve independent chains of vector multiply-adds in each worker."""
    for worker in prange(workers):
        x, y = broadcast(0.9), broadcast(0.3)  # no chain starts at the fixed point, 3, or is folded
        a, b, c, d = broadcast(0.1), broadcast(0.2), broadcast(0.3), broadcast(0.4)
        e, f, g, h = broadcast(0.5), broadcast(0.6), broadcast(0.7), broadcast(0.8)
        i, j, k, m = broadcast(0.9), broadcast(1.0), broadcast(1.1), broadcast(1.2)
        for _ in range(steps):
            a, b, c, d = fma(a, x, y), fma(b, x, y), fma(c, x, y), fma(d, x, y)
            e, f, g, h = fma(e, x, y), fma(f, x, y), fma(g, x, y), fma(h, x, y)
            i, j, k, m = fma(i, x, y), fma(j, x, y), fma(k, x, y), fma(m, x, y)
        total = fma(a, fma(b, c, d), fma(e, fma(f, g, h), fma(i, fma(j, k, m), x)))
        p = address(out[worker])
        store(p, 0, fma(total, y, load(p, 0)))


def fma_peak(threads, repeat=3):
    """Peak in GFLOP/s of all `threads` together, best of a few tries of a tenth of a second."""
    out = aligned_empty(threads, 1)
    out[:] = 0.0
    steps, best = 20_000_000 // (LANES // 4), 0.0
    with numba_threads(threads) as workers:
        _chains(workers, 1, out)
        for _ in range(repeat):
            start = time.perf_counter()
            _chains(workers, steps, out)
            seconds = time.perf_counter() - start
            best = max(best, workers * steps * 12 * 2 * LANES / seconds / 1e9)
    assert np.isfinite(out).all()
    return best
