"""Family of cells along a gradation, from a database or decoded between its members."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from metafast._base.checks import (
    as_array,
    require_array,
    require_cells,
    require_count,
    require_instance,
    require_number,
    shown,
)
from metafast._base.files import require_path
from metafast._base.hdf5 import UNREADABLE, array_in, read_hdf5, write_hdf5
from metafast._base.html import cell_table, spread, titled
from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.phases import Phases, require_phases
from metafast.properties.fitted_gradation import SMOOTHING_WIDTH, fitted_gradation
from metafast.properties.gradation import Gradation
from metafast.properties.names import by_name

if TYPE_CHECKING:
    from metafast.generative import CellVAE

_FORMAT = "metafast-family-2"
_OLDER = ("metafast-family-1",)  # without a seal
_ARRAYS = ("parameter", "latents", "cells", "properties", "rows")


class Members(NamedTuple):
    """Members of a family at values of the parameter.

    Attributes
    ----------
    cells : (n, h, w) array
    properties : (n, 4) array
        C11, C12, C22, C33.
    """

    cells: ByteArray
    properties: FloatArray


@dataclass(frozen=True, eq=False)
class Family:
    """Cells along a gradation.

    Attributes
    ----------
    gradation : Gradation
    parameter : (m,) array
        Parameter of the gradation's point nearest to each member.
    latents : (m, d) array
        Latent point of each member.
    cells : (m, h, w) array
        Pixels, 1 = solid, row 0 at the top.
    properties : (m, 4) array
        C11, C12, C22, C33 of the members, by homogenization.
    rows : (m,) int array
        Rows of the database; -1 for decoded members.
    phases : Phases
        Solid and void that the properties hold for; a `Material` stands for a solid with the
        default void.
    """

    gradation: Gradation
    parameter: FloatArray
    latents: FloatArray
    cells: ByteArray
    properties: FloatArray
    rows: IntArray
    phases: Phases = field(default_factory=Phases)

    def __post_init__(self) -> None:
        object.__setattr__(self, "phases", require_phases(self.phases))
        require_instance("gradation", self.gradation, Gradation)
        arrays = {name: as_array(name, getattr(self, name)) for name in _ARRAYS}
        arrays["cells"] = require_cells(arrays["cells"])
        for name, dimensions in (("parameter", 1), ("latents", 2), ("properties", 2), ("rows", 1)):
            shape = arrays[name].shape
            if len(shape) != dimensions or (len(shape) and shape[0] != len(arrays["cells"])):
                raise ValueError(
                    f"{name} has shape {shape}; one row for each of the {len(arrays['cells'])} "
                    "members is needed"
                )
        for name, array in arrays.items():
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.cells)

    def __repr__(self) -> str:
        low, high = self.parameter.min(), self.parameter.max()
        return (
            f"Family({len(self)} cells along {self.gradation.name!r} from {low:.3g} to {high:.3g})"
        )

    def _repr_html_(self) -> str:
        shown = spread(len(self))
        parameter = {"parameter": self.parameter[shown]}
        below = parameter | by_name(self.properties[shown])
        return titled(repr(self), cell_table(self.cells[shown], below))

    @property
    def deviation(self) -> FloatArray:
        """Distance (m,) of each member's properties from the gradation."""
        return self.gradation.nearest(self.properties)[1]

    def at(self, values: Any) -> Members:
        """Find the members nearest to values (n,) of the parameter.

        Raises
        ------
        ValueError
            If a value lies outside the gradation.
        """
        at = np.atleast_1d(require_array("values", values, finite=True))
        if at.ndim != 1 or not at.size:
            raise ValueError(f"values have shape {at.shape}; non-empty (n,) is needed")
        first, last = self.gradation.parameter[[0, -1]]
        if ((at < first) | (at > last)).any():
            raise ValueError(
                f"values range from {at.min():g} to {at.max():g}; the gradation holds from "
                f"{first:g} to {last:g}"
            )
        member = np.abs(self.parameter - at[:, None]).argmin(axis=1)
        return Members(self.cells[member], self.properties[member])

    def fitted_gradation(self, width: float = SMOOTHING_WIDTH) -> Gradation:
        """Fit a smooth curve to the members' properties, with the gradation's parameter.

        Parameters
        ----------
        width : float
            Smoothing width, as a fraction of the gradation's length in logarithmic coordinates.

        Raises
        ------
        ValueError
            If all members are at one point of the gradation.
        """
        return fitted_gradation(self.gradation, self.properties, width)

    def database(self) -> CellDatabase:
        """Database of the distinct members."""
        flat = self.cells.reshape(len(self), -1)
        first = np.sort(np.unique(flat, axis=0, return_index=True)[1])
        return CellDatabase(
            self.cells[first],
            self.properties[first],
            phases=self.phases,
            provenance={"family": self.gradation.name, "members": len(self)},
        )

    def continuous(self, decoder: CellVAE, count: int = 200, beyond: float = 0.05) -> Family:
        """Decode members between and beyond the present ones, repair and homogenize (Fig. 13b).

        Parameters
        ----------
        decoder : CellVAE
            Model that the family's latents come from.
        count : int
            Number of points, evenly spaced along the path through the members' latent points.
        beyond : float
            Extension of the path at both ends, as a fraction of its length.

        Returns
        -------
        Family
            The decoded members that are in one piece.

        Raises
        ------
        ValueError
            If there are fewer than two members, none of the decoded cells is in one piece, or the
            model is for other phases.
        """
        from metafast.generative.decoding import decode_cells

        if not hasattr(decoder, "phases"):
            raise ValueError(f"decoder is {shown(decoder)}; a metafast.CellVAE is needed")
        if decoder.phases != self.phases:
            raise ValueError(
                f"the family holds for {self.phases}, the model for {decoder.phases}; find the "
                "family in a database of the model's phases, or train a model for these"
            )
        count = require_count("count", count, 2)
        require_number("beyond", beyond, above=0.0, below=1.0, closed=True)
        moved = np.append(True, (np.diff(self.latents, axis=0) != 0).any(axis=1))
        path = self.latents[moved]  # equal latent points give no direction
        if len(path) < 2:
            raise ValueError(f"{self!r} has no path in latent space; two members are needed")
        step = np.linalg.norm(np.diff(path, axis=0), axis=1)
        place = np.concatenate([[0.0], np.cumsum(step)])
        where = np.linspace(-beyond * place[-1], (1 + beyond) * place[-1], count)
        z = np.stack([np.interp(where, place, column) for column in path.T], axis=1)
        for end, inner, out in ((0, 1, where < 0), (-1, -2, where > place[-1])):
            way = (path[end] - path[inner]) / abs(place[end] - place[inner])
            z[out] += np.abs(where[out] - place[end])[:, None] * way
        decoded = decode_cells(decoder, z)
        kept = decoded.connected
        if not kept.any():
            raise ValueError(
                f"none of the {count} cells decoded along {self!r} is in one piece; find the "
                "family with decoder=, or train the model longer"
            )
        parameter, _ = self.gradation.nearest(decoded.properties[kept])
        unknown = np.full(int(kept.sum()), -1)
        return Family(
            self.gradation,
            parameter,
            z[kept],
            decoded.cells[kept],
            decoded.properties[kept],
            unknown,
            decoder.phases,
        )

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write to HDF5; an existing file is replaced only by a complete one."""
        with write_hdf5(path, _FORMAT) as file:
            file.attrs["name"] = self.gradation.name
            file.attrs["phases"] = self.phases.to_json()
            file["gradation_parameter"] = self.gradation.parameter
            file["gradation_properties"] = self.gradation.properties
            for name in _ARRAYS:
                file.create_dataset(name, data=getattr(self, name), compression="gzip")
        return Path(path)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Family:
        """Read from HDF5.

        Raises
        ------
        ValueError
            If the file is missing, damaged, or not a family.
        """
        source = require_path(path)
        if not source.is_file():
            raise ValueError(f"there is no family at {str(source)!r}; check the path")
        try:
            with read_hdf5(source, _FORMAT, _OLDER) as file:
                gradation = Gradation(
                    array_in(file, "gradation_parameter"),
                    array_in(file, "gradation_properties"),
                    str(file.attrs["name"]),
                )
                phases = Phases.from_json(file.attrs["phases"])
                arrays = {name: array_in(file, name) for name in _ARRAYS}
                return Family(gradation, **arrays, phases=phases)
        except UNREADABLE as error:
            raise ValueError(
                f"{str(source)!r} is not a readable family ({error}); find it again"
            ) from error
