"""Selection of candidates: time, diversity, and targets outside the property space.

Run: python benchmarks/bench_selection.py
Uses the full database where `metafast database build` has left one, else the embedded one.
"""

import sys
import time
from pathlib import Path

import numpy as np
from record import Figure, record

import metafast as mf

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))
from reference.extremes import extreme_targets

TARGETS, COUNT, MISSED = 2500, 10, 50


def main():
    try:
        database = mf.CellDatabase.full()
    except ValueError:
        database = mf.CellDatabase.default()
    vae = mf.CellVAE.default()
    begun = time.perf_counter()
    latents = vae.encode(database.cells)
    print(f"{len(database)} cells encoded in {time.perf_counter() - begun:.1f} s, once")
    record(
        "selection",
        speed(database, latents) | missed(database, latents),
        packages=("numpy", "scikit-learn", "torch"),
        note="Diversity is the mean share of pixels in which two candidates of a target differ.",
    )


def speed(database, latents):
    """Time, property error and diversity (mean pixel distance) with and without clusters."""
    times, spread = [], []
    rng = np.random.default_rng(0)
    rows = rng.choice(len(database), TARGETS, replace=False)
    targets = database.properties[rows] * rng.uniform(0.98, 1.02, (TARGETS, 4))
    inside = targets[:, 1] ** 2 < 0.98 * targets[:, 0] * targets[:, 2]
    targets = targets[inside]
    plain = mf.pixel_components(database)
    print(f"\n{COUNT} candidates for {len(targets)} targets from {len(database)}")
    print("                                  time   largest error   mean error   diversity")
    for name, coordinates, pool in (
        ("nearest, no clusters", latents, COUNT),
        ("clusters of latents", latents, None),
        ("clusters of pixel components", plain, None),
    ):
        begun = time.perf_counter()
        chosen = mf.select_candidates(database, coordinates, targets, COUNT, pool=pool)
        spent = time.perf_counter() - begun
        error = mf.property_errors(database, targets, chosen)
        cells = database.take(chosen.ravel()).reshape(len(targets), COUNT, -1)
        apart = np.mean([diversity(group) for group in cells[:500]])
        times.append(spent)
        spread.append(apart)
        assert all(len(np.unique(row)) == COUNT for row in chosen[:500])
        print(f"  {name:30} {spent:6.2f} s {error.max():12.4f} {error.mean():14.4f} {apart:11.4f}",
              flush=True)  # fmt: skip
    assert spread[1] > spread[0], "clusters are no more diverse than the nearest cells"
    peer = "nearest, no clusters"
    return {
        f"{COUNT} candidates for {len(targets):,} targets from {len(database):,} cells": Figure(
            times[1], "s", ".2f", peer, times[0], at_most=3
        ),
        "diversity, clusters of latents": Figure(spread[1], "", ".4f", peer, spread[0]),
    }


def missed(database, latents):
    """Inverse homogenization for targets outside, from different initial guesses."""
    targets = extreme_targets(database, MISSED)
    wanted = targets.repeat(COUNT, axis=0)
    near = database.nearest(targets, COUNT)[0]
    print(f"\n{MISSED} targets outside the property space, {COUNT} candidates each")
    print("                                 median error   best of ten   sound   diversity")
    weight = np.array([1.0, 2.0, 1.0, 1.0])

    def norm(values):
        return np.sqrt((values**2 * weight).sum(-1))

    error = norm(database.properties[near] - targets[:, None]) / norm(targets)[:, None]
    show("nearest cells of the database", database.take(near.ravel()), error, np.ones_like(error))
    rng = np.random.default_rng(0)
    quarter = 0.5 + 0.01 * rng.standard_normal((len(wanted), 25, 25))
    half = np.concatenate([quarter, quarter[:, ::-1]], axis=1)
    uniform = np.concatenate([half, half[:, :, ::-1]], axis=2)
    begun = time.perf_counter()
    found = mf.inverse_candidates(database, latents, targets, COUNT)
    spent = time.perf_counter() - begun
    ours, sound = show("designed from diverse cells", found.cells, found.error, found.sound)
    others = []
    for name, start in (("from uniform grey, 1 % noise", uniform), ("from smooth noise", None)):
        plain = mf.inverse_homogenize(wanted, start)
        others.append(show(name, plain.cells, plain.error, plain.sound))
    print(f"  {len(wanted)} designs in {spent:.1f} s")
    theirs, whole = others[0]
    assert ours < theirs, "diverse cells are a worse start than uniform grey"
    return {
        f"{MISSED} targets outside: median error of cells designed from diverse ones": Figure(
            ours, "", ".3f", "from uniform grey", theirs
        ),
        "sound ones among them": Figure(sound, "", ".0%", "from uniform grey", whole),
        f"{len(wanted)} designs": Figure(spent, "s", ".1f"),
    }


def show(name, cells, error, sound):
    groups = np.asarray(cells).reshape(MISSED, COUNT, -1)
    error, sound = error.reshape(MISSED, COUNT), np.asarray(sound).reshape(MISSED, COUNT) > 0
    best = np.median(np.where(sound, error, np.inf).min(axis=1))
    apart = np.mean([diversity(group) for group in groups])
    print(f"  {name:30} {np.median(error):12.3f} {best:13.3f} {sound.mean():8.0%} {apart:10.3f}",
          flush=True)  # fmt: skip
    return np.median(error), sound.mean()


def diversity(group):
    """Mean share of pixels in which two candidates differ."""
    flat = group.astype(np.float32)
    n = len(flat)
    ones = flat.sum(axis=1)
    differ = ones[:, None] + ones - 2.0 * flat @ flat.T
    return differ.sum() / (n * (n - 1) * flat.shape[1])


if __name__ == "__main__":
    main()
