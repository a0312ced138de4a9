"""Places of a problem file: which corners of the cells they hold.

Nodes are told by x, in cell widths from the left, and y, from the bottom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.problems.file.expressions import evaluate, number
from metafast.problems.file.faults import Fault, Keys, nearest
from metafast.problems.file.models import SIDES, Place
from metafast.problems.file.quantities import MILLIMETRES, quantity, refuse_other_units

_NEAR = 1e-9  # cell widths within which a node is on a place
_KINDS = ("side", "box", "circle", "node", "where")
CORNERS = ("top left", "top right", "bottom left", "bottom right")


@dataclass(frozen=True, eq=False)
class Grid:
    """Corners of the cells, and the names that expressions may use.

    Attributes
    ----------
    x, y : (rows+1, cols+1) float array
    names : mapping of str to float
        L, H, the parameters, and mm if the size of a cell is known.
    """

    x: FloatArray
    y: FloatArray
    names: Mapping[str, float]

    def length(self, value: float | str, keys: Keys) -> float:
        """Cell widths of a number, a length in mm or an expression without x and y."""
        try:
            return number(self.plain(value), self.names)
        except ValueError as error:
            raise Fault(keys, str(error)) from None

    def plain(self, value: float | str) -> float | str:
        """A length with a unit as a number of cell widths, anything else as it is."""
        millimetres = quantity(value, MILLIMETRES)
        if millimetres is None:
            refuse_other_units(value, MILLIMETRES)
            return value
        if "mm" not in self.names:
            raise ValueError(f"{value!r} needs the size of a cell; add cell_size to [size]")
        return millimetres * self.names["mm"]


def nodes_of(place: Any, named: Mapping[str, Any], grid: Grid, keys: Keys) -> BoolArray:
    """Nodes of a place, given itself, by its name, or as a list of names.

    Parameters
    ----------
    place : str, list of str or Place
    named : mapping of str to place
        The table ``[places]``.
    grid : Grid
    keys : tuple
        Where the place stands in the file.

    Returns
    -------
    (rows+1, cols+1) bool array

    Raises
    ------
    Fault
        If the place is unknown, or no node lies on it.
    """
    held = _nodes(place, named, grid, keys, ())
    if not held.any():
        raise Fault(
            keys,
            f"no corner of a cell lies there; x is 0 to {grid.x.max():g} and y 0 to "
            f"{grid.y.max():g} in whole cells",
        )
    return held


def _nodes(
    place: Any, named: Mapping[str, Any], grid: Grid, keys: Keys, within: tuple[str, ...]
) -> BoolArray:
    if isinstance(place, list):
        parts = [_nodes(each, named, grid, keys, within) for each in place]
        return np.asarray(np.logical_or.reduce(parts))
    if isinstance(place, Place):
        return _shape(place, grid, keys)
    if place in within:
        raise Fault(keys, f"the place {place!r} is named by itself; name others in it")
    if place in named:
        return _nodes(named[place], named, grid, ("places", place), (*within, place))
    if place in SIDES or place in CORNERS:
        parts = [_side(side, grid) for side in place.split()]
        return np.asarray(np.logical_and.reduce(parts))
    raise Fault(
        keys, f"the place {place!r} is not known; {nearest(place, [*SIDES, *CORNERS, *named])}"
    )


def _shape(place: Place, grid: Grid, keys: Keys) -> BoolArray:
    """Nodes of a place that is described by its shape."""
    given = [kind for kind in _KINDS if getattr(place, kind) is not None]
    if len(given) != 1:
        came = " and ".join(given) or "none"
        raise Fault(keys, f"{came} came; exactly one of {', '.join(_KINDS)} is needed")
    if place.side is None and (place.start is not None or place.stop is not None):
        raise Fault(keys, f"from and to go with side, not with {given[0]}; leave them out")
    x, y = grid.x, grid.y
    if place.side is not None:
        along = y if place.side in ("left", "right") else x
        start, stop = (
            end if value is None else grid.length(value, (*keys, key))
            for value, key, end in ((place.start, "from", 0.0), (place.stop, "to", along.max()))
        )
        return _side(place.side, grid) & (along >= start - _NEAR) & (along <= stop + _NEAR)
    if place.box is not None:
        held = np.ones(x.shape, bool)
        for name, position in (("x", x), ("y", y)):
            low, high = _ends(getattr(place.box, name), grid, (*keys, "box", name))
            held &= (position >= low - _NEAR) & (position <= high + _NEAR)
        return held
    if place.circle is not None:
        inner = (*keys, "circle")
        centre_x, centre_y, radius = (
            grid.length(getattr(place.circle, name), (*inner, name))
            for name in ("x", "y", "radius")
        )
        return np.asarray(np.hypot(x - centre_x, y - centre_y) <= radius + _NEAR)
    if place.node is not None:
        at = [grid.length(value, (*keys, "node")) for value in place.node]
        return (abs(x - at[0]) <= _NEAR) & (abs(y - at[1]) <= _NEAR)
    return _condition(str(place.where), grid, keys)


def _side(side: str, grid: Grid) -> BoolArray:
    position = grid.x if side in ("left", "right") else grid.y
    return np.asarray(position == (0.0 if side in ("left", "bottom") else position.max()))


def _ends(value: Any, grid: Grid, keys: Keys) -> tuple[float, float]:
    ends = [grid.length(each, keys) for each in (value if isinstance(value, list) else [value])]
    if ends[0] > ends[-1]:
        raise Fault(keys, f"it goes from {ends[0]:g} to {ends[-1]:g}; put the lower end first")
    return ends[0], ends[-1]


def _condition(text: str, grid: Grid, keys: Keys) -> BoolArray:
    try:
        held = evaluate(text, {**grid.names, "x": grid.x, "y": grid.y})
    except ValueError as error:
        raise Fault((*keys, "where"), str(error)) from None
    if held.dtype != bool:
        raise Fault((*keys, "where"), f"{text!r} is no condition; compare, as in 'x < L/2'")
    return np.array(np.broadcast_to(held, grid.x.shape))
