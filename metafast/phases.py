"""The two phases of a cell: solid and void pixels, or pixels of two materials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast import q4
from metafast._base.checks import require_number
from metafast._base.typing import ByteArray, FloatArray
from metafast.material import Material

VOID_STIFFNESS = 1e-9


# softest void, relative to the solid: for the stiffness alone, and where displacements matter
SOFTEST, SOFTEST_FIELDS = 1e-12, 1e-10


@dataclass(frozen=True)
class Phases:
    """The materials of solid and void pixels.

    Attributes
    ----------
    solid : Material
    void : Material or None
        None: the solid's stiffness times `ratio`.
    ratio : float
    """

    solid: Material
    void: Material | None
    ratio: float

    @property
    def stiffness(self) -> tuple[FloatArray, FloatArray]:
        """Element stiffness (8, 8) of a solid and of a void pixel."""
        solid = q4.stiffness(self.solid.stiffness)
        if self.void is None:
            return solid, self.ratio * solid
        return solid, q4.stiffness(self.void.stiffness)

    @property
    def matrices(self) -> FloatArray:
        """Element stiffness (phases, 8, 8) that the shares belong to."""
        solid, void = self.stiffness
        return solid[None] if self.void is None else np.stack([solid, void])

    def shares(self, elements: ByteArray) -> FloatArray:
        """Share (n, phases * elements) of each of `matrices` in binary elements."""
        if self.void is None:
            return np.where(elements != 0, 1.0, self.ratio)
        share = elements.astype(float)
        return np.concatenate([share, 1.0 - share], axis=1)


def require_material(name: str, material: Any) -> Material | None:
    """Return `material`, checked; None stays None."""
    if material is not None and not isinstance(material, Material):
        raise ValueError(f"{name} is {material!r}; a metafast.Material is needed")
    return material


def require_phases(
    material: Any, void_stiffness: Any, void_material: Any, softest: float = SOFTEST
) -> Phases:
    """The two materials that the public functions of this folder take, checked.

    Solid parts that float in void move by forces that rounding makes, divided by the stiffness of
    void: the stiffness of a cell feels that little, displacements feel it fully.
    """
    solid = require_material("material", material) or Material()
    ratio = require_number("void_stiffness", void_stiffness, above=softest, below=1.0, closed=True)
    void = require_material("void_material", void_material)
    if void is None:
        return Phases(solid, None, ratio)
    if void.plane != solid.plane:
        raise ValueError(
            f"material is in plane {solid.plane} and void_material in plane {void.plane}; both "
            "must be in the same"
        )
    if ratio != VOID_STIFFNESS:
        raise ValueError("both void_stiffness and void_material are given; leave one of them out")
    if not softest <= void.young / solid.young <= 1.0 / softest:
        raise ValueError(
            f"void_material has young {void.young:g} and material {solid.young:g}; float64 needs "
            f"a ratio between {softest:g} and {1.0 / softest:g}"
        )
    return Phases(solid, void, ratio)
