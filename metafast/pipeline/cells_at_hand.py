"""Cells that a design may choose from: those of the database that can be built, and added ones."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from metafast._base.progress import Progress
from metafast._base.typing import ByteArray, FloatArray
from metafast.database import CellDatabase
from metafast.pipeline.added_cells import cells_for, missed_targets, with_cells
from metafast.pipeline.options import DesignOptions
from metafast.selection import pixel_components
from metafast.selection.eligible import buildable_cells
from metafast.selection.shapes import Encoder


class CellsAtHand:
    """Cells that a design may choose from.

    Parameters
    ----------
    database : CellDatabase
    encoder : Encoder or None
        Latent coordinates of their shapes; None for principal components of the pixels.
    options : DesignOptions
    threads : int or None
    progress : callable

    Attributes
    ----------
    database : CellDatabase
        Those that were given, then the added ones.
    added : (n, h, w) array
        Cells that inverse homogenization added.
    least_side_solid : float
        Least share of solid on the sides of the cells that may be chosen.
    buildable : (m,) bool array
        Cells of the database that may be chosen.
    """

    def __init__(
        self,
        database: CellDatabase,
        encoder: Encoder | None,
        options: DesignOptions,
        threads: int | None,
        progress: Progress,
    ) -> None:
        self._encoder, self._options = encoder, options
        self._threads, self._progress = threads, progress
        self.database = database
        self.added: ByteArray = np.zeros((0, *database.shape[1:]), np.uint8)
        self.take_sides(options.side_floors[0])

    def take_sides(self, least_side_solid: float) -> None:
        """Admit the cells whose sides have at least this share of solid."""
        self.least_side_solid = least_side_solid
        self.buildable = buildable_cells(
            self.database,
            least_side_solid,
            self._options.stiffness_floor,
            self._options.mesh_error,
            threads=self._threads,
            progress=self._progress,
        )

    def add(self, cells: ByteArray) -> None:
        """Add cells (n, h, w); those that can be built may be chosen like any other."""
        self.added = np.concatenate([self.added, cells])
        self.database = with_cells(self.database, cells)
        self.__dict__.pop("shapes", None)
        self.take_sides(self.least_side_solid)

    def fill(self, targets: FloatArray) -> bool:
        """Design cells for the targets (m, 4) that no cell is near; whether there are new ones."""
        limit, kind = self._options.inverse_above, self._options.coordinates
        if limit is None:
            return False
        missed = missed_targets(self.database, targets, self.buildable, limit, kind)
        if not len(missed):
            return False
        cells = cells_for(
            self.database,
            self.shapes if self._options.selection == "diverse" else None,
            missed,
            self._options,
            threads=self._threads,
            progress=self._progress,
        )
        if len(cells):
            self.add(cells)
        return len(cells) > 0

    @cached_property
    def shapes(self) -> Encoder | FloatArray:
        """Latent coordinates of the cells, or the encoder that gives them."""
        return pixel_components(self.database) if self._encoder is None else self._encoder
