"""Figs. 7 and 8: single latent variables, similar cells, maps coloured by property."""

from __future__ import annotations

from typing import Any

import numpy as np

import metafast as mf
from metafast.generative.latent import SimilarCells
from metafast.plotting import plot_cell_rows, plot_clusters, plot_latent_map
from paper.setting import Setting

_REACH, _STEPS = 4.0, 9  # length of a walk along an axis, and its cells
# directions of three groups in the map
_CORNERS = np.array([[1.0, -0.5, -0.5], [0.0, 0.9, -0.9]])


def axes_and_groups(setting: Setting) -> dict[str, Any]:
    """Fig. 7: (a) walks along the first three axes, (b) three groups of similar cells.

    The start of (a) is the first of the random cells whose walks have all their cells in one piece.
    """
    vae, z = setting.vae, setting.latents
    tried = 30 if setting.small else 100
    starts, walks = setting.random_rows(tried), []
    for row in starts:
        walks.append(
            [
                mf.latent.traverse(vae, z[row] - 0.5 * _REACH * axis, axis, _REACH, _STEPS)
                for axis in np.eye(vae.latent)[:3]
            ]
        )
    whole = np.array([all(walk.connected.all() for walk in three) for three in walks])
    if not whole.any():
        raise ValueError(f"none of the {tried} walks is whole; try more")
    first = int(whole.argmax())
    notes = [[f"{c11:.3f}" for c11 in walk.properties[:, 0]] for walk in walks[first]]
    title = (
        f"(a) Along single latent variables, from $-{_REACH / 2:g}$ to ${_REACH / 2:g}$ around "
        f"cell {starts[first] * setting.step:,}, with $C_{{11}}/E$; all 27 cells are in one piece "
        f"for {whole.mean():.0%} of {tried} random cells, of which this is the first"
    )
    labels = [f"$z_{k}$" for k in (1, 2, 3)]
    plot_cell_rows([walk.cells for walk in walks[first]], labels, notes, title,
                   path=setting.path("fig07a_axes"))  # fmt: skip

    some = setting.random_rows(min(20_000, len(z)), seed=4)
    corners = some[(setting.plane[some] @ _CORNERS).argmax(axis=0)]
    near, _ = SimilarCells(z).nearest(z[corners], 40)
    plot_clusters(
        setting.plane[some],
        [setting.plane[rows] for rows in near],
        [setting.database.take(rows[::5]) for rows in near],
        "(b) Near in latent space, near in shape: three groups of 40 cells",
        path=setting.path("fig07b_groups"),
    )
    return {"walks": walks[first], "whole": float(whole.mean()), "groups": near}


def maps(setting: Setting) -> dict[str, Any]:
    """Fig. 8: the latent space's first two principal components, coloured by property."""
    some = setting.random_rows(min(20_000, len(setting.latents)), seed=4)
    points, properties = setting.plane[some], setting.database.properties[some]
    title = f"{len(some):,} cells on the first two principal components of their latents"
    plot_latent_map(points, properties, title=title, path=setting.path("fig08_maps"))
    return {"points": points, "properties": properties}
