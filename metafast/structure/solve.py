"""Displacement of an assembled structure with every pixel an element (section 5.2)."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._checks import require_cells, require_count
from metafast._typing import AnyArray, BoolArray, ByteArray, FloatArray
from metafast.linear_solver import Backend, SymmetricFactor
from metafast.material import Material
from metafast.problems.problem import Problem
from metafast.structure.assembly import (
    assemble_upper,
    nodal_forces,
    node_codes,
    node_stencils,
    number_free,
)
from metafast.structure.memory import peak_memory, require_memory
from metafast.structure.nested_dissection import dissection_order
from metafast.structure.readout import macro_displacement
from metafast.structure.supports import support


@dataclass(frozen=True, eq=False)
class StructureResponse:
    """How the pixels of a structure move.

    Grids follow the print: row 0 is the top; component 0 is u_x to the right, component 1 is u_y
    upward. Pixel node (i, j) is the upper left corner of pixel (i, j)::

        node (0, 0) --- node (0, 1) ---        macro node (r, c) is pixel node (r p, c p),
             |  pixel (0, 0)  |                p pixels per cell side
        node (1, 0) --- node (1, 1) ---

    Parameters
    ----------
    displacement : (rows+1, cols+1, 2) float array
        At the macro nodes, in cell widths: the affine least-squares fit to the solid nodes within
        half a cell; NaN where there are none.
    rrmse : float
        ``||gamma*u - u_t|| / ||u_t||`` over the wanted degrees of freedom; infinite if one of them
        has no solid node within half a cell.
    nodal_displacement : (ny+1, nx+1, 2) float array
        At the pixel nodes, in cell widths; NaN at void nodes.
    solid : (ny, nx) bool array
        Pixels that were analysed: those given, refined, without floating parts.
    removed_parts, removed_pixels : int
        Floating parts, and their pixels (counted after refinement).
    removed_share : float
        Floating share of the solid pixels.
    dofs, nonzeros : int
        Free degrees of freedom; entries of the upper triangle of their stiffness.
    energy : float
        Strain energy ``u K u / 2`` per thickness, in units of E times a cell's area.
    residual : float
        Largest unbalanced nodal force relative to the largest reaction.
    timings : dict of str to float
        Seconds of the phases: supports, assembly, order, factor, solve, total.
    factor_memory : int
        Bytes of the factor.
    peak_memory : int or None
        Largest resident size of the process so far in bytes, None where the system does not tell.
    """

    displacement: FloatArray
    rrmse: float
    nodal_displacement: FloatArray
    solid: BoolArray
    removed_parts: int
    removed_pixels: int
    removed_share: float
    dofs: int
    nonzeros: int
    energy: float
    residual: float
    timings: dict[str, float]
    factor_memory: int
    peak_memory: int | None


def solve_structure(
    pixels: Any,
    problem: Problem,
    material: Material | None = None,
    *,
    refine: int = 1,
    order: bool = True,
    backend: Backend | None = None,
) -> StructureResponse:
    """Solve the plane elasticity of a structure, one Q4 element per solid pixel.

    Void pixels are left out exactly. Parts that the supports do not hold are removed. Prescribed
    values are interpolated linearly between neighbouring macro nodes; a single prescribed macro
    node acts on the nearest solid node (`metafast.structure.supports`).

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
        Eliminate by geometric nested dissection; False leaves the order to the solver.
    backend : {"pardiso", "superlu"}, optional
        Direct solver; the best installed one by default.

    Returns
    -------
    StructureResponse

    Raises
    ------
    ValueError
        If the pixels are not binary, do not fit the problem, are all void, or carry no load between
        the supports.
    MemoryError
        If the system clearly does not fit into memory.

    Warns
    -----
    RuntimeWarning
        If a wanted macro node has no solid node within half a cell: its displacement is NaN and
        the RRMSE infinite.
    """
    timings: dict[str, float] = {}
    start = clock = time.perf_counter()

    def tick(phase: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        timings[phase], clock = now - clock, now

    material = Material() if material is None else material
    refine = require_count("refine", refine)
    image, side = _require_pixels(pixels, problem, refine)
    given = int(np.count_nonzero(image))

    held = support(image, problem, side)
    fixed = np.isfinite(held.prescribed)
    tick("supports")

    code, stencil = node_codes(held.solid), node_stencils(material)
    dof = number_free(code, fixed)
    unknowns = int(dof.max(initial=-1)) + 1
    free_memory = require_memory(unknowns)
    displacement = np.where(fixed, held.prescribed, 0.0)
    force = np.empty_like(displacement)
    nodal_forces(code, stencil, displacement, force)
    free = dof >= 0
    rhs = -force[free]
    upper = assemble_upper(code, dof, stencil) if unknowns else None
    nonzeros = 0 if upper is None else int(upper.nnz)
    tick("assembly")

    elimination = dissection_order(dof) if order else None
    tick("order")

    factor_memory = 0
    del dof
    if upper is not None:
        factor = SymmetricFactor(
            upper, order=elimination, backend=backend, memory_limit=free_memory
        )
        tick("factor")
        with factor:
            displacement[free] = factor.solve(rhs)
            factor_memory = factor.memory
    else:
        tick("factor")
    nodal_forces(code, stencil, displacement, force)
    energy = 0.5 * float(np.vdot(displacement, force))
    residual = _relative(force, free)
    active = code != 0
    macro = macro_displacement(displacement, active, side)
    displacement[~active] = np.nan
    tick("solve")
    timings["total"] = time.perf_counter() - start
    return StructureResponse(
        displacement=macro,
        rrmse=_rrmse(problem, macro),
        nodal_displacement=displacement,
        solid=held.solid,
        removed_parts=held.removed_parts,
        removed_pixels=held.removed_pixels,
        removed_share=held.removed_pixels / given,
        dofs=unknowns,
        nonzeros=nonzeros,
        energy=energy,
        residual=residual,
        timings=timings,
        factor_memory=factor_memory,
        peak_memory=peak_memory(),
    )


def _require_pixels(pixels: Any, problem: Problem, refine: int) -> tuple[BoolArray, int]:
    """Binary image, refined, and the pixels per cell side."""
    array = np.asarray(pixels)
    if array.ndim != 2:
        raise ValueError(
            f"pixels have shape {array.shape}; one image (rows*p, cols*p) is needed, for instance "
            "cells laid out with numpy.block"
        )
    image: ByteArray = require_cells(array)[0]
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
        solid = solid.repeat(refine, axis=0).repeat(refine, axis=1)
    return solid, int(sides[0]) * refine


def _relative(force: FloatArray, free: AnyArray) -> float:
    reaction = np.abs(force[~free]).max(initial=0.0)
    unbalanced = np.abs(force[free]).max(initial=0.0)
    return float(unbalanced / reaction) if reaction > 0 else float(unbalanced)


def _rrmse(problem: Problem, macro: FloatArray) -> float:
    missing = problem.wanted & ~np.isfinite(macro)
    if not missing.any():
        return problem.rrmse(macro)
    nodes = [tuple(int(i) for i in node[:2]) for node in np.argwhere(missing)]
    warnings.warn(
        f"{len(nodes)} wanted displacement(s) have no solid pixel within half a cell, the first at "
        f"macro node {nodes[0]}; they are NaN and the RRMSE is infinite",
        RuntimeWarning,
        stacklevel=3,
    )
    return float("inf")
