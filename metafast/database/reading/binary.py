"""Solid and void of numbers and greys: levels, thresholds, and which of two levels is solid."""

from __future__ import annotations

import numpy as np

from metafast._base.greys import DARK, LIGHT
from metafast._base.typing import AnyArray, BoolArray, ByteArray, IntArray
from metafast.cells.spanning import reaches_across
from metafast.database.reading.options import ReadingOptions

_LOOKED_AT = 200  # cells that tell which level is solid
_WHITE = 255
_ALIKE = 24  # levels by which greys of one colour differ, as after compression with losses


def solid_of_numbers(
    array: AnyArray, options: ReadingOptions, name: str
) -> tuple[ByteArray, list[str]]:
    """Solid pixels of cells (n, h, w) of numbers, and what was taken for what.

    0 and 1 are void and solid. Greys up to 255 are solid on the side on which most cells hang
    together, unless the options tell it.

    Raises
    ------
    ValueError
        If the numbers are no levels of two kinds, or both sides could be solid.
    """
    if array.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} has dtype {array.dtype}; real numbers are needed, 1 = solid and 0 = void"
        )
    if array.dtype.kind == "f" and not np.isfinite(array).all():
        raise ValueError(f"{name} holds NaN or infinity; 1 = solid and 0 = void are needed")
    greys = array.dtype != bool and float(array.max()) > 1
    if options.threshold is not None:
        high = array > options.threshold
    elif not greys and (array.dtype.kind in "bu" or ((array == 0) | (array == 1)).all()):
        high = array == 1
    else:
        high = _light(array, greys)
    if options.solid is not None or not greys:
        return _solid(high, options.solid or "white"), []
    side = _side_that_hangs_together(high, name)
    other = "black" if side == "white" else "white"
    return _solid(high, side), [
        f"of the greys of {name}, {side} is taken as solid, since cells hang together that way; "
        f"solid={other} (--solid) is the other way round"
    ]


def solid_of_greys(greys: IntArray, options: ReadingOptions, name: str) -> ByteArray:
    """Solid pixels (h, w) of a picture; black is solid unless the options say otherwise.

    Raises
    ------
    ValueError
        If a pixel is neither dark nor light, and there is no threshold.
    """
    if options.threshold is not None:
        return _solid(greys > options.threshold, options.solid or "black")
    if greys.max() == 1 and greys.min() == 0:
        raise ValueError(
            f"{name!r} holds the greys 0 and 1 of 255, which are both black; write white as 255, "
            "or give threshold=0 (--threshold 0)"
        )
    unclear = np.argwhere((greys > DARK) & (greys < LIGHT))
    if len(unclear):
        r, c = unclear[0]
        raise ValueError(
            f"{name!r} has grey {greys[r, c]} of 255 at pixel row {r}, column {c} (from 0, at the "
            f"top left); up to {DARK} is dark and from {LIGHT} on light: give threshold=128 "
            "(--threshold 128) to divide there"
        )
    low, high = int(greys.min()), int(greys.max())
    if high - low > _ALIKE and (high <= DARK or low >= LIGHT):
        side, middle = ("dark", "light")[low >= LIGHT], (low + high) // 2
        raise ValueError(
            f"{name!r} holds greys of {low} to {high} of 255, all of them {side}, so it would be "
            f"one block: give threshold={middle} (--threshold {middle}) to divide there"
        )
    return _solid(greys >= LIGHT, options.solid or "black")


def _solid(high: BoolArray, side: str) -> ByteArray:
    return np.ascontiguousarray(high if side == "white" else ~high, dtype=np.uint8)


def _light(array: AnyArray, greys: bool) -> BoolArray:
    """Where numbers from 0 to 255 are light; anything else is refused."""
    wrong = (array != 0) & (array != 1)
    if greys:
        clear = (array >= 0) & (array <= DARK) | (array >= LIGHT) & (array <= _WHITE)
        if clear.all() and array.max() >= LIGHT:
            return np.asarray(array >= LIGHT)
        wrong &= ~clear if array.max() >= LIGHT else True
    where = tuple(int(i) for i in np.argwhere(wrong)[0])
    raise ValueError(
        f"cells are not binary: {array[where]} at {where}; 1 = solid and 0 = void are needed, or "
        f"greys up to {DARK} and from {LIGHT} to {_WHITE}, so threshold grey cells first, for "
        "instance threshold=0.5 (--threshold 0.5)"
    )


def _side_that_hangs_together(high: BoolArray, name: str) -> str:
    """The side of the greys, "black" or "white", on which most cells reach across."""
    some = high[:: max(1, len(high) // _LOOKED_AT)]
    white, black = (reaches_across(each.astype(np.uint8)).mean() for each in (some, ~some))
    if (white > 0.5) == (black > 0.5):
        raise ValueError(
            f"{name} holds greys, and either side can be solid; give solid='white' (--solid white) "
            "if the higher numbers are, or solid='black'"
        )
    return "white" if white > 0.5 else "black"
