"""Options of a design (section 5.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from metafast._base.checks import (
    changed_options,
    require_choice,
    require_count,
    require_flag,
    require_kinematics,
    require_number,
)
from metafast._base.typing import Kinematics
from metafast.properties.coordinates import CoordinateKind
from metafast.properties.space import require_nodes
from metafast.selection import LEAST_SIDE_SOLID
from metafast.structure.finite.laws import LawName, require_law

# defaults that depend on the kinematics
_CORRECTIONS = {"finite": 5, "linear": 2}  # before a closed loop
_PROPERTY_ROUNDS = 20  # before a finite closed loop
_ROUNDS, _ROUNDS_TO_TOLERANCE = 6, 20
_TOLERANCE = 0.01  # at finite deformation
_LEAST_STIFFNESS = 0.03  # at finite deformation
_NARROWER_SIDES = (0.3,)  # at finite deformation, where wide ones cannot do what is asked
_LEAST = {
    "candidates": 1,
    "refine": 1,
    "mesh": 1,
    "minimum_width": 0,
}
_LARGEST = {
    "edge_weight": np.inf,
    "geometric_weight": np.inf,
    "mechanical_weight": np.inf,
    "smoothing": np.inf,
}


@dataclass(frozen=True)
class DesignOptions:
    """Options of a design.

    The defaults are metafast's own for a database; `for_family` has those for a family and
    `metafast.PAPER` the paper's.

    Parameters
    ----------
    candidates : int
        Cells to choose from per element.
    selection : {"diverse", "nearest"}
        diverse: the best of clusters of similar shapes among the nearest cells, the paper's way;
        nearest: the nearest in properties.
    least_side_solid : float, optional
        Least share of solid on each of a cell's sides, in [0, 1]; 0 in the paper. Wide sides join
        well and halve the error at every pixel, but leave fewer cells. By default 0.5; for finite
        kinematics 0.3 where the macro optimum is out of reach without the cells that this
        adds (`side_floors`). `Design.options` has the value that was used.
    least_stiffness : float, optional
        Least C11, C22 and 5 C33 of a cell, relative to E. Among unlike neighbours, slender and
        hinged cells can behave very differently from their periodic lattice, and at finite
        deformation they collapse. By default 0.03 for finite kinematics and 0 for linear.
    mesh_error : float, optional
        Largest share by which one element per pixel may overstate a cell's stiffness; any by
        default (`metafast.database.mesh_errors`).
    inverse_above : float, optional
        Deviation of an optimal property from the nearest cell, in coordinates scaled to the
        database's ranges, above which cells are designed for it by inverse homogenization and
        join the candidates (section 4.2). By default the database's own cells have to do.
    edge_weight : float
        Weight of boundary mismatch relative to property deviation; 1 in the paper.
    geometric_weight, mechanical_weight : float
        Shares of touching solids and of boundary tractions in the boundary mismatch (Eq. 17).
    coordinates : {"log", "linear"}
        Property coordinates of all stages; linear in the paper.
    deviation : {"scaled", "plain"}
        How a candidate's deviation from its target is measured (Eq. 16). scaled: in the property
        coordinates, relative to the database's ranges; plain: C itself in units of E, the paper's.
    smoothing : float
        Radius of a filter of the property field, in cell widths; 0 in the paper. Similar neighbours
        fit better and stay closer to their periodic properties.
    follow_cells : bool
        Whether the optimum along a family's gradation goes on along the curve fitted to the
        family's cells, which deviate from it; not in the paper.
    property_rounds : int, optional
        Rounds of swaps by the cells' own properties before every pixel is solved, so that what the
        cells deviate from the macro optimum cancels. By default 20 before a closed loop for finite
        kinematics, otherwise none.
    correction_rounds : int, optional
        Redesigns with a target corrected by the remaining full-resolution error: swaps by
        properties where there are any, otherwise both stages anew. The best continues to the closed
        loop. By default 5 and 2 before a closed loop, for finite and linear kinematics.
    tolerance : float, optional
        RRMSE at every pixel at which the loops stop. By default 0.01 for finite kinematics, and
        none for linear.
    swap_rounds : int, optional
        Maximum number of closed-loop rounds. Each swaps cells by their effect at full resolution
        and solves every pixel again; 0 leaves the closed loop out. By default 20 with a tolerance,
        6 without.
    kinematics : {"finite", "linear"}
        finite: displacements of any size, in both stages; linear: small ones, as in the paper.
    law : {"neo-hookean", "st-venant-kirchhoff"}
        Law of the solid pixels at finite deformation.
    refine : int
        Elements per pixel side at full resolution, in the closed loop too. One element is too stiff
        in thin hinges, and the loop fits what it sees.
    fine_mesh : int, optional
        Elements per side of those of `refine` on a finer mesh that the closed loop is corrected by;
        1: none. By default 2 for finite kinematics and 1 for linear.
    mesh : int
        Macro elements per cell side.
    space_nodes : int
        Grid nodes per axis of the property space.
    minimum_width : int
        Least width of solid and void in the assembled picture, in pixels and across the borders of
        cells: solid is added before anything is solved, until it holds and no two pixels touch in a
        corner only. 0 leaves the pixels as the cells have them.
    symmetry : {"auto", "none"}
        auto: where body, supports, loads and targets are mirror images of themselves, so is the
        design, to the bit. Half or a quarter of the cells are then designed, and half or a quarter
        of the body is solved. In large bodies the closed loop comes further; in small ones it has
        less to choose from.

    Raises
    ------
    ValueError
        If an option is out of range.
    """

    candidates: int = 10
    selection: Literal["diverse", "nearest"] = "diverse"
    least_side_solid: float | None = None
    least_stiffness: float | None = None
    mesh_error: float | None = None
    inverse_above: float | None = None
    edge_weight: float = 0.1
    geometric_weight: float = 1.0
    mechanical_weight: float = 1.0
    coordinates: CoordinateKind = "log"
    deviation: Literal["scaled", "plain"] = "scaled"
    smoothing: float = 1.5
    follow_cells: bool = True
    property_rounds: int | None = None
    correction_rounds: int | None = None
    tolerance: float | None = None
    swap_rounds: int | None = None
    kinematics: Kinematics = "finite"
    law: LawName = "neo-hookean"
    refine: int = 1
    fine_mesh: int | None = None
    mesh: int = 1
    space_nodes: int = 24
    minimum_width: int = 0
    symmetry: Literal["none", "auto"] = "auto"

    def __post_init__(self) -> None:
        require_choice("selection", self.selection, ("nearest", "diverse"))
        require_choice("coordinates", self.coordinates, ("log", "linear"))
        require_choice("deviation", self.deviation, ("scaled", "plain"))
        require_choice("symmetry", self.symmetry, ("none", "auto"))
        self._set("follow_cells", require_flag("follow_cells", self.follow_cells))
        require_kinematics(self.kinematics)
        require_law(self.law)
        for name, least in _LEAST.items():
            self._set(name, require_count(name, getattr(self, name), least))
        for name, largest in _LARGEST.items():
            value = getattr(self, name)
            self._set(name, require_number(name, value, above=0, below=largest, closed=True))
        self._set("space_nodes", require_nodes("space_nodes", self.space_nodes))
        for name in ("property_rounds", "correction_rounds", "swap_rounds"):
            if (rounds := getattr(self, name)) is not None:
                self._set(name, require_count(name, rounds, 0))
        if self.fine_mesh is not None:
            self._set("fine_mesh", require_count("fine_mesh", self.fine_mesh))
        if (floor := self.least_stiffness) is not None:
            floor = require_number("least_stiffness", floor, above=0.0, below=1.0, closed=True)
            self._set("least_stiffness", floor)
        if (share := self.least_side_solid) is not None:
            share = require_number("least_side_solid", share, above=0.0, below=1.0, closed=True)
            self._set("least_side_solid", share)
        for name in ("mesh_error", "inverse_above", "tolerance"):
            if (error := getattr(self, name)) is not None:
                self._set(name, require_number(name, error, above=0.0, closed=True))

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    @staticmethod
    def for_family(**changes: Any) -> DesignOptions:
        """Defaults for the cells of a family: the nearest in properties, all cells as they are."""
        own = DesignOptions(selection="nearest", least_side_solid=0.0, least_stiffness=0.0)
        return own.changed(**changes)

    def changed(self, **changes: Any) -> DesignOptions:
        """The options with single ones changed.

        Raises
        ------
        ValueError
            If an option is out of range.
        TypeError
            If one is unknown.
        """
        return changed_options("design", self, changes)

    @property
    def corrections(self) -> int:
        """Number of redesigns with a corrected target, the default resolved."""
        if self.correction_rounds is not None:
            return self.correction_rounds
        return _CORRECTIONS[self.kinematics] if self.rounds else 0

    @property
    def own_rounds(self) -> int:
        """Number of rounds of swaps by properties at most, the default resolved."""
        if self.property_rounds is not None:
            return self.property_rounds
        return _PROPERTY_ROUNDS if self.rounds and self.kinematics == "finite" else 0

    @property
    def rounds(self) -> int:
        """Number of closed-loop rounds at most, the default resolved."""
        if self.swap_rounds is not None:
            return self.swap_rounds
        return _ROUNDS_TO_TOLERANCE if self.goal else _ROUNDS

    @property
    def goal(self) -> float:
        """Error at which the loops stop, the default resolved; 0 if they do not."""
        if self.tolerance is not None:
            return self.tolerance
        return _TOLERANCE if self.kinematics == "finite" else 0.0

    @property
    def finer(self) -> int:
        """Elements of the finer mesh per side of those in the closed loop, the default resolved."""
        if self.fine_mesh is not None:
            return self.fine_mesh
        return 2 if self.kinematics == "finite" else 1

    @property
    def side_floors(self) -> tuple[float, ...]:
        """Least shares of solid on the sides of cells to try, one after the other, resolved."""
        if self.least_side_solid is not None:
            return (self.least_side_solid,)
        narrower = _NARROWER_SIDES if self.kinematics == "finite" else ()
        return (LEAST_SIDE_SOLID, *narrower)

    @property
    def stiffness_floor(self) -> float:
        """Least stiffness of a cell, the default resolved."""
        if self.least_stiffness is not None:
            return self.least_stiffness
        return _LEAST_STIFFNESS if self.kinematics == "finite" else 0.0


PAPER = DesignOptions(
    candidates=10,
    selection="diverse",
    least_side_solid=0.0,
    least_stiffness=0.0,
    edge_weight=1.0,
    geometric_weight=1.0,
    mechanical_weight=1.0,
    coordinates="linear",
    deviation="plain",
    smoothing=0.0,
    follow_cells=False,
    property_rounds=0,
    correction_rounds=0,
    swap_rounds=0,
    kinematics="linear",
    refine=1,
    fine_mesh=1,
    mesh=1,
    symmetry="none",
)
"""The paper's options: linear kinematics and coordinates, no filter, every cell, no feedback.

With ``encoder="default"`` candidates are clustered by latents, as in the paper; for a family add
``selection="nearest", candidates=1``. What differs from the paper all the same is in the theory,
"Departures from the paper".
"""
