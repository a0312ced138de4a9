"""What all figures share: the model and the cells that ship, their latents, the folder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

import metafast as mf


@dataclass(frozen=True, eq=False)
class Setting:
    """Where figures go, and what they show.

    Parameters
    ----------
    folder : Path
        Folder of the figures.
    designs : Path
        Folder of the designs of Figs. 15 to 17, one folder each; those that are there are drawn,
        the others made and, unless they are small, kept.
    kind : str
        Ending of the pictures: png, pdf or svg.
    small : bool
        Fewer cells and small structures: seconds instead of minutes.
    """

    folder: Path
    designs: Path
    kind: str = "png"
    small: bool = False

    def path(self, name: str) -> Path:
        """Path of a picture."""
        return self.folder / f"{name}.{self.kind}"

    @cached_property
    def vae(self) -> mf.CellVAE:
        """The model that ships."""
        return mf.CellVAE.default()

    @cached_property
    def every_cell(self) -> mf.CellDatabase:
        """The database that ships."""
        return mf.CellDatabase.default()

    @property
    def step(self) -> int:
        """Rows of the shipped database from one cell of `database` to the next."""
        return 40 if self.small else 4

    @cached_property
    def database(self) -> mf.CellDatabase:
        """Every fourth cell, or fewer."""
        return self.every_cell.subset(slice(0, None, self.step))

    @cached_property
    def latents(self) -> np.ndarray:
        """Latent points (n, 16) of the cells of `database`."""
        return self.vae.encode(self.database.cells)

    @cached_property
    def plane(self) -> np.ndarray:
        """First two principal components (n, 2) of the latents."""
        return mf.latent.principal_map(self.latents)

    def random_rows(self, count: int, seed: int = 3) -> np.ndarray:
        """Different random rows of `database`."""
        return np.random.default_rng(seed).choice(len(self.database), count, replace=False)
