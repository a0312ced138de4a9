"""Growth of a database, and how much of the property space it covers.

Run: python benchmarks/bench_database.py [size] [cloud.npz]
`cloud.npz` may hold published property points `C11_C12_C22` (m, 3) at nu = 0.3; the share of them
with a cell of ours, recomputed at nu = 0.3, within a radius is printed.
"""

import sys
import time

import numpy as np
from scipy.spatial import cKDTree

import metafast as mf


def coverage(database, cloud):
    parts = []
    for start in range(0, len(database), 20_000):
        c = mf.homogenize(database.take(slice(start, start + 20_000)), mf.Material(poisson=0.3))
        parts.append(np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1]], 1))
    gap = cKDTree(np.concatenate(parts)).query(cloud)[0]
    return ", ".join(f"{(gap < r).mean():.2%} within {r}" for r in (0.03, 0.015, 0.0075))


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    mf.build_database(600, iterations=3)
    start = time.perf_counter()
    grown = mf.build_database(size)
    seconds = time.perf_counter() - start
    print(f"{len(grown)} cells in {seconds:.1f} s, {len(grown) / seconds:.0f} cells/s")
    start = time.perf_counter()
    mf.homogenize(grown.take(slice(0, size // 2)))
    alone = time.perf_counter() - start
    print(f"homogenizing the evaluated half alone takes {alone:.1f} s, {alone / seconds:.0%} of it")
    if len(sys.argv) > 2:
        with np.load(sys.argv[2]) as file:
            cloud = file["C11_C12_C22"].astype(float)
        print(f"grown:    {coverage(grown, cloud)}")
        print(f"embedded: {coverage(mf.CellDatabase.default(), cloud)}")


if __name__ == "__main__":
    main()
