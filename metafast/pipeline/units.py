"""Real units of a design: mm and N in place of cell widths and stiffnesses relative to E."""

from __future__ import annotations

from dataclasses import dataclass

from metafast._base.checks import require_number


@dataclass(frozen=True)
class Units:
    """Young's modulus of the solid in MPa, side of a cell and thickness in mm; None if unknown.

    Parameters
    ----------
    young : float, optional
    cell_size : float, optional
    thickness : float, optional

    Raises
    ------
    ValueError
        If one is not above 0.
    """

    young: float | None = None
    cell_size: float | None = None
    thickness: float | None = None

    def __post_init__(self) -> None:
        for name in ("young", "cell_size", "thickness"):
            if (value := getattr(self, name)) is not None:
                object.__setattr__(self, name, require_number(name, value, above=0.0))

    @property
    def force(self) -> float | None:
        """Newtons of the force that a relative Young's modulus of 1 gives; None if unknown.

        Forces are computed per thickness, with E = 1 and in cell widths.
        """
        if self.young is None or self.cell_size is None or self.thickness is None:
            return None
        return self.young * self.cell_size * self.thickness
