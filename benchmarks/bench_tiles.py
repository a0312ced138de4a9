"""The tiles of the elimination by themselves: share of the peak by pivots and by children.

Run: python benchmarks/bench_tiles.py
Works on the complement of one front, on one core; the processor's cycles are those in which its
measured peak would do two vector multiply-adds each.
"""

import time

import numpy as np
from fma_peak import fma_peak
from record import Figure, record

from metafast._base.jit import jit
from metafast.homogenization.kernels.sweeps import complement_columns
from metafast.homogenization.lanes import LANES, TILE_COLUMNS, TILE_ROWS, address, aligned_empty

CASES = ((4, 24), (10, 48), (25, 48), (50, 24), (100, 24), (34, 200))
CHILDREN = ("none", "one", "both")


@jit()
def _repeat(pool, panel, maps, pivots, size, out, first, second, count):
    for _ in range(count):
        complement_columns(
            address(pool), address(panel), address(maps), pivots, size, out, first, second,
            pivots, size,
        )  # fmt: skip


def seconds(pivots, border, children):
    """Best time of one complement whose rows all come from so many children."""
    size = pivots + border
    maps = np.full((2, size), -1, dtype=np.int16)
    for child in range(CHILDREN.index(children)):
        maps[child] = np.arange(size)
    triangle = size * (size + 3) // 2
    first, second, out = size + 2, size + 2 + triangle, size + 2 + 2 * triangle
    pool, panel = aligned_empty(1, out + triangle)[0], aligned_empty(1, size * pivots)[0]
    pool[:], panel[:] = 0.0, 1e-3
    arguments = (pool, panel, maps, pivots, size, out, first, second)
    count = max(1, int(2e7 / (border * border * pivots)))
    _repeat(*arguments, 1)
    best = np.inf
    for _ in range(5):
        start = time.perf_counter()
        _repeat(*arguments, count)
        best = min(best, (time.perf_counter() - start) / count)
    return best


def main():
    before = fma_peak(1)
    times = {case: [seconds(*case, children) for children in CHILDREN] for case in CASES}
    peak = max(before, fma_peak(1)) * 1e9
    cycles_per_second = peak / (2 * 2 * LANES)
    print(f"{LANES} lanes, peak {peak / 1e9:.0f} GFLOP/s, {cycles_per_second / 1e9:.1f} GHz")
    print("pivots  border   children   of peak   cycles a tile in addition to its multiplications")
    shares = {}
    for (pivots, border), found in times.items():
        for children, time_ in zip(CHILDREN, found, strict=True):
            entries = border * (border + 1) / 2
            share = 2 * LANES * entries * pivots / time_ / peak
            assert share < 1.05, "more arithmetic than the processor can do"
            shares[children, pivots] = f"{share:.0%}"
            tiles = entries / (TILE_ROWS * TILE_COLUMNS)
            beside = (time_ * cycles_per_second - entries * pivots / 2) / tiles
            print(f"{pivots:6d} {border:7d}   {children:8} {share:9.0%} {beside:9.0f}")
    chosen = (4, 25, 100)
    with_pivots = "share of the peak with " + ", ".join(map(str, chosen)) + " pivots, children: "
    record(
        "tiles",
        {
            with_pivots + kind: Figure(", ".join(shares[kind, pivots] for pivots in chosen))
            for kind in CHILDREN
        },
        packages=("numpy", "numba", "llvmlite"),
    )


if __name__ == "__main__":
    main()
