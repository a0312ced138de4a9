"""Displacement of an assembled structure with every pixel an element (section 5.2)."""

from __future__ import annotations

import time
import warnings
from typing import Any

import numpy as np

from metafast._checks import require_cells, require_count, require_threads
from metafast._jit import numba_threads
from metafast._stages import peak_memory
from metafast._typing import BoolArray, FloatArray
from metafast.material import Material
from metafast.problems.problem import Problem
from metafast.structure.adjoint import TargetAdjoints
from metafast.structure.assembly import node_stencils
from metafast.structure.factor import StructureBackend, pixel_factor
from metafast.structure.forces import nodal_forces
from metafast.structure.memory import require_memory
from metafast.structure.nodes import corner_contacts, node_codes, number_free, spread
from metafast.structure.readout import macro_displacement
from metafast.structure.response import StructureResponse
from metafast.structure.supports import support


def solve_structure(
    pixels: Any,
    problem: Problem,
    material: Material | None = None,
    *,
    refine: int = 1,
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
    material : Material, optional
        Of the solid pixels; `Material()` by default.
    refine : int
        Split each pixel into refine x refine elements.
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
    return _solve(pixels, problem, material, refine, order, backend, threads, adjoint=False)[0]


def solve_with_adjoints(
    pixels: Any,
    problem: Problem,
    material: Material | None = None,
    *,
    threads: int | None = None,
) -> tuple[StructureResponse, TargetAdjoints]:
    """`solve_structure`, and the adjoint field of every target from the same factor."""
    response, adjoints = _solve(pixels, problem, material, 1, True, None, threads, adjoint=True)
    assert adjoints is not None
    return response, adjoints


def _solve(
    pixels: Any,
    problem: Problem,
    material: Material | None,
    refine: int,
    order: bool,
    backend: StructureBackend | None,
    threads: int | None,
    *,
    adjoint: bool,
) -> tuple[StructureResponse, TargetAdjoints | None]:
    timings: dict[str, float] = {}
    start = clock = time.perf_counter()

    def tick(phase: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        timings[phase], clock = now - clock, now

    if not isinstance(problem, Problem):
        raise ValueError(
            f"problem is a {type(problem).__name__}; a metafast.Problem is needed, for instance "
            "metafast.problems.bridge()"
        )
    material = Material() if material is None else material
    if not isinstance(material, Material):
        raise ValueError(f"material is {material!r}; a metafast.Material is needed")
    refine, threads = require_count("refine", refine), require_threads(threads)
    image, side = _require_pixels(pixels, problem, refine)

    with numba_threads(threads):
        held = support(image, problem, side)
        fixed = np.isfinite(held.prescribed)
        tick("supports")

        code, stencil = node_codes(held.solid), node_stencils(material)
        dof, unknowns = number_free(code, fixed)
        free_memory = require_memory(unknowns)
        displacement = np.where(fixed, held.prescribed, 0.0)
        solution = np.zeros(unknowns)
        rhs = -nodal_forces(code, dof, stencil, displacement, solution)[0]
        tick("assembly")

        factor_memory, adjoints = 0, None
        if adjoint:
            adjoints = TargetAdjoints.empty(problem, side, held.prescribed)
        if unknowns:
            with pixel_factor(
                code, dof, unknowns, stencil, order, backend, free_memory, adjoint, threads
            ) as factor:
                tick("order")
                solution = factor.solve(rhs)
                factor_memory = factor.memory
                tick("factor")
                if adjoints is not None:
                    adjoints.fill(factor, code, dof, problem)
                    tick("adjoints")
        force, reaction, energy = nodal_forces(code, dof, stencil, displacement, solution)
        spread(code, dof, solution, displacement)
        macro = macro_displacement(displacement, code != 0, side)
        tick("solve")
    timings["total"] = time.perf_counter() - start
    response = StructureResponse(
        displacement=macro,
        rrmse=_rrmse(problem, macro),
        nodal_displacement=displacement,
        solid=held.solid,
        removed_parts=held.removed_parts,
        removed_pixels=held.removed_pixels,
        removed_share=held.removed_pixels / int(np.count_nonzero(image)),
        corner_contacts=int(np.count_nonzero(corner_contacts(code))),
        dofs=unknowns,
        energy=energy,
        residual=float(np.abs(force).max(initial=0.0)) / (reaction or 1.0),
        timings=timings,
        factor_memory=factor_memory,
        peak_memory=peak_memory(),
    )
    return response, adjoints


def _require_pixels(pixels: Any, problem: Problem, refine: int) -> tuple[BoolArray, int]:
    """Binary image, refined, and the pixels per cell side."""
    cells = require_cells(pixels)
    if np.ndim(pixels) != 2:
        raise ValueError(
            f"pixels have shape {cells.shape}; one image (rows*p, cols*p) is needed, for instance "
            "cells laid out with numpy.block"
        )
    image = cells[0]
    sides = image.shape[0] / problem.rows, image.shape[1] / problem.cols
    if sides[0] != sides[1] or sides[0] % 1:
        raise ValueError(
            f"pixels have shape {image.shape}, which is {sides[0]:g} x {sides[1]:g} pixels for "
            f"each of the {problem.rows} x {problem.cols} cells of problem {problem.name!r}; a "
            "shape (rows*p, cols*p) with one whole p is needed: check the problem's size and "
            "whether rows and columns are swapped"
        )
    if not image.any():
        raise ValueError("pixels have no solid pixel (1 = solid); there is nothing to solve")
    solid = image.astype(bool)
    if refine > 1:
        # more nodes than pixels: a lower bound, before anything of that size is made
        require_memory(2 * int(np.count_nonzero(solid)) * refine**2)
        solid = solid.repeat(refine, axis=0).repeat(refine, axis=1)
    return solid, int(sides[0]) * refine


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
