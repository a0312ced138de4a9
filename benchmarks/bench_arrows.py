"""Arrows in latent space: share of walks along which the property rises at every step.

Run: python benchmarks/bench_arrows.py [--model vae.h5] [--database cells.h5] [--starts N]
Walks begin at random cells, and at cells that training did not have, as in bench_generative.py.
Arrows are found in the embedded database. What counts is a walk that rises and whose cells are all
in one piece; what is soft because it is in pieces says nothing about the arrow.
"""

import argparse
import time

import numpy as np
from bench_generative import NAMES, unseen
from record import Figure, record

import metafast as mf

LENGTH, STEPS = 3.0, 7
REPORTED = ("C11", "C33", "anisotropy", "poisson")  # order of the shares in the record
READINGS = {0: "rising", 1: "whole", 3: "joined", 4: "read to rise"}  # columns of the shares
TITLES = {"means": "the paper's arrows", "slope": "slopes", "local": "local slopes"}
VOID = 1e-6  # what is softer is in pieces: stiffness of the void, whose rounding is no fall


def arrows(vae, z, properties, start, kind, method):
    """Straight arrows; `method` is "means", "slope" or "local", the slope among the nearest cells.

    Three readings of each walk: the paper's, one threshold for all cells; joined where in pieces;
    and the one that is whole and rises where there is one.
    """
    count, shares = len(start), {}
    print(f"\narrows ({method}): {count} walks of {STEPS} cells over {LENGTH:g} deviations, "
          f"from {kind}")  # fmt: skip
    print("             rising   whole   rising and whole   joined: rising and whole   "
          "read to rise: rising and whole, cells joined   median at the ends")  # fmt: skip
    for name in (*NAMES, "anisotropy", "poisson"):
        found, bars, ends = [], 0, []
        way = None
        for point in start:
            if way is None or method == "local":
                way = mf.latent.property_arrow(
                    z, properties, name,
                    method="means" if method == "means" else "slope",
                    near=point if method == "local" else None,
                )  # fmt: skip
            line = vae, point - 0.5 * LENGTH * way, way, LENGTH, STEPS
            walks = [
                mf.latent.traverse(*line, **reading)
                for reading in ({}, {"join": True}, {"rising": name})
            ]
            rising, whole = zip(*((rises(named(name, w.properties)), bool(w.connected.all()))
                                  for w in walks), strict=True)  # fmt: skip
            both = [r and w for r, w in zip(rising, whole, strict=True)]
            found.append((rising[0], whole[0], *both))
            bars += int(walks[2].joined.sum())
            ends.append(named(name, walks[2].properties)[[0, -1]])
        shares[name] = np.mean(found, axis=0)
        assert shares[name][4] >= shares[name][2], "readings that rise were not found"
        said = "   ".join(f"{share:6.1%}" for share in shares[name])
        low, high = np.median(ends, axis=0)
        print(f"{name:12} {said}   {bars / count:.2f}   {low:.3f} {high:.3f}", flush=True)
    words = [
        f"{reading}: {', '.join(f'{100 * shares[n][column]:.1f}' for n in REPORTED)} %"
        for column, reading in READINGS.items()
    ]
    both = ", ".join(f"{100 * shares[name][2]:.1f}" for name in REPORTED)
    figures = {f"{TITLES[method]}, from {kind}": Figure(f"{both} %", peer="; ".join(words))}
    if method == "means":
        least = min(shares[name][4] for name in ("C11", "C33"))
        figures[f"{TITLES[method]}, from {kind}, read to rise: least of C11 and C33"] = Figure(
            least, "", ".1%", at_least=0.8
        )
    return figures


def climbs(vae, start, kind):
    """Curved arrows: as many cells above each start as below it, and the start's own."""
    count, half, shares = len(start), STEPS // 2 + 1, {}
    print(f"\ncurved arrows: {count} walks of {STEPS} whole cells, each with more than the one "
          f"before:\n{half} from {kind} up, {half} down, about {LENGTH:g} deviations")  # fmt: skip
    print("             all found   up only   down only   apart   median at the ends   ms a walk")
    for name in (*NAMES, "anisotropy", "poisson"):
        begun = time.perf_counter()
        up = mf.latent.ascend(vae, start, name, 0.5 * LENGTH, half)
        down = mf.latent.ascend(vae, start, name, -0.5 * LENGTH, half)
        spent = (time.perf_counter() - begun) / count
        complete = np.array([[is_complete(name, w, half, s) for w in walks]
                             for walks, s in ((up, 1), (down, -1))])  # fmt: skip
        apart = [np.linalg.norm(a.z[-1] - b.z[-1]) for a, b in zip(up, down, strict=True)]
        low, high = (
            np.median([named(name, w.properties)[-1] for w in walks]) for walks in (down, up)
        )
        print(f"{name:12} {complete.all(axis=0).mean():9.1%} {complete[0].mean():9.1%} "
              f"{complete[1].mean():11.1%} {np.mean(apart):7.2f} {low:12.3f} {high:7.3f}"
              f"{1e3 * spent:13.1f}")  # fmt: skip
        shares[name] = complete.all(axis=0).mean()
        assert high > low, "the far ends of the walks are no farther up than down"
    parts = ", ".join(f"{100 * shares[name]:.1f}" for name in REPORTED)
    return {f"curved arrows, from {kind}": Figure(f"{parts} %")}


def is_complete(name, walk, steps, sign):
    value = sign * named(name, walk.properties)
    return len(value) == steps and bool((np.diff(value) > 0).all() and walk.connected.all())


def named(name, c):
    if name in NAMES:
        return c[:, NAMES.index(name)]
    return c[:, 2] / c[:, 0] if name == "anisotropy" else c[:, 1] / c[:, 2]


def rises(value):
    return bool((np.diff(value) >= -VOID).all() and value[-1] > value[0] + VOID)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model")
    parser.add_argument("--database")
    parser.add_argument("--starts", type=int, default=200)
    given = parser.parse_args()
    vae = mf.CellVAE.load(given.model) if given.model else mf.CellVAE.default()
    print(vae)
    cells, _, name = unseen(vae, given.database)
    database = mf.CellDatabase.default()
    z, figures = vae.encode(database.cells), {}
    chosen = np.random.default_rng(0).choice(len(cells), given.starts, replace=False)
    for kind, start in (
        ("random cells", mf.latent.sample(vae, given.starts).z),
        (f"cells of {name}", vae.encode(cells[chosen])),
    ):
        for method in ("means", "slope", "local"):
            figures |= arrows(vae, z, database.properties, start, kind, method)
        figures |= climbs(vae, start, kind)
    record(
        "arrows",
        figures,
        packages=("numpy", "torch", "numba"),
        note=f"Shares of {given.starts} walks of {STEPS} cells that rise and are whole, all cells "
        "in one piece, for C11, C33, C22/C11 and Poisson's ratio. The paper's arrow joins means, "
        "and one threshold serves all cells; the paper shows two walks and no shares. Beside it: "
        "walks that rise or are whole, and rise and are whole when pieces are joined, or when each "
        "cell is read so that the walk rises. A cell joins a curved arrow only if it is whole and "
        "higher.",
    )


if __name__ == "__main__":
    main()
