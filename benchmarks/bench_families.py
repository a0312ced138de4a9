"""Families along Eq. 7: how long they take, and how near their continuous members keep to it.

Run: python benchmarks/bench_families.py [--model vae.h5]
The paper's graph (edges weigh their length), squared lengths, and edges that are decoded on the
way; from the full database where `metafast database build` has left one, else the embedded one.
"""

import argparse
import time

import numpy as np

import metafast as mf
from metafast.selection import PAPER_FAMILY

RECIPES = (
    ("the paper's graph", {}),
    ("squared lengths", {"power": 2.0}),
    ("squared, decoded on the way", {"power": 2.0, "decoder": True}),
    ("the same, ten neighbours", {"power": 2.0, "decoder": True, "neighbors": 10}),
)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    given = parser.parse_args()
    vae = mf.CellVAE.load(given.model) if given.model else mf.CellVAE.default()
    try:
        database = mf.CellDatabase.full()
    except ValueError:
        database = mf.CellDatabase.default()
    z, curve = vae.encode(database.cells), mf.Gradation.isotropic_like()
    near = (curve.nearest(database.properties)[1] <= 0.02).sum()
    print(f"{near} of {len(database)} cells within 0.02 of Eq. 7")
    for name, options in RECIPES:
        options = {**options, "decoder": vae if "decoder" in options else None}
        begun = time.perf_counter()
        families = mf.find_families(database, z, curve, options=PAPER_FAMILY, **options)
        spent = time.perf_counter() - begun
        print(f"\n{name}: five families in {spent:.1f} s")
        print("cells   C11              change of pixels   continuous: mean and 95 % deviation")
        for family in families:
            whole = family.continuous(vae, 200)
            stray = whole.deviation
            change = np.abs(np.diff(family.cells.astype(int), axis=0)).mean()
            low, high = family.parameter[[0, -1]]
            print(f"{len(family):5d}   {low:.3f} to {high:.3f} {change:14.3f} "
                  f"{stray.mean():26.4f} {np.quantile(stray, 0.95):.4f}")  # fmt: skip


if __name__ == "__main__":
    main()
