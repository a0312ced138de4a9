"""Displacement of an assembled structure with every pixel an element (section 5.2)."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from metafast._base.checks import require_count, require_threads
from metafast._base.jit import numba_threads
from metafast._base.stages import peak_memory
from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.phases import Phases, require_void
from metafast.problems.problem import Problem
from metafast.structure.adjoint import TargetAdjoints
from metafast.structure.factor import StructureBackend, checked_backend, pixel_factor
from metafast.structure.forces import forces_on, nodal_forces
from metafast.structure.input import require_load_cases, require_pixels
from metafast.structure.memory import require_memory
from metafast.structure.nodes import corner_contacts, node_codes, number_free, spread
from metafast.structure.readout import macro_displacement
from metafast.structure.response import StructureResponse
from metafast.structure.stencils import node_stencils
from metafast.structure.stresses import pixel_stresses
from metafast.structure.supports import support


def solve_structure(
    pixels: Any,
    problem: Problem,
    phases: Phases | Material | None = None,
    *,
    refine: int = 1,
    stresses: bool = False,
    order: bool = True,
    backend: StructureBackend | None = None,
    threads: int | None = None,
) -> StructureResponse:
    """Solve the plane elasticity of a structure, one Q4 element per solid pixel.

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
        Of the solid pixels; `Material()` by default.
    refine : int
        Split each pixel into refine x refine elements.
    stresses : bool
        Whether to compute the stress of every element.
    order : bool
        Eliminate by geometric nested dissection; False leaves the order to the solver, which then
        is one of the others.
    backend : {"multifrontal", "pardiso", "superlu"}, optional
        Direct solver; our own by default. The others run on one thread, and take several times the
        memory.
    threads : int, optional
        By default all that the process may use. The result does not depend on it.

    Returns
    -------
    StructureResponse

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, or the pixels are not binary, do not fit the problem,
        are all void, or carry no load between the supports.
    MemoryError
        If the system clearly does not fit into memory.

    Warns
    -----
    RuntimeWarning
        If a wanted macro node has no solid node within half a cell: its displacement is NaN and
        the RRMSE infinite.
    """
    cases = _solve(pixels, [problem], phases, refine, stresses, order, backend, threads, False)
    return cases[0][0]


def solve_load_cases(
    pixels: Any,
    problems: Sequence[Problem],
    phases: Phases | Material | None = None,
    *,
    refine: int = 1,
    stresses: bool = False,
    threads: int | None = None,
) -> list[StructureResponse]:
    """Solve several problems that hold the same structure at the same places, from one factor.

    Parameters
    ----------
    problems : sequence of Problem
        They prescribe the same components of the same macro nodes, to different values.
    pixels, phases, refine, stresses, threads
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
    return _solve(pixels, problems, phases, refine, stresses, True, None, threads, False)[0]


def solve_with_adjoints(
    pixels: Any,
    problem: Problem,
    phases: Phases | Material | None = None,
    *,
    refine: int = 1,
    threads: int | None = None,
) -> tuple[StructureResponse, TargetAdjoints]:
    """`solve_structure`, and the adjoint field of every target from the same factor."""
    cases, adjoints = _solve(pixels, [problem], phases, refine, False, True, None, threads, True)
    assert adjoints is not None
    return cases[0], adjoints


def _solve(
    pixels: Any,
    problems: Sequence[Problem],
    phases: Phases | Material | None,
    refine: int,
    stresses: bool,
    order: bool,
    backend: StructureBackend | None,
    threads: int | None,
    adjoint: bool,
) -> tuple[list[StructureResponse], TargetAdjoints | None]:
    timings: dict[str, float] = {}
    start = clock = time.perf_counter()

    def tick(phase: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        timings[phase], clock = now - clock, now

    problems = require_load_cases(problems)
    problem, backend = problems[0], checked_backend(backend, order)
    material = require_void(phases).solid
    refine, threads = require_count("refine", refine), require_threads(threads)
    image, side = require_pixels(pixels, problem, refine)

    with numba_threads(threads):
        held = support(image, problem, side)
        fixed = np.isfinite(held.prescribed)
        fields = [np.where(fixed, held.prescribed, 0.0)]
        fields += [np.where(fixed, support(image, p, side).prescribed, 0.0) for p in problems[1:]]
        tick("supports")

        code, stencil = node_codes(held.solid), node_stencils(material)
        dof, unknowns = number_free(code, fixed)
        free_memory = require_memory(unknowns)
        solutions = np.zeros((unknowns, len(problems)))
        for k, field in enumerate(fields):
            solutions[:, k] = -nodal_forces(code, dof, stencil, field, np.zeros(unknowns))[0]
        tick("assembly")

        factor_memory, adjoints, columns = 0, None, len(problems)
        reserved = 2 * solutions.nbytes
        if adjoint:
            adjoints = TargetAdjoints.empty(problem, side, held.prescribed)
            columns, reserved = adjoints.COLUMNS, reserved + adjoints.workspace(unknowns)
        if free_memory is not None:
            free_memory -= reserved
        if unknowns:
            with pixel_factor(
                code, dof, unknowns, stencil, order, backend, free_memory, columns, threads
            ) as factor:
                tick("order")
                solutions = factor.solve(solutions)
                factor_memory = factor.memory
                tick("factor")
                if adjoints is not None:
                    adjoints.fill(factor, code, dof, problem)
                    tick("adjoints")
        cases = []
        supported = np.argwhere(fixed.any(axis=2))
        for case, field, column in zip(problems, fields, solutions.T, strict=True):
            solution = np.ascontiguousarray(column)
            force, largest, energy = nodal_forces(code, dof, stencil, field, solution)
            stress = np.zeros((0, 0, 3), np.float32), np.zeros((0, 0), np.float32)
            if stresses:
                stress = pixel_stresses(code, dof, field, solution, material, side)
            reactions = forces_on(code, dof, stencil, field, solution, supported)
            spread(code, dof, solution, field)
            macro = macro_displacement(field, code != 0, side)
            cases.append(
                StructureResponse(
                    displacement=macro,
                    rrmse=_rrmse(case, macro),
                    nodal_displacement=field,
                    solid=held.solid,
                    removed_parts=held.removed_parts,
                    removed_pixels=held.removed_pixels,
                    removed_share=held.removed_pixels / int(np.count_nonzero(image)),
                    corner_contacts=int(np.count_nonzero(corner_contacts(code))),
                    dofs=unknowns,
                    support_nodes=supported,
                    reactions=reactions,
                    stress=stress[0],
                    von_mises=stress[1],
                    energy=energy,
                    residual=float(np.abs(force).max(initial=0.0)) / (largest or 1.0),
                    timings=timings,
                    factor_memory=factor_memory,
                    peak_memory=peak_memory(),
                )
            )
        tick("solve")
    timings["total"] = time.perf_counter() - start
    return cases, adjoints


def _rrmse(problem: Problem, macro: FloatArray) -> float:
    missing = problem.wanted & ~np.isfinite(macro)
    if not missing.any():
        return problem.rrmse(macro)
    nodes = [tuple(int(i) for i in node[:2]) for node in np.argwhere(missing)]
    warnings.warn(
        f"{len(nodes)} wanted displacement(s) have no solid pixel within half a cell, the first at "
        f"macro node {nodes[0]}; they are NaN and the RRMSE is infinite",
        RuntimeWarning,
        stacklevel=4,
    )
    return float("inf")
