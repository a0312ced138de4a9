"""Options for growing a database, with their defaults and checks."""

from __future__ import annotations

from dataclasses import dataclass

from metafast._base.checks import (
    require_count,
    require_flag,
)
from metafast.cells.repair import Limits
from metafast.inverse.input import require_even


@dataclass(frozen=True)
class GrowthOptions:
    """Options for growing a database of cells.

    Parameters
    ----------
    seeds : int
        Inverse-homogenized cells to start from, for targets that are uniform over the stiffnesses
        that orthotropic cells could have. Simple shapes are added to them.
    iterations : int
        Rounds of growth to spread the work over; more follow until the size is reached.
    seed : int
        Seed of all random numbers. The same seed gives the same database, with any number of
        threads and with or without a cluster.
    pixels : int
        Pixels per side, even.
    minimum_solid_width, minimum_void_width : int
        Least width of solid and of void parts, in pixels.
    minimum_contact : int
        Least number of solid pixels on each side of a cell.
    keep_simple : bool
        Accept cells whose boundary is long for their stiffness only where no other cell has nearly
        their properties. Otherwise cells become more and more intricate as a database grows.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    seeds: int = 1400
    iterations: int = 200
    seed: int = 0
    pixels: int = 50
    minimum_solid_width: int = 2
    minimum_void_width: int = 2
    minimum_contact: int = 2
    keep_simple: bool = True

    def __post_init__(self) -> None:
        for name, least in (("seeds", 1), ("iterations", 1), ("seed", 0)):
            require_count(name, getattr(self, name), least)
        require_even("pixels", self.pixels)
        self.limits.checked(self.pixels)
        require_flag("keep_simple", self.keep_simple)

    @property
    def limits(self) -> Limits:
        """Manufacturing limits of the cells."""
        return Limits(self.minimum_solid_width, self.minimum_void_width, self.minimum_contact)
