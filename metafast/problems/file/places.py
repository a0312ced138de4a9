"""Places of a problem file: which corners of the cells they hold, or which cells.

Corners, and the centres of cells, are told by x, in cell widths from the left, and y, from the
bottom.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.problems.body import nodes_of as nodes_of_cells
from metafast.problems.file.expressions import evaluate, number
from metafast.problems.file.faults import Fault, Keys, nearest
from metafast.problems.file.place_models import SIDES, Place
from metafast.problems.file.quantities import MILLIMETRES, quantity, refuse_other_units

if TYPE_CHECKING:
    from metafast.problems.file.bodies import Body

_NEAR = 1e-9  # cell widths within which a node is on a place
_OF_CELLS = ("box", "circle", "where")
_KINDS = ("side", "box", "circle", "node", "where", "cells", "edge")
CORNERS = ("top left", "top right", "bottom left", "bottom right")
OUTLINE = "outline"  # all of the body's boundary, also around holes


@dataclass(frozen=True, eq=False)
class Grid:
    """Corners of the cells or their centres, and the names that expressions may use.

    Attributes
    ----------
    x, y : (rows+1, cols+1) or (rows, cols) float array
    names : mapping of str to float
        L, H, the parameters, and mm if the size of a cell is known.
    body : Body, optional
        The cells, where x and y are their corners.
    """

    x: FloatArray
    y: FloatArray
    names: Mapping[str, float]
    body: Body | None = None

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
    """Nodes of the body on a place, given itself, by its name, or as a list of places.

    Parameters
    ----------
    place : str, list or Place
    named : mapping of str to place
        The table ``[places]``.
    grid : Grid
        Corners of the cells.
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
    held = _held(place, named, grid, keys, ())
    if grid.body is not None:
        held &= nodes_of_cells(grid.body.present)
    if not held.any():
        raise Fault(
            keys,
            f"no corner of a cell lies there; x is 0 to {grid.x.max():g} and y 0 to "
            f"{grid.y.max():g} in whole cells",
        )
    return held


def cells_of_place(place: Any, named: Mapping[str, Any], centres: Grid, keys: Keys) -> BoolArray:
    """Cells (rows, cols) whose centres lie on a place; otherwise as `nodes_of`."""
    held = _held(place, named, centres, keys, ())
    if not held.any():
        raise Fault(
            keys,
            f"no centre of a cell lies there; x is 0.5 to {centres.x.max():g} and y 0.5 to "
            f"{centres.y.max():g} in whole cells",
        )
    return held


def _held(
    place: Any, named: Mapping[str, Any], grid: Grid, keys: Keys, within: tuple[str, ...]
) -> BoolArray:
    if isinstance(place, list):
        parts = [_held(each, named, grid, keys, within) for each in place]
        return np.asarray(np.logical_or.reduce(parts))
    if isinstance(place, Place):
        if place.edge is not None:
            _require_one(place, keys)
            return _edge(place.edge, named, grid, keys, within)
        return _shape(place, grid, keys)
    if place in within:
        raise Fault(keys, f"the place {place!r} is named by itself; name others in it")
    if place in named:
        return _held(named[place], named, grid, ("places", place), (*within, place))
    if place in (*SIDES, *CORNERS, OUTLINE):
        body = _body(place, grid, keys)
        if place == OUTLINE:
            return nodes_of_cells(np.pad(~body.present, 1, constant_values=True))[1:-1, 1:-1]
        parts = [_side(side, grid) for side in place.split()]
        return np.asarray(np.logical_and.reduce(parts))
    raise Fault(
        keys,
        f"the place {place!r} is not known; {nearest(place, [*SIDES, *CORNERS, OUTLINE, *named])}",
    )


def _shape(place: Place, grid: Grid, keys: Keys) -> BoolArray:
    """Nodes of a place that is described by its shape."""
    kind = _require_one(place, keys)
    x, y = grid.x, grid.y
    if kind not in _OF_CELLS:
        _body(kind, grid, keys)
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
    if place.cells is not None:
        body = _body(kind, grid, keys)
        if place.cells not in body.named:
            known = nearest(place.cells, body.named)
            raise Fault((*keys, "cells"), f"the cells {place.cells!r} are not known; {known}")
        return nodes_of_cells(body.kinds == body.named[place.cells])
    return _condition(str(place.where), grid, keys)


def _require_one(place: Place, keys: Keys) -> str:
    """The one kind of shape that describes a place."""
    given = [kind for kind in _KINDS if getattr(place, kind) is not None]
    if len(given) != 1:
        came = " and ".join(given) or "none"
        raise Fault(keys, f"{came} came; exactly one of {', '.join(_KINDS)} is needed")
    if place.side is None and (place.start is not None or place.stop is not None):
        raise Fault(keys, f"from and to go with side, not with {given[0]}; leave them out")
    return given[0]


def _body(kind: str, grid: Grid, keys: Keys) -> Body:
    """The body, for a place that only corners have."""
    if grid.body is None:
        raise Fault(
            keys, f"{kind!r} holds corners and no cells; use one of {', '.join(_OF_CELLS)} here"
        )
    return grid.body


def _edge(
    name: str, named: Mapping[str, Any], grid: Grid, keys: Keys, within: tuple[str, ...]
) -> BoolArray:
    """Corners between the body and the absent cells on a place."""
    keys = (*keys, "edge")
    body = _body("edge", grid, keys)
    if name not in named:
        raise Fault(keys, f"the place {name!r} is not known; {nearest(name, named)}")
    absent = _held(name, named, body.centres, keys, within) & ~body.present
    return nodes_of_cells(absent)


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
