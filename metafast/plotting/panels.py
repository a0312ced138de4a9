"""Panels of a figure side by side, as many as its width has room for."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast.plotting.style import Width, width_in_mm

_LEAST, _LEAST_PAIRED = 45.0, 40.0  # mm of a panel in one row of all, and in two rows
_HIGHEST = 60.0  # mm


def panels_shape(width: Width | None, count: int) -> tuple[int, int]:
    """Rows and columns of `count` panels: in one row, else in two, else below each other."""
    room = width_in_mm(width)
    if room >= count * _LEAST:
        return 1, count
    if count % 2 == 0 and count > 2 and room >= 0.5 * count * _LEAST_PAIRED:
        return 2, count // 2
    return count, 1


def panels_height(width: Width | None, shape: tuple[int, int], share: float = 0.75) -> float:
    """Height of a figure over its width, each panel `share` times as high as wide up to 60 mm."""
    room = width_in_mm(width)
    return shape[0] * min(share * room / shape[1], _HIGHEST) / room


def panels_of(made: Figure, shape: tuple[int, int], count: int) -> list[Axes]:
    """The first `count` of so many rows and columns of axes."""
    return list(made.subplots(*shape, squeeze=False).ravel()[:count])
