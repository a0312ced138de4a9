"""Options for inverse homogenization, with their defaults and checks."""

from __future__ import annotations

from dataclasses import dataclass

from metafast._base.checks import require_count, require_number
from metafast.cells.repair import Limits
from metafast.inverse.input import require_even


@dataclass(frozen=True)
class InverseOptions:
    """Options for inverse homogenization.

    Parameters
    ----------
    starts : int
        Random initial designs per target; the best sound cell is kept.
    pixels : int
        Pixels per side, even.
    iterations : int
        Number of Adam steps.
    penalty : float
        SIMP exponent p.
    filter_width : float
        Standard deviation of the Gaussian density filter, in pixels.
    minimum_solid_width, minimum_void_width : int
        Least width of solid and of void parts, in pixels.
    minimum_contact : int
        Least number of solid pixels on each side of a cell.
    seed : int
        Seed of the random initial designs.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    starts: int = 1
    pixels: int = 50
    iterations: int = 80
    penalty: float = 3.0
    filter_width: float = 0.9
    minimum_solid_width: int = 2
    minimum_void_width: int = 2
    minimum_contact: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        half = require_even("pixels", self.pixels) // 2
        for name, least in (("starts", 1), ("iterations", 1), ("seed", 0)):
            require_count(name, getattr(self, name), least)
        require_number("penalty", self.penalty, above=1.0, closed=True)
        require_number("filter_width", self.filter_width, above=0.0, below=float(half))
        self.limits.checked(self.pixels)

    @property
    def limits(self) -> Limits:
        """Manufacturing limits of the cells."""
        return Limits(self.minimum_solid_width, self.minimum_void_width, self.minimum_contact)
