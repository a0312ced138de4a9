"""Candidates for one stiffness: the nearest cells, the best of clusters, and designed ones.

Run: python examples/candidates.py [folder]
Above each cell is its deviation from the target (Eq. 16). Diversity is the mean share of pixels in
which two candidates differ, at that shift by half a period at which they differ least: a shifted
cell is the same lattice. The nearest ten cells are often such copies of each other, which have
equal properties, and pixel by pixel would count as the most different of all.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

import metafast as mf
from metafast.plotting import plot_cell_rows

TARGET = (0.25, 0.10, 0.15, 0.05)


def main(folder: str | Path = "runs/candidates", count: int = 10) -> dict[str, float]:
    """Draw the candidates of each kind; returns their diversity."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    vae, database = mf.CellVAE.default(), mf.CellDatabase.default()
    targets = np.array([TARGET])
    nearest = mf.select_candidates(database, vae, targets, count, pool=count)
    diverse = mf.select_candidates(database, vae, targets, count)
    designed = mf.inverse_candidates(database, vae, targets, count)
    axes = database.coordinates()
    gap = np.abs(axes.to_unit(designed.properties[0]) - axes.to_unit(targets)).max(axis=1)
    rows = {
        "nearest": (database.take(nearest[0]), mf.property_errors(database, targets, nearest)[0]),
        "clusters": (database.take(diverse[0]), mf.property_errors(database, targets, diverse)[0]),
        "designed": (designed.cells[0], gap),
    }
    path = Path(folder) / "candidates.png"
    plot_cell_rows(
        [cells for cells, _ in rows.values()],
        list(rows),
        [[f"{error:.3f}" for error in errors] for _, errors in rows.values()],
        "Candidates for C11, C12, C22, C33 = " + ", ".join(f"{value:g}" for value in TARGET),
        path=path,
    )
    print(path)
    spread = {name: diversity(cells) for name, (cells, _) in rows.items()}
    for name, value in spread.items():
        print(f"{name:10} diversity {value:.3f}, largest deviation {rows[name][1].max():.3f}")
    return spread


def diversity(cells: np.ndarray) -> float:
    """Mean share of pixels in which two of the cells (n, h, w) differ as lattices."""
    flat = cells.reshape(len(cells), -1)
    half = cells.shape[1] // 2, cells.shape[2] // 2
    differ = np.ones((len(cells), len(cells)))
    for shift in np.ndindex(2, 2):
        moved = np.roll(cells, np.multiply(shift, half), axis=(1, 2)).reshape(flat.shape)
        differ = np.minimum(differ, (flat[:, None] != moved).mean(axis=2))
    return float(differ[np.triu_indices(len(cells), 1)].mean())


if __name__ == "__main__":
    main(*sys.argv[1:])
