"""Forces, tractions and springs of a problem from the tables of its file.

Plain numbers are relative to Young's modulus E, the side of a cell and the thickness, as in
`metafast.problems.loads`; quantities in N and N/mm need those three.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.problems.file.case_tables import CaseTables
from metafast.problems.file.expressions import values_at
from metafast.problems.file.faults import Fault, Keys
from metafast.problems.file.models import Document
from metafast.problems.file.places import Grid, nodes_of
from metafast.problems.file.quantities import (
    NEWTONS,
    NEWTONS_PER_MILLIMETRE,
    quantity,
    refuse_other_units,
)
from metafast.problems.loads import boundary_sides


@dataclass(frozen=True)
class LoadUnits:
    """Young's modulus in MPa, side of a cell and thickness in mm; None where the file has none."""

    young: float | None
    cell_size: float | None
    thickness: float | None

    def relative(self, value: float | str, keys: Keys, *, per_length: bool) -> float | str:
        """A quantity as a plain number; anything else as it is.

        Parameters
        ----------
        value : float or str
        keys : tuple
            Where the value stands in the file.
        per_length : bool
            Whether N/mm are needed, for tractions and springs, and not N.

        Raises
        ------
        Fault
            If the unit is another one, or the file does not say what it needs.
        """
        units = NEWTONS_PER_MILLIMETRE if per_length else NEWTONS
        newtons = quantity(value, units)
        if newtons is None:
            try:
                refuse_other_units(value, units)
            except ValueError as error:
                raise Fault(keys, str(error)) from None
            return value
        scale = self._require("young", keys, value) * self._require("thickness", keys, value)
        return newtons / (scale if per_length else scale * self._require("cell_size", keys, value))

    def _require(self, name: str, keys: Keys, value: float | str) -> float:
        known: float | None = getattr(self, name)
        if known is None:
            cure = "a [material]" if name == "young" else f"{name} to [size]"
            raise Fault(keys, f"{value!r} needs more of the file; add {cure}, or use plain numbers")
        return known


def loads_of(
    case: CaseTables, document: Document, grid: Grid, present: BoolArray, units: LoadUnits
) -> dict[str, FloatArray]:
    """Arrays ``forces``, ``tractions`` and ``springs`` of a load case, those that it has.

    Parameters
    ----------
    case : CaseTables
    document : Document
        The file, for its places.
    grid : Grid
    present : (rows, cols) bool array
        Cells that are there.
    units : LoadUnits

    Raises
    ------
    Fault
        If a value is wrong, or a place has no node, or no side for a traction.
    """
    loads: dict[str, FloatArray] = {}
    rows, cols = present.shape
    for kind, components in (("forces", ("f_x", "f_y")), ("springs", ("k_x", "k_y"))):
        for keys, table in case.tables[kind]:
            total = loads.setdefault(kind, np.zeros((rows + 1, cols + 1, 2)))
            held = nodes_of(table.place, document.places, grid, (*keys, "place"))
            x, y = grid.x[held], grid.y[held]
            total[held] += _values(table, components, grid, x, y, units, keys)
    for keys, table in case.tables["tractions"]:
        tractions = loads.setdefault("tractions", np.zeros((rows, cols, 4, 2)))
        held = nodes_of(table.place, document.places, grid, (*keys, "place"))
        sides = _sides_between(held) & boundary_sides(present)
        if not sides.any():
            raise Fault(
                (*keys, "place"),
                "no side of the body lies between its nodes; give neighbouring nodes of a side",
            )
        r, c, k = np.nonzero(sides)
        x, y = c + np.array([0.0, 1.0, 0.5, 0.5])[k], rows - r - np.array([0.5, 0.5, 0.0, 1.0])[k]
        tractions[r, c, k] += _values(table, ("t_x", "t_y"), grid, x, y, units, keys)
    return loads


def _sides_between(held: BoolArray) -> BoolArray:
    """Sides (rows, cols, 4) of the cells with both ends on a place."""
    down, right = held[:-1] & held[1:], held[:, :-1] & held[:, 1:]
    return np.stack([down[:, :-1], down[:, 1:], right[:-1], right[1:]], axis=-1)


def _values(
    table: Any,
    components: tuple[str, str],
    grid: Grid,
    x: FloatArray,
    y: FloatArray,
    units: LoadUnits,
    keys: Keys,
) -> FloatArray:
    """Values (m, 2) of both components at points (m,)."""
    result = np.zeros((len(x), 2))
    names: Mapping[str, Any] = {**grid.names, "x": x, "y": y}
    if all(getattr(table, key) is None for key in components):
        raise Fault(keys, f"neither {components[0]} nor {components[1]} came; give one of them")
    for component, key in enumerate(components):
        value = getattr(table, key)
        if value is None:
            continue
        plain = units.relative(value, (*keys, key), per_length=not key.startswith("f"))
        try:
            result[:, component] = values_at(plain, names, len(x))
        except ValueError as error:
            raise Fault((*keys, key), str(error)) from None
        if key.startswith("k") and (result[:, component] < 0.0).any():
            least = float(result[:, component].min())
            raise Fault((*keys, key), f"{least:g} came; a stiffness is at least 0")
    return result
