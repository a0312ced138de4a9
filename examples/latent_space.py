"""Figs. 6 to 10 of the paper: what the latent space of the model that ships looks like.

Run: python examples/latent_space.py [folder]
Of every fourth cell of the embedded database; numbers above cells are homogenized ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import metafast as mf
from metafast.generative.latent import SimilarCells, principal_map
from metafast.plotting import plot_cell_rows, plot_clusters, plot_latent_map


def main(folder: str | Path = "runs/latent", count: int = 12, steps: int = 9) -> list[Path]:
    """Draw the figures, with `count` cells to a row and walks of `steps` cells."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    written = []

    def path(name: str) -> Path:
        """Path of a figure, noted as written."""
        written.append(Path(folder) / f"{name}.png")
        return written[-1]

    vae, database = mf.CellVAE.default(), mf.CellDatabase.default().subset(slice(0, None, 4))
    z, properties = vae.encode(database.cells), database.properties
    rng = np.random.default_rng(3)
    chosen = rng.choice(len(database), count, replace=False)
    cells, random = database.take(chosen), mf.latent.sample(vae, count, seed=3, rounds=0)
    moved = mf.latent.sample(vae, count, seed=3)
    refined = vae.decode(vae.encode(cells, steps=5))
    rows = [cells, vae.decode(z[chosen]), refined, vae.decode(random.z), moved.cells]
    labels = ["database", "reconstructed", "5 steps", "random z", "moved to cells"]
    plot_cell_rows(rows, labels, title="Reconstructed and random cells", path=path("fig6_cells"))

    start = z[chosen[0]]
    walks = [
        mf.latent.traverse(vae, start - 2 * axis, axis, 4.0, steps)
        for axis in np.eye(vae.latent)[:3]
    ]
    notes = [[f"{c11:.3f}" for c11 in walk.properties[:, 0]] for walk in walks]
    title = "Along single latent variables, with C11"
    pictures = [walk.cells for walk in walks]
    plot_cell_rows(pictures, ["z1", "z2", "z3"], notes, title, path=path("fig7a_axes"))

    flat = principal_map(z)
    some = rng.choice(len(z), 20_000, replace=False)
    corners = (flat[some] @ [[1, -0.5, -0.5], [0, 0.9, -0.9]]).argmax(axis=0)
    near, _ = SimilarCells(z).nearest(z[some[corners]], 40)
    groups, shown = [flat[rows] for rows in near], [database.take(rows[::5]) for rows in near]
    title = "Near in latent space, near in shape"
    plot_clusters(flat[some], groups, shown, title, path=path("fig7b_groups"))
    plot_latent_map(flat[some], properties[some], path=path("fig8_map"))

    for name, arrow, title, note in (
        ("fig9_c11", mf.latent.property_arrow(z, properties, "C11"), "C11", lambda c: c[0]),
        (
            "fig10_anisotropy",
            mf.latent.property_arrow(z, properties, "anisotropy"),
            "C22/C11",
            lambda c: c[2] / c[0],
        ),
    ):
        walks = [
            mf.latent.traverse(vae, z[k] - 1.5 * arrow, arrow, 3.0, steps) for k in chosen[1:4]
        ]
        notes = [[f"{note(c):.3f}" for c in walk.properties] for walk in walks]
        labels = [f"cell {k}" for k in chosen[1:4]]
        pictures = [walk.cells for walk in walks]
        plot_cell_rows(pictures, labels, notes, f"Along the arrow of {title}", path=path(name))
    climbs = mf.latent.ascend(vae, z[chosen[1:4]], "anisotropy", 3.0, steps)
    notes = [[f"{c[2] / c[0]:.3f}" for c in walk.properties] for walk in climbs]
    pictures = [walk.cells for walk in climbs]
    title = "Where C22/C11 rises at the point"
    plot_cell_rows(pictures, labels, notes, title, path=path("fig10_curved"))
    return written


if __name__ == "__main__":
    for written in main(*sys.argv[1:]):
        print(written)
