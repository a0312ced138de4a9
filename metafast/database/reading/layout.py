"""Layouts of arrays of cells: which axis counts the cells, and how flat pixels run.

A reading fits if its cells are square; a single cell may be up to four times as wide as high. Where
two axes of three fit, the custom of the format decides, unless pixels speak against it: neighbours
in a cell are more alike than from one cell to the next.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from metafast._base.typing import AnyArray
from metafast.database.reading.named_arrays import NamedArray
from metafast.database.reading.options import ReadingOptions

Axis = Literal["first", "last"]
Axes = Literal["first", "last", "one"]
_LEAST_FLAT = 4  # pixels a side of a flat cell
_SLENDER = 4  # ratio of the sides up to which two axes can be a single cell
_ROUGHER = 1.5  # times as many changes, along the axis that counts the cells
_COLOURS = (3, 4)  # channels of a picture


@dataclass(frozen=True)
class Layout:
    """One reading of an array as cells."""

    axes: Axes
    count: int
    height: int
    width: int

    def __str__(self) -> str:
        many = "one cell" if self.axes == "one" else f"{self.count} cells"
        return f"{many} of {self.height}x{self.width} pixels"

    @property
    def square(self) -> bool:
        """Whether cells are as wide as high."""
        return self.height == self.width

    def applied(self, array: AnyArray, order: str) -> AnyArray:
        """Cells (n, h, w) of the array."""
        if array.ndim == 3:
            return array if self.axes == "first" else np.moveaxis(array, 2, 0)
        flat = array if self.axes == "first" else array.T
        if self.axes == "one":
            flat = array.reshape(1, -1) if array.ndim == 1 else array[None]
        cells = flat.reshape(self.count, self.height, self.width)
        turned = order == "columns" and (self.axes != "one" or array.ndim == 1)
        return cells.transpose(0, 2, 1) if turned else cells


def laid_out(
    array: AnyArray, options: ReadingOptions, custom: NamedArray, name: str
) -> tuple[AnyArray, list[str]]:
    """Cells (n, h, w) of an array of one to four axes, and what was taken for what.

    Parameters
    ----------
    array : array
    options : ReadingOptions
    custom : NamedArray
        The axis that counts the cells, and the order of flat pixels, by custom of the format.
    name : str
        Name for messages.

    Raises
    ------
    ValueError
        If no reading fits, or several do.
    """
    notes = []
    if array.ndim == 4 and 1 in array.shape:  # a channel, as networks have it
        array = np.squeeze(array, axis=array.shape.index(1))
        notes.append(f"the axis of length 1 of {name} is left out")
    if array.ndim not in (1, 2, 3) or 0 in array.shape:
        raise ValueError(
            f"{name} has shape {array.shape}; non-empty (n, h, w), (h, w, n), (n, h*w), (h*w, n) "
            "or (h, w) is needed"
        )
    known = {each.axes: each for each in _readings(array.shape)}
    if options.axes is not None:
        if options.axes not in known:
            raise ValueError(
                f"{name} has shape {array.shape}, which cannot be read with axes {options.axes!r}; "
                f"it can be {_told(list(known.values()))}"
            )
        chosen = known[options.axes]
    else:
        chosen, said = _chosen(array, known, custom.axis, name)
        notes += said
    order = options.order or custom.order
    cells = chosen.applied(array, order)
    if array.ndim < 3 and (chosen.axes != "one" or array.ndim == 1):
        turns = options.order is None and chosen.square and (cells != cells.swapaxes(1, 2)).any()
        if turns:
            line = order.removesuffix("s")
            notes.append(f"flat pixels are taken {line} by {line}; order (--order) decides")
    return cells, notes


def _readings(shape: tuple[int, ...]) -> list[Layout]:
    """Readings of a shape; flat ones only of square cells."""
    if len(shape) == 3:
        a, b, c = shape
        return [Layout("first", a, b, c), Layout("last", c, a, b)]
    if len(shape) == 1:
        flat: list[tuple[Axes, int, int]] = [("one", 1, shape[0])]
    else:
        flat = [("first", shape[0], shape[1]), ("last", shape[1], shape[0])]
    found = [Layout("one", 1, *shape)] if len(shape) == 2 else []
    for axis, count, pixels in flat:
        side = math.isqrt(pixels)
        if side >= _LEAST_FLAT and side * side == pixels:
            found.append(Layout(axis, count, side, side))
    return found


def _chosen(
    array: AnyArray, known: dict[Axes, Layout], custom: Axis, name: str
) -> tuple[Layout, list[str]]:
    """The reading that fits, and a note if another one could be meant."""
    if array.ndim == 3:
        return _chosen_of_three(array, known, custom, name)
    if not known:
        raise ValueError(
            f"{name} has shape {array.shape}; {array.shape[0]} pixels are no square cell"
        )
    if array.ndim == 1:
        return known["one"], []
    one, flat = known["one"], [each for each in known.values() if each.axes != "one"]
    if one.square or not flat:
        return one, []
    if max(array.shape) <= _SLENDER * min(array.shape):
        flat.append(one)
    if len(flat) > 1:
        raise _unclear(array, flat, name)
    return flat[0], [f"{name} {array.shape} is taken as {flat[0]}"]


def _chosen_of_three(
    array: AnyArray, known: dict[Axes, Layout], custom: Axis, name: str
) -> tuple[Layout, list[str]]:
    own, other = known[custom], known["last" if custom == "first" else "first"]
    if own.square and other.square:
        rough = [(np.diff(array.astype(float), axis=k) != 0).mean() for k in range(3)]
        mine, theirs = (rough[0], rough[2]) if custom == "first" else (rough[2], rough[0])
        if theirs > _ROUGHER * max(mine, rough[1]):
            raise _unclear(array, [own, other], name)
        sure = mine > max(theirs, rough[1])
        return own, [] if sure else [f"{name} {array.shape} is taken with axes={own.axes}"]
    if own.square == other.square:
        return own, [f"{name} {array.shape} is taken as {own}; axes={other.axes} would be {other}"]
    chosen = own if own.square else other
    if chosen.axes == "last" and array.shape[2] in _COLOURS and _coloured(array):
        raise ValueError(
            f"{name} has shape {array.shape}, which looks like one colour picture; save it as PNG, "
            f"or give axes='last' for {chosen}"
        )
    if chosen is own:
        return own, []
    return chosen, [f"{name} {array.shape} is taken as {chosen}; axes={own.axes} would be {own}"]


def _coloured(array: AnyArray) -> bool:
    """Whether planes are channels of a picture: levels beyond 0 and 1, or three equal planes."""
    first = array[:, :, :1]
    return bool(array.max() > 1 or (array[:, :, 1:3] == first).all())


def _unclear(array: AnyArray, fits: list[Layout], name: str) -> ValueError:
    return ValueError(
        f"{name} has shape {array.shape}, which can be {_told(fits)}; give axes (--axes)"
    )


def _told(readings: list[Layout]) -> str:
    return " or ".join(f"{each} (axes={each.axes})" for each in readings)
