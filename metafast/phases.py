"""The two phases of a cell: solid and void pixels, or pixels of two materials (section 3.2)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from metafast import q4
from metafast._base.checks import require_number
from metafast._base.typing import ByteArray, FloatArray
from metafast.material import Material

# default stiffness of void relative to the solid; full-resolution solutions leave void out
VOID = 1e-9
# least stiffness of void relative to the solid: for homogenized stiffness, and for displacements
LEAST_VOID, LEAST_VOID_FIELDS = 1e-12, 1e-10


@dataclass(frozen=True)
class Phases:
    """Materials of the solid and of the void pixels of a cell.

    Parameters
    ----------
    solid : Material
        Base material; E = 1, nu = 0.49, plane stress by default.
    void : float or Material
        Young's modulus of void relative to the solid, from 1e-12 to 1, at the solid's Poisson's
        ratio; or a second material, for cells of two materials.

    Raises
    ------
    ValueError
        If a phase is not a material, the two differ in `plane`, or their stiffnesses differ by
        more than float64 can resolve.
    """

    solid: Material = field(default_factory=Material)
    void: float | Material = VOID

    def __post_init__(self) -> None:
        if not isinstance(self.solid, Material):
            raise ValueError(f"solid is {self.solid!r}; a metafast.Material is needed")
        if isinstance(self.void, Material):
            if self.void.plane != self.solid.plane:
                raise ValueError(
                    f"solid is in plane {self.solid.plane} and void in plane {self.void.plane}; "
                    "both must be in the same"
                )
            self._check_ratio(LEAST_VOID)
        else:
            void = require_number("void", self.void, above=LEAST_VOID, below=1.0, closed=True)
            object.__setattr__(self, "void", void)

    @property
    def ratio(self) -> float:
        """Young's modulus of the void relative to the solid."""
        if isinstance(self.void, Material):
            return self.void.young / self.solid.young
        return self.void

    @property
    def stiffness(self) -> tuple[FloatArray, FloatArray]:
        """Element stiffness (8, 8) of a solid and of a void pixel."""
        solid = q4.stiffness(self.solid.stiffness)
        if isinstance(self.void, Material):
            return solid, q4.stiffness(self.void.stiffness)
        return solid, self.void * solid

    @property
    def matrices(self) -> FloatArray:
        """Element stiffness (phases, 8, 8) by which shares are multiplied.

        Void that is a fraction of the solid is a share of the solid, not a phase of its own.
        """
        solid, void = self.stiffness
        return np.stack([solid, void]) if isinstance(self.void, Material) else solid[None]

    def shares(self, elements: ByteArray) -> FloatArray:
        """Share (n, phases * elements) of each of `matrices` in binary elements."""
        if isinstance(self.void, Material):
            share = elements.astype(float)
            return np.concatenate([share, 1.0 - share], axis=1)
        return np.where(elements != 0, 1.0, self.void)

    def to_json(self) -> str:
        """The phases as one line of JSON, for the attributes of files."""
        void = asdict(self.void) if isinstance(self.void, Material) else self.void
        return json.dumps({"solid": asdict(self.solid), "void": void})

    @staticmethod
    def from_json(text: str) -> Phases:
        """Phases from the text that `to_json` returned."""
        data = json.loads(text)
        void = data["void"]
        return Phases(
            Material(**data["solid"]), Material(**void) if isinstance(void, dict) else void
        )

    def __str__(self) -> str:
        void = self.void if isinstance(self.void, Material) else f"void {self.void:g}"
        return f"{self.solid}, {void}"

    def _check_ratio(self, least: float) -> None:
        if not least <= self.ratio <= 1.0 / least:
            raise ValueError(
                f"void has a Young's modulus of {self.ratio:g} times the solid's; float64 needs a "
                f"ratio between {least:g} and {1.0 / least:g}"
            )


def require_phases(phases: Any, least: float = LEAST_VOID) -> Phases:
    """Return the phases that a public function was given, checked; the default for None.

    Solid parts that float in void are displaced by rounding errors of their forces divided by the
    stiffness of void. The stiffness of a cell depends on that little, displacements in full.

    Parameters
    ----------
    phases : Phases, Material or None
        A material alone is the solid, with the default void.
    least : float
        Least stiffness of void relative to the solid, and of the solid relative to the void.
    """
    if phases is None or isinstance(phases, Material):
        phases = Phases() if phases is None else Phases(phases)
    if not isinstance(phases, Phases):
        raise ValueError(
            f"phases is {phases!r}; a metafast.Phases or a metafast.Material is needed"
        )
    phases._check_ratio(least)
    return phases


def require_void(phases: Any, least: float = LEAST_VOID) -> Phases:
    """Return phases of one material and void, checked; a second material is refused."""
    checked = require_phases(phases, least)
    if isinstance(checked.void, Material):
        raise ValueError(
            f"phases have a second material, {checked.void}, where void is needed; use "
            "metafast.Phases(solid, void=1e-9)"
        )
    return checked
