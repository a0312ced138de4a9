"""Homogenization of the published cells and of random ones, beside scipy's sparse LU.

Run: python benchmarks/bench_homogenization.py
Prints cells per second and the ratio to the plain scipy twin in the same run, and asserts that
both agree.
"""

import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
from reference.homogenization import homogenize_slowly  # noqa: E402

import metafast as mf  # noqa: E402


def seconds(function, repeat=3):
    """Best time of a few, and the result."""
    best, result = np.inf, None
    for _ in range(repeat):
        start = time.perf_counter()
        result = function()
        best = min(best, time.perf_counter() - start)
    return best, result


def main():
    with np.load(ROOT / "tests" / "data" / "metaset_120.npz") as file:
        symmetric = np.unpackbits(file["cells"], axis=-1, count=50)
        published = file["published"]
    c = mf.homogenize(symmetric, mf.Material(poisson=0.3))
    ours = np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1]], 1)
    print(f"published figures of 120 cells: largest deviation {np.abs(ours - published).max():.1e}")

    general = np.random.default_rng(0).random((120, 50, 50)) < 0.7
    print("cells      threads   cells/s  scipy LU   ratio  deviation")
    for name, cells, copies in (("symmetric", symmetric, 40), ("general", general, 5)):
        peers = cells[:8]
        slow, expected = seconds(lambda p=peers: [homogenize_slowly(x) for x in p], 1)
        rate = len(peers) / slow
        many = np.tile(cells, (copies, 1, 1))
        mf.homogenize(many[:16])
        for threads in (1, 2):
            fast, result = seconds(lambda m=many, t=threads: mf.homogenize(m, threads=t))
            deviation = np.abs(result[: len(peers)] - expected).max()
            assert deviation < 1e-10
            speed = len(many) / fast
            print(
                f"{name:10} {threads:7d} {speed:9.0f} {rate:9.1f} {speed / rate:7.0f} "
                f"{deviation:10.1e}"
            )
    many = np.tile(symmetric, (10, 1, 1))
    mf.boundary_tractions(many[:16])
    fast, _ = seconds(lambda: mf.boundary_tractions(many, threads=1))
    print(f"tractions of symmetric cells, one thread: {len(many) / fast:.0f} cells/s")


if __name__ == "__main__":
    main()
