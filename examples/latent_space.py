"""Figs. 6 to 10 of the paper with the model that ships: what its latent space looks like.

Run: python examples/latent_space.py [folder]
Random cells, walks along axes and arrows, maps. Numbers above cells are homogenized ones.
"""

import sys
from pathlib import Path

import numpy as np

import metafast as mf
from metafast.generative.latent import SimilarCells, principal_map
from metafast.plotting import save_figure
from metafast.plotting.latent import plot_cell_rows, plot_clusters, plot_latent_map

folder = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/latent")
folder.mkdir(parents=True, exist_ok=True)
vae, database = mf.CellVAE.default(), mf.CellDatabase.default()
z, c = vae.encode(database.cells), database.properties
rng = np.random.default_rng(3)


def save(name, figure):
    print(f"{save_figure(figure, folder / name)}")


# Fig. 6: cells, what is left of them after encoding and decoding, and random ones
chosen = rng.choice(len(database), 12, replace=False)
made = mf.latent.sample(vae, 12, seed=3)
rows = [
    database.take(chosen),
    vae.decode(z[chosen]),
    vae.decode(vae.encode(database.take(chosen), steps=50)),
    vae.decode(made.z),
    made.cells,
]
labels = ["database", "reconstructed", "50 steps", "random z", "read as cells"]
save("fig6_cells.png", plot_cell_rows(rows, labels, title="Cells, reconstructed and random"))

# Fig. 7: along three axes of the latent space, and three groups of similar cells
start = z[chosen[0]]
walks = [mf.latent.traverse(vae, start - 2 * axis, axis, 4.0, 9) for axis in np.eye(vae.latent)[:3]]
notes = [[f"{v:.3f}" for v in walk.properties[:, 0]] for walk in walks]
title = "Along single latent variables, with C11"
labels = ["z1", "z2", "z3"]
save("fig7a_axes.png", plot_cell_rows([w.cells for w in walks], labels, notes, title))

flat = principal_map(z)
around = rng.choice(len(z), 200, replace=False)
corners = [around[i] for i in (flat[around] @ [[1, -0.5, -0.5], [0, 0.9, -0.9]]).argmax(axis=0)]
near, _ = SimilarCells(z).nearest(z[corners], 40)
groups = [flat[rows] for rows in near]
shown = [database.take(rows[::5]) for rows in near]
few = flat[rng.choice(len(flat), 10_000, replace=False)]
save("fig7b_groups.png", plot_clusters(few, groups, shown, "Near in latent space, near in shape"))

# Fig. 8: the latent space coloured by properties
few = rng.choice(len(flat), 20_000, replace=False)
save("fig8_map.png", plot_latent_map(flat[few], c[few]))

# Figs. 9 and 10: two cells walk along the arrow of C11, and along that of anisotropy
for name, arrow, note in (
    ("fig9_c11", mf.latent.property_arrow(z, c, "C11"), lambda p: f"{p[0]:.3f}"),
    ("fig10_anisotropy", mf.latent.anisotropy_arrow(z, c), lambda p: f"{p[2] / p[0]:.2f}"),
):
    walks = [mf.latent.traverse(vae, z[k] - 1.5 * arrow, arrow, 3.0, 9) for k in chosen[1:4]]
    notes = [[note(p) for p in walk.properties] for walk in walks]
    title = "Along the C11 arrow, with C11" if "c11" in name else "Anisotropy arrow, with C22/C11"
    labels = [f"cell {k}" for k in chosen[1:4]]
    save(f"{name}.png", plot_cell_rows([w.cells for w in walks], labels, notes, title))
