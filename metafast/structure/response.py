"""Response of a structure: displacements, reactions, stresses and checks."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from metafast._base.stages import peak_memory
from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray, Kinematics
from metafast.problems.problem import Problem
from metafast.structure.body import PixelBody
from metafast.structure.finite.path import STEPS
from metafast.structure.forces import forces_on, nodal_forces
from metafast.structure.nodes import corner_contacts, spread
from metafast.structure.readout import macro_displacement
from metafast.structure.stresses import largest_linear_strain, pixel_stresses


@dataclass(frozen=True, eq=False)
class StructureResponse:
    """Displacement of the pixels of a structure, and what follows from it.

    Grids follow the print: row 0 is the top; component 0 is u_x to the right, component 1 is u_y
    upward. Pixel node (i, j) is the upper left corner of pixel (i, j)::

        node (0, 0) --- node (0, 1) ---        macro node (r, c) is pixel node (r p, c p),
             |  pixel (0, 0)  |                p pixels per cell side
        node (1, 0) --- node (1, 1) ---

    Parameters
    ----------
    displacement : (rows+1, cols+1, 2) float array
        Displacement of the macro nodes in cell widths: the affine least-squares fit to the solid
        nodes within half a cell; NaN where there are none.
    rrmse : float
        ``||gamma*u - u_t|| / ||u_t||`` over the targets; infinite if one of them has no solid node
        within half a cell.
    nodal_displacement : (ny+1, nx+1, 2) float array
        Displacement of the pixel nodes in cell widths; NaN at void nodes. Where two pixels touch in
        a corner only, each moves by itself and the mean of the two is given.
    solid : (ny, nx) bool array
        Analysed pixels: the given ones, refined, without floating parts.
    removed_parts, removed_pixels : int
        Floating parts, and their pixels (counted after refinement).
    removed_share : float
        Floating share of the solid pixels.
    corner_contacts : int
        Nodes of `solid` where two pixels touch only at a corner. A point hinge cannot be printed:
        they carry no load and join nothing.
    dofs : int
        Free degrees of freedom.
    support_nodes : (k, 2) int array
        Pixel nodes (i, j) with a prescribed component.
    reactions : (k, 2) float array
        Forces per thickness that hold them there, in units of E times a cell's width; those of
        springs do not count.
    stress : (ny, nx, 3) float32 array
        Stress (11, 22, 12) at the centre of every pixel in units of E, zero in void; shape
        (0, 0, 3) if it was not requested.
    von_mises : (ny, nx) float32 array
        Equivalent stress; shape (0, 0) if it was not requested.
    energy : float
        Strain energy ``u K u / 2`` per thickness, in units of E times a cell's area; at finite
        deformation the integral of the law's energy.
    residual : float
        Largest unbalanced nodal force relative to the largest reaction, or to the largest load or
        spring force as spread over a cell's side.
    spring_energy : float
        Energy of the springs, in the same units as `energy`.
    work : float
        Dead loads times the displacement of the places where they act; at small displacements
        twice the work that they do.
    kinematics : {"linear", "finite"}
    law : str
        Law of the solid at finite deformation; "linear" otherwise.
    linear_displacement : (rows+1, cols+1, 2) float array
        Displacement of the macro nodes by linear elasticity, as the paper has it.
    linear_rrmse : float
        Its RRMSE.
    path : structured array
        Equilibria from rest to the full load (`metafast.structure.finite.path.STEPS`); empty for
        linear kinematics.
    stable : bool
        Whether the tangent at the full load is positive definite.
    critical_load : float
        Least share of the load at which an equilibrium was found to be unstable; infinite if none
        was.
    largest_strain : float
        Largest change of a principal stretch at the centre of a pixel; for linear kinematics the
        largest principal strain.
    overlapping_nodes : int
        Boundary nodes that the deformation moved into another pixel: contact is not modelled.
    timings : dict of str to float
        Seconds of the phases: supports (with the numbering of the nodes), assembly of the loads,
        order of elimination, factor with the solution, adjoints if they were requested, solve
        (reading the solution), total.
    factor_memory : int
        Bytes that the factor and its solution take at their peak.
    peak_memory : int
        Largest resident size of the process so far in bytes, 0 where it is unknown.
    """

    displacement: FloatArray
    rrmse: float
    nodal_displacement: FloatArray
    solid: BoolArray
    removed_parts: int
    removed_pixels: int
    removed_share: float
    corner_contacts: int
    dofs: int
    support_nodes: IntArray
    reactions: FloatArray
    stress: AnyArray
    von_mises: AnyArray
    energy: float
    residual: float
    kinematics: Kinematics
    law: str
    linear_displacement: FloatArray
    linear_rrmse: float
    path: AnyArray
    stable: bool
    critical_load: float
    largest_strain: float
    overlapping_nodes: int
    timings: dict[str, float] = field(default_factory=dict)
    factor_memory: int = 0
    peak_memory: int = 0
    spring_energy: float = 0.0
    work: float = 0.0

    def __repr__(self) -> str:
        rows, cols = (side - 1 for side in self.displacement.shape[:2])
        ny, nx = self.solid.shape
        parts = [f"{rows}x{cols} cells", f"{ny}x{nx} pixels", self.kinematics]
        parts += [] if np.isnan(self.rrmse) else [f"RRMSE {self.rrmse:.4f}"]
        return f"StructureResponse({', '.join(parts)}, {'stable' if self.stable else 'unstable'})"


def read_out(
    body: PixelBody, case: int, solution: FloatArray, *, stresses: bool
) -> StructureResponse:
    """Response of a body in one of its load cases.

    Parameters
    ----------
    body : PixelBody
        Its field of the case is overwritten by the displacement.
    case : int
    solution : (n,) array
        Displacement of the free degrees of freedom.
    stresses : bool
        Whether to compute stresses.
    """
    system, displacement, problem = body.system, body.fields[case], body.cases[case]
    solution = np.ascontiguousarray(solution)
    force, largest, energy = nodal_forces(system, displacement, solution)
    stress, von_mises = no_stresses()
    strain = largest_linear_strain(system, displacement, solution, body.side)
    if stresses:
        stress, von_mises = pixel_stresses(system, displacement, solution, body.material, body.side)
    supported = support_nodes(body)
    reactions = forces_on(system, displacement, solution, supported)
    spread(system, solution, displacement)
    loads, spring_energy, work = body.loads[case], 0.0, 0.0
    if loads is not None:
        outside = loads.total(displacement)
        force -= loads.on_free(system, outside)
        reactions -= outside[tuple(supported.T)]
        largest = max(largest, loads.scale(displacement, body.side))
        spring_energy, work = loads.spring_energy(displacement), loads.work(displacement)
    macro = macro_displacement(displacement, system.code != 0, body.side)
    rrmse = rrmse_of(problem, macro)
    return StructureResponse(
        displacement=macro,
        rrmse=rrmse,
        nodal_displacement=displacement,
        **common_parts(body),
        support_nodes=supported,
        reactions=reactions,
        stress=stress,
        von_mises=von_mises,
        energy=energy,
        residual=float(np.abs(force).max(initial=0.0)) / (largest or 1.0),
        kinematics="linear",
        law="linear",
        linear_displacement=macro,
        linear_rrmse=rrmse,
        path=np.empty(0, STEPS),
        stable=True,
        critical_load=np.inf,
        largest_strain=strain,
        overlapping_nodes=0,
        peak_memory=peak_memory(),
        spring_energy=spring_energy,
        work=work,
    )


def no_stresses() -> tuple[AnyArray, AnyArray]:
    """Arrays in place of stresses that were not requested."""
    return np.zeros((0, 0, 3), np.float32), np.zeros((0, 0), np.float32)


def support_nodes(body: PixelBody) -> IntArray:
    """Pixel nodes (k, 2) with a prescribed component."""
    return np.argwhere(np.isfinite(body.held.prescribed).any(axis=2))


def common_parts(body: PixelBody) -> dict[str, Any]:
    """Fields of a response that follow from the body alone."""
    return {
        "solid": body.held.solid,
        "removed_parts": body.held.removed_parts,
        "removed_pixels": body.held.removed_pixels,
        "removed_share": body.removed_share,
        "corner_contacts": int(np.count_nonzero(corner_contacts(body.system.code))),
        "dofs": body.system.unknowns,
    }


def rrmse_of(problem: Problem, macro: FloatArray) -> float:
    """RRMSE of the macro displacement; infinite, with a warning, if a target has no solid."""
    missing = problem.wanted & ~np.isfinite(macro)
    if not missing.any():
        return problem.rrmse(macro)
    nodes = [tuple(int(i) for i in node[:2]) for node in np.argwhere(missing)]
    warnings.warn(
        f"{len(nodes)} target displacement(s) have no solid pixel within half a cell, the first at "
        f"macro node {nodes[0]}; they are NaN and the RRMSE is infinite: put a cell with solid "
        "pixels there",
        RuntimeWarning,
        stacklevel=5,
    )
    return float("inf")
