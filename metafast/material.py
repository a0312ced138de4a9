"""Linear elastic base material of the pixels (section 3.2)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from metafast._base.checks import require_number
from metafast._base.typing import FloatArray


@dataclass(frozen=True)
class Material:
    """Isotropic linear elastic material, in any consistent units.

    Parameters
    ----------
    young : float
        Young's modulus E > 0; all stiffnesses and stresses scale with it.
    poisson : float
        Poisson's ratio nu, -1 < nu < 0.5 in plane strain and -1 < nu < 1 in plane stress; 0.49 is
        the paper's.
    plane : {"stress", "strain"}
        Plane stress or plane strain.

    Raises
    ------
    ValueError
        If a constant is out of range or `plane` is unknown.
    """

    young: float = 1.0
    poisson: float = 0.49
    plane: Literal["stress", "strain"] = "stress"

    def __post_init__(self) -> None:
        object.__setattr__(self, "young", require_number("young", self.young, above=0.0))
        if self.plane not in ("stress", "strain"):
            raise ValueError(f"plane is {self.plane!r}; use 'stress' or 'strain'")
        upper = 0.5 if self.plane == "strain" else 1.0
        poisson = require_number("poisson", self.poisson, above=-1.0, below=upper)
        object.__setattr__(self, "poisson", poisson)

    @property
    def stiffness(self) -> FloatArray:
        """Stiffness (3, 3) in Voigt order (11, 22, 12) with engineering shear."""
        e, nu = self.young, self.poisson
        if self.plane == "strain":
            e, nu = e / (1 - nu * nu), nu / (1 - nu)
        factor = e / (1 - nu * nu)
        return factor * np.array([[1.0, nu, 0.0], [nu, 1.0, 0.0], [0.0, 0.0, (1 - nu) / 2]])
