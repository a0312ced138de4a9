"""Stiffness labels for published METASET cells, for two base materials.

Run: python examples/metaset_labels.py [cells] [labels.csv]
`cells` is whatever the cells came in: a .mat file, .npy, .npz, or the unpacked folder of .txt files
from github.com/lychan110/metaset (2D_diverse). Without it, the 120 cells that the tests hold are
labelled, and compared to their published stiffness at nu = 0.3.
"""

import csv
import sys
from pathlib import Path

import numpy as np

import metafast as mf
from metafast.database import read_cells

PUBLISHED = Path(__file__).parent.parent / "tests" / "data" / "metaset_120.npz"
POISSON = (0.3, 0.49)


def published_cells():
    """The 120 cells (n, 50, 50) and C11, C12, C22 (n, 3) as published, nu = 0.3."""
    with np.load(PUBLISHED) as file:
        return np.unpackbits(file["cells"], axis=-1, count=50), file["published"]


def main(source=None, output="metaset_labels.csv", count=None):
    cells, known = published_cells() if source is None else (read_cells(source).cells, None)
    cells = cells[:count]
    bases = [mf.CellDatabase(cells, phases=mf.Material(poisson=nu)) for nu in POISSON]
    if known is not None:
        gap = np.abs(bases[0].properties[:, :3] - known[:count]).max()
        print(f"published labels at nu = 0.3: largest deviation {gap:.1e}")
    names = ("C11", "C12", "C22", "C33")
    with open(output, "w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["cell", "volume", *(f"{n}_nu{nu}" for nu in POISSON for n in names)])
        for k, cell in enumerate(cells):
            labels = [x for base in bases for x in base.properties[k].tolist()]
            rows.writerow([k, cell.mean(), *labels])
    print(f"{len(cells)} cells labelled for nu = {POISSON[0]} and {POISSON[1]}: {output}")
    return bases


if __name__ == "__main__":
    main(*sys.argv[1:3])
