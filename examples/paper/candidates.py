"""Fig. 11: candidates for two targets, with and without clusters.

A single target may turn out either way: a cell and its copy shifted by half a period are the same
lattice and equally near to the target, and yet differ in many pixels. So the title tells what holds
over many targets, in pixels and in latent space, where the clusters are made.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import metafast as mf
from metafast.plotting import CandidateSets, plot_candidates
from metafast.selection.candidates import principal_plane
from paper.setting import Setting

TARGETS = np.array([[0.40, 0.12, 0.30, 0.10], [0.15, 0.03, 0.30, 0.05]])
_COUNT, _POOL = 10, 60
_WAYS = ("without clusters: the nearest", "with clusters: the best of each")


def two_targets(setting: Setting) -> dict[str, Any]:
    """Fig. 11: ten candidates for each of two targets, and their places in latent space."""
    chosen = candidates(setting, TARGETS)
    sets = []
    for k, target in enumerate(TARGETS):
        pool = mf.select_candidates(
            setting.every_cell, None, target, _POOL, coordinates=mf.PAPER.coordinates
        )
        plane = principal_plane(setting.vae.encode(setting.every_cell.take(pool))[None])[0]
        place = {row: plane[i] for i, row in enumerate(pool.tolist())}
        words = ", ".join(f"{value:g}" for value in target)
        error = max(mean_square(setting, target, chosen[way][k]).max() for way in _WAYS)
        sets.append(
            CandidateSets(
                f"Target {k + 1}: $C_{{11}}, C_{{12}}, C_{{22}}, C_{{33}}$ = {words} $E$; "
                f"largest MSE {error:.4f} $E^2$",
                plane,
                {way: np.array([place[row] for row in chosen[way][k].tolist()]) for way in _WAYS},
                {way: setting.every_cell.take(chosen[way][k]) for way in _WAYS},
            )
        )
    several = setting.every_cell.properties[
        np.random.default_rng(0).choice(len(setting.every_cell), 20 if setting.small else 200)
    ]
    spread = {way: spreads(setting, rows) for way, rows in candidates(setting, several).items()}
    more = (spread[_WAYS[1]] > spread[_WAYS[0]]).mean(axis=0)
    mean = {way: value.mean(axis=0) for way, value in spread.items()}
    title = (
        f"Over {len(several)} targets from the database, two candidates differ in "
        f"{mean[_WAYS[0]][0]:.1%} of their pixels without clusters and in {mean[_WAYS[1]][0]:.1%} "
        f"with; clusters are the more diverse for {more[0]:.0%} of the targets, in latent space "
        f"for {more[1]:.0%}"
    )
    plot_candidates(sets, title, path=setting.path("fig11_candidates"))
    return {
        "nearest": chosen[_WAYS[0]],
        "clusters": chosen[_WAYS[1]],
        "spread": {way: spreads(setting, rows) for way, rows in chosen.items()},
        "mean": mean,
        "more": more,
        "errors": np.array(
            [mean_square(setting, t, chosen[w][k]) for w in _WAYS for k, t in enumerate(TARGETS)]
        ),
    }


def candidates(setting: Setting, targets: np.ndarray) -> dict[str, np.ndarray]:
    """Rows (m, 10) of candidates by each way of choosing."""
    pools = dict(zip(_WAYS, (_COUNT, _POOL), strict=True))
    return {
        way: mf.select_candidates(setting.every_cell, setting.vae, targets, _COUNT, pool=pool,
                                  coordinates=mf.PAPER.coordinates)
        for way, pool in pools.items()
    }  # fmt: skip


def mean_square(setting: Setting, target: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Mean squared error (n,) of the four properties of cells."""
    return ((setting.every_cell.properties[rows] - target) ** 2).mean(axis=1)


def spreads(setting: Setting, rows: np.ndarray) -> np.ndarray:
    """Of candidates (m, k): mean share of pixels and mean latent distance of two (m, 2)."""
    found = []
    for some in rows:
        cells = setting.every_cell.take(some)
        pair = np.triu_indices(len(cells), 1)
        z = setting.vae.encode(cells)
        pixels = (cells[pair[0]] != cells[pair[1]]).mean()
        found.append((pixels, np.linalg.norm(z[pair[0]] - z[pair[1]], axis=1).mean()))
    return np.array(found)
