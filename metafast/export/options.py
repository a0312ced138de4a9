"""Options of the export of a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from metafast._base.checks import (
    require_choice,
    require_count,
    require_flag,
    require_kinematics,
    require_number,
    require_text,
)
from metafast._base.typing import Kinematics
from metafast.export.deck import Order
from metafast.export.shape import PartPolicy


@dataclass(frozen=True)
class ExportOptions:
    """Sizes and choices for the files of a design.

    Parameters
    ----------
    cell_size : float, optional
        Side of a cell in mm; that of the design by default.
    thickness : float, optional
        Thickness in mm, for STL, 3MF and the input deck; that of the design by default.
    young : float, optional
        Young's modulus in MPa, for the input deck; that of the design by default.
    frame : float
        Width of a solid frame around the structure in mm, in STL, 3MF, SVG and DXF.
    base : float
        Height of a plate under the body in mm, in STL and 3MF.
    parts : {"one", "largest", "all"}
        What to do with a structure of several parts: refuse it, keep the largest, or keep all.
    deformed : bool
        Whether to write the deformed shape too, as STL, 3MF, SVG, DXF and VTU.
    least_width : float
        Least width of solid and void in mm; a design that is narrower somewhere is refused.
    allow_narrow : bool
        Whether to write it nevertheless.
    kinematics : {"finite", "linear"}, optional
        Step of the input deck, with NLGEOM or without; that of the design by default.
    order : {"linear", "quadratic"}
        Elements of the input deck: CPS4 or CPS8, CPE4 or CPE8 in plane strain.
    refine : int
        Elements per pixel side in the input deck.
    name : str, optional
        Name of the files without its ending; that of the problem by default.

    Raises
    ------
    ValueError
        If a length is not above 0 (frame, base and least width: below 0), or a choice is unknown.
    """

    cell_size: float | None = None
    thickness: float | None = None
    young: float | None = None
    frame: float = 0.0
    base: float = 0.0
    parts: PartPolicy = "one"
    deformed: bool = False
    least_width: float = 0.0
    allow_narrow: bool = False
    kinematics: Kinematics | None = None
    order: Order = "linear"
    refine: int = 1
    name: str | None = None

    def __post_init__(self) -> None:
        for name in ("cell_size", "thickness", "young"):
            if (value := getattr(self, name)) is not None:
                require_number(name, value, above=0.0)
        for name in ("frame", "base", "least_width"):
            require_number(name, getattr(self, name), above=0.0, below=1e9, closed=True)
        if self.kinematics is not None:
            require_kinematics(self.kinematics)
        for name, kind in (("parts", PartPolicy), ("order", Order)):
            require_choice(name, getattr(self, name), get_args(kind))
        for name in ("deformed", "allow_narrow"):
            require_flag(name, getattr(self, name))
        if self.name is not None:
            require_text("name", self.name)
        require_count("refine", self.refine)


Format = Literal["stl", "3mf", "svg", "dxf", "png", "vtu", "inp", "csv"]
FORMATS: tuple[Format, ...] = get_args(Format)
