"""Arrows in latent space: share of walks along which the property rises at every step.

Run: python benchmarks/bench_arrows.py [--model vae.h5] [--database cells.h5] [--starts N]
Walks begin at random cells, and at cells that training did not have, as in bench_generative.py.
Straight arrows are found in the full database where `metafast database build` has left one, else in
the embedded one.
"""

import argparse
import time

import numpy as np
from bench_generative import NAMES, unseen
from record import Figure, record
from scipy.stats import spearmanr

import metafast as mf

LENGTH, STEPS = 3.0, 7
VOID = 1e-6  # what is softer is in pieces: stiffness of the void, whose rounding is no fall


def arrows(vae, z, properties, start, kind, method):
    count, shares = len(start), {}
    print(f"\narrows ({method}): {count} walks of {STEPS} cells over {LENGTH:g} deviations, "
          f"from {kind}")  # fmt: skip
    print("             rising at every step   and all in one piece   rank correlation above 0.9   "
          "joined: rising, all in one piece   median at the ends")  # fmt: skip
    for name in (*NAMES, "anisotropy", "poisson"):
        way = mf.latent.property_arrow(z, properties, name, method=method)
        rising, whole, ranked, joined, ends = 0, 0, 0, 0, []
        for point in start:
            first = point - 0.5 * LENGTH * way
            walk = mf.latent.traverse(vae, first, way, LENGTH, STEPS)
            value = named(name, walk.properties)
            ends.append(value[[0, -1]])
            rising += rises(value)
            whole += rises(value) and bool(walk.connected.all())
            ranked += bool(np.ptp(value) and spearmanr(np.arange(STEPS), value).statistic > 0.9)
            walk = mf.latent.traverse(vae, first, way, LENGTH, STEPS, join=True)
            joined += rises(named(name, walk.properties)) and bool(walk.connected.all())
        print(f"{name:12} {rising / count:20.1%} {whole / count:22.1%} {ranked / count:28.1%} "
              f"{joined / count:34.1%} {np.median(ends, 0)[0]:13.3f} {np.median(ends, 0)[1]:7.3f}"
              )  # fmt: skip
        shares[name] = rising / count
        assert whole <= rising
    said = ", ".join(f"{shares[name]:.1%}" for name in ("C12", "anisotropy", "poisson"))
    return {
        f"straight arrows ({method}), from {kind}: least of C11, C22, C33": Figure(
            min(shares[name] for name in ("C11", "C22", "C33")), "", ".1%",
            f"C12, anisotropy, Poisson's ratio: {said}", at_least=0.95,
        )
    }  # fmt: skip


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
    return {
        f"curved arrows, from {kind}, all cells found: least of the four stiffnesses": Figure(
            min(shares[name] for name in NAMES), "", ".1%",
            f"anisotropy, Poisson's ratio: {shares['anisotropy']:.1%}, {shares['poisson']:.1%}",
        )
    }  # fmt: skip


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
    try:
        database = mf.CellDatabase.full()
    except ValueError:
        database = mf.CellDatabase.default()
    z, figures = vae.encode(database.cells), {}
    chosen = np.random.default_rng(0).choice(len(cells), given.starts, replace=False)
    for kind, start in (
        ("random cells", mf.latent.sample(vae, given.starts).z),
        (f"cells of {name}", vae.encode(cells[chosen])),
    ):
        for method in ("means", "slope"):
            figures |= arrows(vae, z, database.properties, start, kind, method)
        figures |= climbs(vae, start, kind)
    record(
        "arrows",
        figures,
        packages=("numpy", "torch", "numba"),
        note=f"Share of {given.starts} walks of {STEPS} cells. Along a curved arrow every cell is "
        "in one piece and has more of the property than the one before, so its share does not "
        "compare directions alone.",
    )


if __name__ == "__main__":
    main()
