"""Full-resolution solution of an assembled structure, one element per pixel (section 5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from metafast._base.checks import (
    as_array,
    require_flag,
    require_kinematics,
    require_progress,
    require_threads,
)
from metafast._base.jit import numba_threads
from metafast._base.progress import Progress, silent
from metafast._base.typing import Kinematics
from metafast.material import Material
from metafast.phases import Phases
from metafast.problems.problem import Problem
from metafast.problems.symmetry import Symmetry
from metafast.structure.body import prepare
from metafast.structure.factorise import Clock, factorise
from metafast.structure.finite.laws import (
    LawName,
    require_law,
)
from metafast.structure.finite.response import read_out_finite, require_start
from metafast.structure.finite.solve import solve_finite
from metafast.structure.response import StructureResponse, read_out
from metafast.structure.target_adjoints import TargetAdjoints

_ANY = Symmetry(x=True, y=True)


def solve_structure(
    pixels: Any,
    problem: Problem,
    phases: Phases | Material | None = None,
    *,
    kinematics: Kinematics = "linear",
    law: LawName = "neo-hookean",
    refine: int = 1,
    stresses: bool = False,
    start: Any = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> StructureResponse:
    """Solve the plane elasticity of a structure, one Q4 element per solid pixel.

    At finite deformation the body is followed from rest to the full load along stable equilibria;
    where it loses stability, it buckles. Contact is not modelled.

    A mirror-symmetric structure under symmetric loads is solved by its half or its quarter; at
    finite deformation as long as it does not buckle to one side.

    Void pixels are left out exactly. Parts that the supports do not hold are removed. Prescribed
    values are interpolated linearly between neighbouring macro nodes; a single prescribed macro
    node acts on the nearest solid node (`metafast.structure.supports`). Pixels that touch in a
    corner only do not carry load there (`metafast.structure.nodes`).

    Parameters
    ----------
    pixels : (rows*p, cols*p) binary array
        1 or True = solid, row 0 at the top; p pixels per cell side for the problem's rows x cols
        cells.
    problem : Problem
        Supports and targets at the macro nodes, in cell widths.
    phases : Phases or Material, optional
        Material of the solid pixels; `Material()` by default. The stiffness of void is not used.
    kinematics : {"linear", "finite"}
        linear: small displacements, as in the paper; finite: displacements of any size.
    law : {"neo-hookean", "st-venant-kirchhoff"}
        Law of the solid at finite deformation. St. Venant and Kirchhoff's softens in compression,
        where slender members may collapse.
    refine : int
        Split each pixel into refine x refine elements.
    stresses : bool
        Whether to compute the stress of every element; at finite deformation Cauchy's.
    start : (ny+1, nx+1, 2) array, optional
        Displacement of the nodes near the equilibrium at the full load, for instance that of a
        similar structure, NaN in its void: it is tried before the path from rest.
    threads : int, optional
        CPU threads; all available by default. The result does not depend on their number.
    progress : callable, optional
        Called as ``progress("structure", done, total, phase)`` as each phase begins.

    Returns
    -------
    StructureResponse

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or the pixels are not binary, do not fit the problem,
        are all void, or carry no load between the supports.
    NoEquilibriumError
        If no equilibrium is found beyond a share of the load.
    MemoryError
        If the system clearly does not fit into memory.
    KeyboardInterrupt
        On Ctrl-C.

    Warns
    -----
    RuntimeWarning
        If a target macro node has no solid node within half a cell: its displacement is NaN and
        the RRMSE infinite.
    """
    require_flag("stresses", stresses)
    require_progress(progress, noted=True)
    require_law(law)
    if start is not None:
        field = as_array("start", start)
        if field.ndim != 3:
            raise ValueError(
                f"start has shape {field.shape}; the nodal displacement (ny+1, nx+1, 2) of a "
                "response is needed"
            )
    given = _Given(pixels, [problem], phases, refine, threads, progress)
    if require_kinematics(kinematics) == "finite":
        return _solve_finite(given, _Finite(law, start), stresses=stresses)[0]
    return _solve(given, stresses=stresses)[0][0]


def solve_load_cases(
    pixels: Any,
    problems: Sequence[Problem],
    phases: Phases | Material | None = None,
    *,
    refine: int = 1,
    stresses: bool = False,
    threads: int | None = None,
    progress: Progress = silent,
) -> list[StructureResponse]:
    """Solve several problems that hold the same structure at the same places, from one factor.

    Displacements are small: only those of linear elasticity share a factor.

    Parameters
    ----------
    pixels : (rows*p, cols*p) binary array
        As in `solve_structure`.
    problems : sequence of Problem
        Problems that prescribe the same components of the same macro nodes, to different values.
    phases, refine, stresses, threads, progress
        As in `solve_structure`.

    Returns
    -------
    list of StructureResponse
        One for each problem.

    Raises
    ------
    ValueError
        If the supports differ, or as in `solve_structure`.
    """
    require_flag("stresses", stresses)
    require_progress(progress, noted=True)
    given = _Given(pixels, problems, phases, refine, threads, progress)
    return _solve(given, stresses=stresses)[0]


def solve_with_adjoints(
    pixels: Any,
    problem: Problem,
    phases: Phases | Material | None = None,
    *,
    kinematics: Kinematics = "linear",
    law: LawName = "neo-hookean",
    refine: int = 1,
    start: Any = None,
    symmetry: Symmetry | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> tuple[StructureResponse, TargetAdjoints]:
    """`solve_structure`, and the adjoint field of every target from the same factor.

    With a symmetry of the problem, of which the pixels are, the fields are the symmetric parts:
    they tell what changes in all images of a place cause.
    """
    mirrors = symmetry or Symmetry()
    given = _Given(pixels, [problem], phases, refine, threads, progress, mirrors)
    if require_kinematics(kinematics) == "finite":
        response, fields = _solve_finite(given, _Finite(law, start), adjoint=True)
        assert fields is not None
        return response, fields
    cases, adjoints = _solve(given, adjoint=True)
    assert adjoints is not None
    return cases[0], adjoints


class _Given(NamedTuple):
    """Arguments of a solution, not yet checked; see `solve_load_cases`."""

    pixels: Any
    problems: Sequence[Problem]
    phases: Phases | Material | None
    refine: int
    threads: int | None
    progress: Progress
    mirrors: Symmetry = _ANY  # to make use of, where the body has them

    @property
    def body(self) -> tuple[Any, Sequence[Problem], Phases | Material | None, int, Symmetry]:
        """Arguments of `prepare`."""
        return self.pixels, self.problems, self.phases, self.refine, self.mirrors


class _Finite(NamedTuple):
    """What a solution at finite deformation needs in addition."""

    law: LawName
    start: Any


def _solve_finite(
    given: _Given, finite: _Finite, *, stresses: bool = False, adjoint: bool = False
) -> tuple[StructureResponse, TargetAdjoints | None]:
    """Prepare the body, follow it to its load and read out the end."""
    threads = require_threads(given.threads)
    phases = ["supports", "assembly", "order", "load path", *["adjoints"] * adjoint, "solve"]
    clock = Clock(phases, given.progress)
    with numba_threads(threads):
        with clock.phase("supports"):
            body = prepare(*given.body)
            start = require_start(finite.start, body)
        solution = solve_finite(
            body,
            finite.law,
            threads,
            clock,
            start=start,
            adjoint=adjoint,
            progress=given.progress,
        )
        with clock.phase("solve"):
            response = read_out_finite(body, solution, finite.law, stresses=stresses)
    clock.stop()
    memory = solution.factor_memory
    return replace(response, timings=clock.seconds, factor_memory=memory), solution.adjoints


def _solve(
    given: _Given, *, stresses: bool = False, adjoint: bool = False
) -> tuple[list[StructureResponse], TargetAdjoints | None]:
    """Prepare the body, factorise it once and read out every load case."""
    threads = require_threads(given.threads)
    phases = ["supports", "assembly", "order", "factor", *["adjoints"] * adjoint, "solve"]
    clock = Clock(phases, given.progress)
    with numba_threads(threads):
        with clock.phase("supports"):
            body = prepare(*given.body)
        solution = factorise(body, threads, clock, adjoint=adjoint)
        responses: list[StructureResponse] = []
        with clock.phase("solve"):
            for case in range(len(body.cases)):  # no comprehension: it would shift the warning
                response = read_out(body, case, solution.columns[:, case], stresses=stresses)
                responses.append(response)
    clock.stop()
    memory = solution.factor_memory
    responses = [replace(r, timings=clock.seconds, factor_memory=memory) for r in responses]
    return responses, solution.adjoints
