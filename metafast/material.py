"""Linear elastic base material of the pixels (section 3.2), and common materials by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from metafast._base.checks import (
    require_choice,
    require_number,
)
from metafast._base.typing import FloatArray

# Young's modulus in MPa and Poisson's ratio at room temperature and small strain. Plastics spread
# by a third and more with grade, printer and direction: measure your own where it matters.
_CONSTANTS = {
    # moduli: lower ends of table 6 in Heliyon 9 (2023) e15023, 10.1016/j.heliyon.2023.e15023;
    # the ratios are customary ones, no source that we know measured all three alike
    "PLA": (3000.0, 0.35),
    "PETG": (2000.0, 0.38),
    "ABS": (1800.0, 0.37),
    # sintered, 86 Shore A: data sheet of Shapeways (ISO 527); filaments go from 3 to 60 MPa. The
    # ratio is that of rubbers, 0.45 to 0.5
    "TPU": (60.0, 0.48),
    # PA 12, sintered: middle of the range in the same table; ratio of nylon as for the metals
    "nylon": (1650.0, 0.40),
    # Gere, Mechanics of Materials, table of elastic constants: middle of the ranges
    "aluminium": (70000.0, 0.33),
    "steel": (200000.0, 0.29),
    "titanium": (110000.0, 0.33),
}


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
        require_choice("plane", self.plane, ("stress", "strain"))
        upper = 0.5 if self.plane == "strain" else 1.0
        poisson = require_number("poisson", self.poisson, above=-1.0, below=upper)
        object.__setattr__(self, "poisson", poisson)

    @staticmethod
    def named(name: str, plane: Literal["stress", "strain"] = "stress") -> Material:
        """A common material, Young's modulus in MPa.

        Parameters
        ----------
        name : str
            A key of `NAMED`; upper and lower case are the same.
        plane : {"stress", "strain"}

        Raises
        ------
        ValueError
            If the name is unknown.
        """
        known = {each.lower(): constants for each, constants in _CONSTANTS.items()}
        if not isinstance(name, str) or name.lower() not in known:
            raise ValueError(
                f"the material {name!r} is not known; use one of {', '.join(NAMED)}, or give "
                "Young's modulus and Poisson's ratio"
            )
        return Material(*known[name.lower()], plane)

    @property
    def stiffness(self) -> FloatArray:
        """Stiffness (3, 3) in Voigt order (11, 22, 12) with engineering shear."""
        e, nu = self.young, self.poisson
        if self.plane == "strain":
            e, nu = e / (1 - nu * nu), nu / (1 - nu)
        factor = e / (1 - nu * nu)
        return factor * np.array([[1.0, nu, 0.0], [nu, 1.0, 0.0], [0.0, 0.0, (1 - nu) / 2]])


NAMED = tuple(_CONSTANTS)
"""Names of common materials, for `Material.named`."""
