"""Database of cells and their properties, in memory or in an HDF5 file that is read on demand.

Pixels are bit-packed, and only upper left quarters if every cell is mirror-symmetric: 79 bytes for
a 50x50 cell.
"""

from __future__ import annotations

import os
from copy import copy
from dataclasses import replace
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import (
    as_array,
    require_cells,
    require_choice,
    require_count,
    require_progress,
    require_properties,
    require_rows,
    require_threads,
    shown,
)
from metafast._base.files import require_path
from metafast._base.html import cell_table, spread, titled
from metafast._base.progress import Progress, silent
from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.cells.packing import pack, stored_pixels, unpack
from metafast.cells.symmetry import is_mirror_symmetric
from metafast.database.arrival import orthotropic, warn_of_shear, warn_of_void
from metafast.database.cache import full_database
from metafast.database.cells_file import (
    Header,
    PackedFile,
    Provenance,
    checked_parents,
    read_file,
    require_provenance,
    write_file,
)
from metafast.homogenization import homogenize, properties_of
from metafast.material import Material
from metafast.phases import Phases, require_phases
from metafast.properties.coordinates import CoordinateKind, PropertyCoordinates
from metafast.properties.names import by_name

_DEFAULT = "default_database.h5"
_CHUNK = 8192  # cells unpacked at a time


class NearestCells(NamedTuple):
    """Cells nearest to targets in property space.

    Attributes
    ----------
    rows : (m, k) int array
        Rows of the database, nearest first.
    deviation : (m, k) array
        Maximum norm of the deviation in unit coordinates (Eq. 16).
    """

    rows: IntArray
    deviation: FloatArray


class CellDatabase:
    """Cells (n, h, w) and their properties (n, 4) = (C11, C12, C22, C33).

    Parameters
    ----------
    cells : (n, h, w) array
        Binary pixels, 1 = solid, row 0 at the top.
    properties : (n, 4) array, optional
        C11, C12, C22, C33; computed by homogenization if left out.
    phases : Phases or Material, optional
        Solid and void that the properties hold for; E = 1, nu = 0.49, plane stress, void at 1e-9
        by default.
    only_orthotropic : bool
        Leave out cells whose C13 or C23 is not small, where properties are computed.
    parents : (n,) int array, optional
        Row that each cell was grown from, -1 for a seed.
    provenance : dict, optional
        Command, options and version that made the database.

    Raises
    ------
    ValueError
        If there are no cells, or cells and properties do not fit together.

    Warns
    -----
    RuntimeWarning
        If properties are computed, and most cells carry nothing, as if solid and void were
        exchanged, or cells have C13 or C23, which a database does not keep.
    """

    def __init__(
        self,
        cells: Any,
        properties: Any = None,
        *,
        phases: Phases | Material | None = None,
        only_orthotropic: bool = False,
        parents: IntArray | None = None,
        provenance: Provenance | None = None,
    ) -> None:
        if as_array("cells", cells, "binary cells (n, h, w) are needed").size == 0:
            raise ValueError(
                "the database is empty: no cells were given; build one with "
                "metafast.build_database or use CellDatabase.default()"
            )
        pixels = require_cells(cells)
        self.phases = require_phases(phases)
        if only_orthotropic and (properties is not None or parents is not None):
            raise ValueError(
                "only_orthotropic is for cells whose properties are computed here; leave "
                "properties and parents out"
            )
        if properties is None:
            stiffness = homogenize(pixels, self.phases)
            if only_orthotropic:
                kept = orthotropic(stiffness)
                pixels, stiffness = pixels[kept], stiffness[kept]
            warn_of_void(stiffness, self.phases)
            warn_of_shear(stiffness)
            properties = properties_of(stiffness)
        self.properties: FloatArray = require_properties(properties)
        if len(self.properties) != len(pixels):
            raise ValueError(
                f"{len(pixels)} cells came with {len(self.properties)} rows of properties; "
                "one row per cell is needed"
            )
        n = len(self.properties)
        self._packed: Any
        self.parents = np.full(n, -1) if parents is None else checked_parents(parents, n)
        self.provenance = require_provenance(provenance)
        self._shape = pixels.shape
        _, h, w = pixels.shape
        even = h % 2 == 0 and w % 2 == 0
        self._quarter = even and bool(is_mirror_symmetric(pixels).all())
        self._packed = pack(pixels, self._quarter)
        self._trees: dict[str, cKDTree] = {}

    def __len__(self) -> int:
        return len(self.properties)

    def __repr__(self) -> str:
        n, h, w = self._shape
        return f"CellDatabase({n} cells of {h}x{w} pixels, {self.phases})"

    def _repr_html_(self) -> str:
        order = np.argsort(self.properties[:, 0], kind="stable")
        shown = order[spread(len(self))]
        numbers = {"row": [str(row) for row in shown]}
        below = numbers | by_name(self.properties[shown])
        return titled(repr(self), cell_table(self.take(shown), below))

    @property
    def symmetric(self) -> bool:
        """Whether every cell is mirror-symmetric about both axes, so only quarters are stored."""
        return self._quarter

    @cached_property
    def cells(self) -> ByteArray:
        """Pixels (n, h, w) of all cells, 1 = solid, row 0 at the top; `take` reads some."""
        return self.take(slice(None))

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number, height and width (n, h, w) of the cells, in pixels."""
        return self._shape

    def take(self, rows: Any) -> ByteArray:
        """Pixels (m, h, w) of the given rows (indices, mask or slice)."""
        chosen = require_rows("rows", rows, len(self))
        return unpack(self._packed[chosen], self._shape, self._quarter)

    @property
    def packed(self) -> ByteArray:
        """Bits (n, b) of the stored pixels, eight in a byte."""
        return np.asarray(self._packed[:])

    def distinct_pixels(self) -> ByteArray:
        """Stored pixels (n, p) of all cells, without mirror images."""
        _, h, w = self._shape
        return np.unpackbits(self._packed[:], axis=1, count=stored_pixels(h, w, self._quarter))

    @cached_property
    def solid_share(self) -> FloatArray:
        """Share of solid pixels of each cell, shape (n,)."""
        _, h, w = self._shape
        count = stored_pixels(h, w, self._quarter)
        shares = np.empty(len(self))
        for start in range(0, len(self), _CHUNK):
            part = slice(start, start + _CHUNK)
            shares[part] = np.unpackbits(self._packed[part], axis=1, count=count).mean(axis=1)
        return shares

    def side_solid(self) -> FloatArray:
        """Least solid fraction of each cell's four sides, shape (n,)."""
        n, h, w = self._shape
        stored = (n, h // 2, w // 2) if self._quarter else self._shape  # halves of sides will do
        shares = np.empty(n)
        for start in range(0, n, _CHUNK):
            part = slice(start, start + _CHUNK)
            pixels = unpack(self._packed[part], stored, False)
            sides = [pixels[:, :, 0], pixels[:, 0]]
            if not self._quarter:
                sides += [pixels[:, :, -1], pixels[:, -1]]
            shares[part] = np.min([side.mean(axis=1) for side in sides], axis=0)
        return shares

    def nearest(
        self,
        targets: Any,
        k: int = 1,
        *,
        coordinates: CoordinateKind = "log",
        threads: int | None = None,
    ) -> NearestCells:
        """Find the k cells with properties nearest to each target (section 4.2).

        Parameters
        ----------
        targets : (m, 4) array
            Target C11, C12, C22, C33.
        k : int
            Number of cells per target.
        coordinates : {"log", "linear"}
            Property coordinates, scaled to the database's ranges, for the maximum norm of Eq. 16.
        threads : int, optional
            CPU threads; all available by default.

        Returns
        -------
        NearestCells

        Raises
        ------
        ValueError
            If a target is not a stable stiffness or there are fewer than k cells.
        """
        aims = require_properties(targets, "targets")
        if require_count("k", k) > len(self):
            raise ValueError(f"k is {k} but the database has {len(self)} cells; lower k")
        require_choice("coordinates", coordinates, ("log", "linear"))
        if coordinates not in self._trees:
            axes = self.coordinates(coordinates)
            self._trees[coordinates] = cKDTree(axes.to_unit(self.properties))
        tree = self._trees[coordinates]
        unit = self.coordinates(coordinates).to_unit(aims)
        deviation, rows = tree.query(
            unit, k=[*range(1, k + 1)], p=np.inf, workers=require_threads(threads)
        )
        return NearestCells(np.asarray(rows, dtype=np.int64), np.asarray(deviation))

    def coordinates(self, kind: CoordinateKind = "log") -> PropertyCoordinates:
        """Property coordinates scaled to this database's ranges."""
        return PropertyCoordinates.spanning(self.properties, kind)

    def subset(self, rows: Any) -> CellDatabase:
        """Database of the given rows (indices or mask); parents that are left out become -1."""
        rows = np.arange(len(self))[require_rows("rows", rows, len(self))]
        place = np.full(len(self) + 1, -1)  # the last entry is looked up for "no parent"
        place[rows] = np.arange(len(rows))
        return CellDatabase(
            self.take(rows),
            self.properties[rows],
            phases=self.phases,
            parents=place[self.parents[rows]],
            provenance=self.provenance,
        )

    def relabel(
        self,
        phases: Phases | Material,
        *,
        threads: int | None = None,
        progress: Progress = silent,
    ) -> CellDatabase:
        """The same cells with properties recomputed for other phases.

        Parameters
        ----------
        phases : Phases or Material
            Solid and void; a material replaces the solid and keeps the database's void.
        threads : int, optional
            CPU threads; all available by default.
        progress : callable, optional
            Called as ``progress("homogenizing", cells done, cells in all)``.
        """
        require_progress(progress)
        if not isinstance(phases, (Phases, Material)):
            raise ValueError(
                f"phases is {shown(phases)}; a metafast.Phases or a metafast.Material is needed"
            )
        relabelled = copy(self)
        if isinstance(phases, Material):
            phases = replace(self.phases, solid=phases)
        relabelled.phases = require_phases(phases)
        relabelled.properties = np.empty_like(self.properties)
        for start in range(0, len(self), _CHUNK):
            part = slice(start, min(start + _CHUNK, len(self)))
            stiffness = homogenize(self.take(part), relabelled.phases, threads=threads)
            relabelled.properties[part] = properties_of(stiffness)
            progress("homogenizing", part.stop, len(self))
        relabelled._trees = {}
        return relabelled

    @classmethod
    def default(cls) -> CellDatabase:
        """Database that ships with the package (nu = 0.49, plane stress, 50x50 pixels)."""
        with resources.as_file(resources.files("metafast.assets") / _DEFAULT) as path:
            database = cls.load(path)
            database._packed = database._packed[:]  # the path may not outlive the block
        return database

    @classmethod
    def full(cls) -> CellDatabase:
        """Full database from the user's cache, built by ``metafast database build``.

        Raises
        ------
        ValueError
            If the full database has not been built.
        """
        return cls.load(full_database())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> CellDatabase:
        """Open an HDF5 database; pixels stay in the file until they are used.

        Raises
        ------
        ValueError
            If the file is missing, not a metafast database, truncated or inconsistent.
        """
        self = cls.__new__(cls)
        header, self._packed, self.properties, self.parents = read_file(require_path(path))
        self.phases = header.phases
        self.provenance = header.provenance
        self._shape, self._quarter = header.shape, header.quarter
        self._trees = {}
        return self

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write to HDF5; an existing file is replaced only by a complete one.

        Raises
        ------
        ValueError
            If the file cannot be written.
        """
        header = Header(self._shape, self._quarter, self.phases, self.provenance)
        path = require_path(path)
        write_file(path, header, self._packed, self.properties, self.parents)
        if isinstance(self._packed, PackedFile) and self._packed.is_in(path):
            self._packed = PackedFile(path, self._packed.shape)  # the file that was open is gone
        return path
