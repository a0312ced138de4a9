"""Design problem: body of cells, supports, loads and target displacements (section 5.1).

Macro nodes are the corners of the cells, laid out as the cells are: node (r, c) is r cells below
the top and c cells from the left. Component 0 is u_x (to the right), component 1 is u_y (upward).
NaN marks free components in `prescribed` and components without a target in `target`. Lengths are
in cell widths.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from metafast._base.checks import (
    as_array,
    require_array,
    require_choice,
    require_flag,
)
from metafast._base.typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.problems.body import CellKind, nodes_of, require_body, require_given
from metafast.problems.loads import require_nodal, require_tractions
from metafast.problems.objective import OBJECTIVES, Objective, require_objective, require_share
from metafast.problems.supports import require_apart, require_displacements, require_held
from metafast.problems.target_error import TargetError
from metafast.problems.targets import require_copies, require_weights


@dataclass(frozen=True, eq=False)
class Problem:
    """Supports, loads and target displacements of `rows` x `cols` cells (section 5.1, Eq. 8).

    Parameters
    ----------
    name : str
        Short name, used for files and titles.
    prescribed : (rows+1, cols+1, 2) float array
        Displacements that supports impose on macro nodes; NaN where free. Values of a component
        are interpolated linearly between neighbouring nodes of a cell that both prescribe it.
    target : (rows+1, cols+1, 2) float array, optional
        Target displacements u_t; NaN where there is none (gamma = 0). None are needed for
        compliance.
    body : (rows, cols) int array, optional
        Kinds of the cells (`CellKind`): -1 absent, 0 designed, 1 solid, 2 + k the k-th given cell.
        By default all cells are designed, and a body without any other becomes None.
    given : (k, p, p) array, optional
        Binary pixels of passive cells, 1 = solid, row 0 at the top; as many pixels as the
        database's cells have.
    forces : (rows+1, cols+1, 2) array, optional
        Forces on macro nodes per thickness, in units of E times a cell's width; 0 where none.
    tractions : (rows, cols, 4, 2) array, optional
        Forces per length and thickness, in units of E, on the left, right, top and bottom side of
        each cell (`metafast.problems.loads.SIDES`); 0 where none. Only sides on the boundary of the
        body, those of holes among them, can be loaded.
    springs : (rows+1, cols+1, 2) array, optional
        Stiffness of springs from macro nodes to the ground per thickness, in units of E; 0 where
        none. They hold as supports do.
    weights : (rows+1, cols+1, 2) array, optional
        Weights of the targets' squared errors, positive where there is a target; 1 by default.
    cases : sequence of str
        Names of the load cases, where there are several: `metafast.load_cases` makes such problems
        of several bodies side by side. Empty for one case.
    worst : bool
        Whether the error is that of the worst load case.
    objective : {"displacement", "compliance"}
        Squared relative error of the target displacements, or the work of the loads
        (`metafast.problems.objective`).
    compliance_weight : float
        Weight of compliance that is added to the squared error; 0 for none.
    solid_share : float, optional
        Bound on the mean share of solid in the designed cells; none by default.

    Raises
    ------
    ValueError
        If shapes disagree, a part of the body is free to move rigidly, there is no target, a
        target is prescribed, cells touch only at a corner, a support, target or load belongs to no
        cell, a stiffness is negative, a force or spring acts on a prescribed displacement, or
        compliance is asked for without forces or with moved supports.
    """

    name: str
    prescribed: FloatArray
    target: FloatArray = field(default_factory=lambda: np.empty(0))
    body: IntArray | None = None
    given: ByteArray | None = None
    forces: FloatArray | None = None
    tractions: FloatArray | None = None
    springs: FloatArray | None = None
    weights: FloatArray | None = None
    cases: tuple[str, ...] = ()
    worst: bool = False
    objective: Objective = "displacement"
    compliance_weight: float = 0.0
    solid_share: float | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name.isprintable() or not self.name.strip():
            raise ValueError(f"the problem's name is {self.name!r}; printable text is needed")
        object.__setattr__(self, "prescribed", require_array("prescribed", self.prescribed))
        target = require_array("target", [] if self.target is None else self.target)
        if not target.size:
            target = np.full_like(self.prescribed, np.nan)
        object.__setattr__(self, "target", target)
        require_choice("objective", self.objective, OBJECTIVES)
        require_displacements(self.name, self.prescribed, self.target)
        if not self.wanted.any() and self.objective != "compliance":
            raise ValueError(f"problem {self.name!r} has no target: set at least one displacement")
        require_apart(self.name, self.prescribed, self.target)
        self._check_body()
        self._check_loads()
        checked = require_weights(self.name, self.weights, self.wanted)
        object.__setattr__(self, "weights", checked)
        require_flag("worst", self.worst)
        object.__setattr__(self, "cases", require_copies(self.name, self.cases, self.kinds))
        held = self.fixed if self.springs is None else self.fixed | (self.springs > 0.0)
        require_held(self.name, held, self.present, whole=self.body is None)

    def __repr__(self) -> str:
        parts = [repr(self.name), f"{self.rows}x{self.cols} cells"]
        if self.cases:
            parts.append(f"{len(self.cases)} load cases")
        if count := int(self.wanted.sum()):
            parts.append(f"{count} targets")
        for name in ("forces", "tractions", "springs"):
            if getattr(self, name) is not None:
                parts.append(name)
        if self.objective == "compliance":
            parts.append("compliance")
        return f"Problem({', '.join(parts)})"

    def _check_body(self) -> None:
        """Check the kinds of the cells, and that supports and targets belong to cells."""
        given = require_given(self.name, self.given)
        count = 0 if given is None else len(given)
        body = require_body(self.name, self.body, count, (self.rows, self.cols))
        object.__setattr__(self, "given", given)
        object.__setattr__(self, "body", body)
        for kind, used in (("prescribed", self.fixed), ("a target", self.wanted)):
            lost = used & ~self.nodes[..., None]
            if lost.any():
                node = tuple(int(i) for i in np.argwhere(lost)[0])
                raise ValueError(
                    f"problem {self.name!r}: (node row, node column, component) {node} is {kind}, "
                    "but all cells around the node are absent; set it to NaN, or put a cell there"
                )

    def _check_loads(self) -> None:
        """Check loads, drop those that are all zero; check the objective, which they serve."""
        for name in ("forces", "springs"):
            checked = require_nodal(self.name, name, getattr(self, name), self.nodes, self.fixed)
            object.__setattr__(self, name, checked)
        tractions = require_tractions(self.name, self.tractions, self.present)
        object.__setattr__(self, "tractions", tractions)
        work = self.has_forces and not np.any(self.prescribed[self.fixed])
        weight = require_objective(self.name, self.objective, self.compliance_weight, work=work)
        object.__setattr__(self, "compliance_weight", weight)
        object.__setattr__(self, "solid_share", require_share(self.solid_share))

    @property
    def rows(self) -> int:
        """Number of cells from top to bottom."""
        return int(self.prescribed.shape[0] - 1)

    @property
    def cols(self) -> int:
        """Number of cells from left to right."""
        return int(self.prescribed.shape[1] - 1)

    @property
    def fixed(self) -> BoolArray:
        """Degrees of freedom with a prescribed displacement, (rows+1, cols+1, 2) booleans."""
        return np.isfinite(self.prescribed)

    @property
    def wanted(self) -> BoolArray:
        """Degrees of freedom with a target (gamma in Eq. 8), (rows+1, cols+1, 2) booleans."""
        return np.isfinite(self.target)

    @property
    def kinds(self) -> IntArray:
        """Kinds (rows, cols) of the cells; see `CellKind`."""
        if self.body is None:
            return np.full((self.rows, self.cols), int(CellKind.DESIGNED))
        return self.body

    @property
    def designed(self) -> BoolArray:
        """Cells (rows, cols) that are to be designed."""
        return np.asarray(self.kinds == CellKind.DESIGNED)

    @property
    def present(self) -> BoolArray:
        """Cells (rows, cols) that are not absent."""
        return np.asarray(self.kinds != CellKind.ABSENT)

    @property
    def nodes(self) -> BoolArray:
        """Macro nodes (rows+1, cols+1) that belong to a cell."""
        return nodes_of(self.present)

    @property
    def has_forces(self) -> bool:
        """Whether forces or tractions act."""
        return self.forces is not None or self.tractions is not None

    def require_load(self) -> None:
        """Refuse a problem in which nothing moves.

        Raises
        ------
        ValueError
            If every support prescribes 0 and there are neither forces nor tractions.
        """
        if not self.has_forces and not np.any(self.prescribed[self.fixed]):
            raise ValueError(
                f"problem {self.name!r} has no load: all supports prescribe 0, so nothing moves; "
                "prescribe a displacement other than 0, or add forces"
            )

    def aiming_at(self, target: Any) -> Problem:
        """The same supports with another target (rows+1, cols+1, 2).

        Raises
        ------
        ValueError
            If the target does not fit the supports.
        """
        return replace(self, target=target)

    @property
    def copies(self) -> int:
        """Number of load cases, each of them a copy of the body."""
        return max(len(self.cases), 1)

    @property
    def period(self) -> int:
        """Columns of macro nodes, or of cells, from one copy of the body to the next."""
        return (self.cols + 1) // self.copies

    def one_body(self, pixels: AnyArray) -> AnyArray:
        """The first copy of the body, of pixels or cells (rows*p, cols*p)."""
        side = pixels.shape[1] // self.cols
        return pixels[:, : (self.period - 1) * side]

    def side_by_side(self, pixels: AnyArray) -> AnyArray:
        """Copies of one body's pixels (rows*p, columns), with nothing between them."""
        side = pixels.shape[0] // self.rows
        if not self.cases or pixels.shape[1] != (self.period - 1) * side:
            return pixels
        apart = np.pad(pixels, ((0, 0), (0, side)))
        return np.tile(apart, (1, self.copies))[:, :-side]

    @cached_property
    def target_error(self) -> TargetError:
        """Error of displacements of the wanted degrees of freedom."""
        wanted = self.wanted
        weights = None if self.weights is None else self.weights[wanted]
        case = np.nonzero(wanted)[1] // self.period
        return TargetError(self.target[wanted], weights, case, cases=self.copies, worst=self.worst)

    def rrmse(self, displacement: FloatArray) -> float:
        """Relative root mean square error ``||gamma*u - u_t|| / ||u_t||``; NaN without targets.

        With weights the squares are weighted; for the worst load case it is that of this case.

        Parameters
        ----------
        displacement : (rows+1, cols+1, 2) float array
            Displacement of the macro nodes.
        """
        if not self.wanted.any():
            return float("nan")
        target = self.target[self.wanted]
        residual = self._displacement(displacement)[self.wanted] - target
        if self.weights is not None or self.worst:
            return self.target_error.relative(residual)
        return float(np.linalg.norm(residual) / np.linalg.norm(target))

    def rrmse_by_case(self, displacement: FloatArray) -> dict[str, float]:
        """RRMSE of each load case by its name; a single one has the problem's name."""
        residual = self._displacement(displacement)[self.wanted] - self.target[self.wanted]
        errors = self.target_error.by_case(residual).tolist()
        return dict(zip(self.cases or (self.name,), errors, strict=True))

    def _displacement(self, displacement: Any) -> FloatArray:
        array = as_array("displacement", displacement)
        if array.shape != self.target.shape:
            raise ValueError(
                f"displacement has shape {array.shape}; {self.target.shape} is needed for problem "
                f"{self.name!r}"
            )
        return array
