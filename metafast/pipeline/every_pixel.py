"""Solved bodies: an assembly, its pixels, and their solution at full resolution (section 5.2)."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.progress import Progress, silent
from metafast._base.typing import ByteArray, FloatArray, Kinematics
from metafast.assembly.body_cells import body_pixels
from metafast.assembly.joining import join_sides
from metafast.assembly.tiling import Assembly
from metafast.assembly.widening import widened
from metafast.database import CellDatabase
from metafast.problems import Problem
from metafast.problems.symmetry import Symmetry
from metafast.structure import StructureResponse
from metafast.structure.finite.laws import LawName
from metafast.structure.finite.start import extended, prolonged
from metafast.structure.solve import solve_structure, solve_with_adjoints
from metafast.structure.supports import NotCarriedError
from metafast.structure.target_adjoints import TargetAdjoints


@dataclass(frozen=True, eq=False)
class SolvedBody:
    """An assembly, its pixels and their solution.

    Attributes
    ----------
    assembly : Assembly
    pixels : (rows*h, cols*w) array
        1 = solid, row 0 at the top; sides that the cells leave open are joined by bars.
    response : StructureResponse
    adjoints : TargetAdjoints or None
        Adjoint fields of the targets, where they were solved for.
    """

    assembly: Assembly
    pixels: ByteArray
    response: StructureResponse
    adjoints: TargetAdjoints | None = None


class BodySolver:
    """Full-resolution solver of the assemblies of one problem; decides on adjoint fields.

    At finite deformation a trial starts from the displacement of the body that was solved last.

    Parameters
    ----------
    problem : Problem
        Its supports and targets.
    database : CellDatabase
    kinematics, law, refine
        As in `metafast.solve_structure`.
    adjoints : bool
        Whether bodies are to be solved with adjoint fields at once. They cost more than a solution,
        and a second solution where they are asked for later.
    symmetry : Symmetry, optional
        Mirror symmetry of the assemblies, which their pixels then have to the bit.
    minimum_width : int
        Least width of solid and void in pixels (`metafast.assembly.widening`); 0 for any.
    threads : int, optional
    progress : callable, optional
        Called as ``progress("structure", done, total, phase)``.
    """

    def __init__(
        self,
        problem: Problem,
        database: CellDatabase,
        *,
        kinematics: Kinematics = "linear",
        law: LawName = "neo-hookean",
        refine: int = 1,
        adjoints: bool = False,
        symmetry: Symmetry | None = None,
        minimum_width: int = 0,
        threads: int | None = None,
        progress: Progress = silent,
    ) -> None:
        self._problem, self._database, self._adjoints = problem, database, adjoints
        self._options: dict[str, Any] = {
            "kinematics": kinematics,
            "law": law,
            "refine": refine,
            "threads": threads,
            "progress": progress,
        }
        self._symmetry, self._minimum_width = symmetry or Symmetry(), minimum_width
        self._is_finite = kinematics == "finite"
        self._last: FloatArray | None = None  # displacement of the last body that was solved

    def __call__(self, assembly: Assembly) -> SolvedBody:
        """Solve every pixel of an assembly.

        Raises
        ------
        ValueError
            If the body cannot carry the loads.
        MemoryError
            If it does not fit.
        """
        return self._solve(assembly, self.pixels(assembly), self._adjoints)

    def on_finer_mesh(self, body: SolvedBody, times: int) -> SolvedBody:
        """A body of a mesh `times` coarser, solved from its displacement there.

        Raises
        ------
        MemoryError
            If it does not fit.
        """
        start = None
        if self._is_finite:
            start = prolonged(extended(body.response.nodal_displacement), times)
        return self._solve(body.assembly, body.pixels, False, start)

    def trial(self, assembly: Assembly) -> SolvedBody | None:
        """Solve every pixel without adjoint fields; None if the body cannot carry the load."""
        pixels = self.pixels(assembly)
        try:
            with warnings.catch_warnings():
                # a target without solid makes the error infinite, and the body is rejected
                warnings.simplefilter("ignore", RuntimeWarning)
                start = None if self._last is None else extended(self._last)
                return self._solve(assembly, pixels, False, start)
        except (NotCarriedError, NoEquilibriumError, np.linalg.LinAlgError):
            return None

    def with_adjoints(self, body: SolvedBody) -> SolvedBody:
        """The body with the adjoint fields of the targets, solved again if it has none."""
        if body.adjoints is not None:
            return body
        start = body.response.nodal_displacement if self._is_finite else None
        return self._solve(body.assembly, body.pixels, True, start)

    def from_rest(self, body: SolvedBody) -> SolvedBody:
        """The body at the end of its own load path; trials start from the body before.

        A body can have several stable equilibria; the path tells which one the load leads to.
        """
        if not self._is_finite or not is_from_a_similar_body(body.response):
            return body
        return self._solve(body.assembly, body.pixels, False)

    def pixels(self, assembly: Assembly, minimum_width: int | None = None) -> ByteArray:
        """Pixels (rows*h, cols*w) of an assembly, with bars where sides do not meet.

        They have the solver's own minimum width unless another one is given.
        """
        width = self._minimum_width if minimum_width is None else minimum_width
        pixels = body_pixels(self._database, assembly.cells, self._problem)
        # where to put a bar can be a matter of order
        joined = np.asarray(self._symmetry.spread(join_sides(pixels, *assembly.cells.shape)))
        if not width:
            return joined
        side = joined.shape[0] // len(self._problem.designed)
        free = self._problem.designed.repeat(side, axis=0).repeat(side, axis=1)
        return widened(joined, width, free)

    def _solve(
        self,
        assembly: Assembly,
        pixels: ByteArray,
        adjoints: bool,
        start: FloatArray | None = None,
    ) -> SolvedBody:
        arguments = pixels, self._problem, self._database.phases
        options = self._options | {"start": start}
        if adjoints:
            response, fields = solve_with_adjoints(*arguments, **options, symmetry=self._symmetry)
        else:
            response, fields = solve_structure(*arguments, **options), None
        if self._is_finite:
            self._last = response.nodal_displacement
        return SolvedBody(assembly, pixels, response, fields)


def is_from_a_similar_body(response: StructureResponse) -> bool:
    """Whether a finite response began at another body's displacement instead of at rest."""
    return bool(response.path["load"][0] == 1.0)
