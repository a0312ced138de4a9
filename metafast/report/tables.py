"""Figures of a design as rows of text, for the terminal and for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from metafast._base.typing import ByteArray, FloatArray
from metafast.assembly.body_cells import shared_sides
from metafast.assembly.tiling import Assembly, disconnected_sides
from metafast.export.printability import printability
from metafast.macro import PropertyField
from metafast.material import Material
from metafast.problems import Problem
from metafast.problems.loads import resultant
from metafast.report.support_forces import forces_by_place
from metafast.structure import StructureResponse

if TYPE_CHECKING:
    from metafast.pipeline.errors import Errors
    from metafast.pipeline.trace import CorrectionRound, MeshRound, SwapRound, Trace
    from metafast.pipeline.units import Units

Rows = list[tuple[str, ...]]


class Table(NamedTuple):
    """Rows of text under a title.

    Attributes
    ----------
    title : str
    rows : list of tuples of str
    """

    title: str
    rows: Rows


_STAGES = {
    "database": "database",
    "macro": "macro optimisation",
    "selection": "selection",
    "assembly": "assembly",
    "every_pixel": "every pixel",
    "closed_loop": "closed loop",
    "own_cells": "macro with the chosen cells",
}


def error_rows(errors: Errors, *, corrected: bool) -> Rows:
    """Errors from the macro optimum down to every pixel, and that of the open loop.

    Parameters
    ----------
    errors : Errors
    corrected : bool
        Whether the first stage was given another target than the problem's own.
    """
    aside = " (relative to the corrected target)" if corrected else ""
    rows: Rows = [
        (f"macro optimum{aside}", f"{errors.macro:.4f}"),
        (f"macro with the cells' own properties{aside}", f"{errors.own_cells:.4f}"),
        ("every pixel", f"{errors.pixels:.4f}"),
    ]
    others = {
        "every pixel, finer mesh": errors.fine,
        "every pixel, extrapolated from both meshes": errors.extrapolated,
        "every pixel, linear elasticity as in the paper": errors.linear,
    }
    rows += [
        (label, f"{value:.4f}")
        for label, value in others.items()
        if value != errors.pixels and not np.isnan(value)
    ]
    if errors.open_loop != errors.pixels:
        rows.append(("every pixel, open loop", f"{errors.open_loop:.4f}"))
    return rows


def case_rows(problem: Problem, errors: dict[str, float]) -> Rows:
    """Error of each of several load cases on the finest mesh; nothing for a single one."""
    return [(name, f"{error:.4f}") for name, error in errors.items()] if problem.cases else []


def material_rows(
    problem: Problem, material: Material, units: Units, response: StructureResponse, young: float
) -> Rows:
    """Material of the solid, size of the body, and the forces of its supports.

    Parameters
    ----------
    problem : Problem
    material : Material
    units : Units
    response : StructureResponse
    young : float
        Young's modulus that the response was computed with.
    """
    kind = f"Poisson's ratio {material.poisson:g}, plane {material.plane}"
    named = "any Young's modulus" if units.young is None else f"E = {units.young:g} MPa"
    rows: Rows = [("solid", f"{named}, {kind}")]
    if units.cell_size is not None:
        height, width = (units.cell_size * n for n in (problem.rows, problem.period - 1))
        rows.append(("cell", f"{units.cell_size:g} mm"))
        rows.append(("body", f"{height:g} x {width:g} mm"))
    if units.thickness is not None:
        rows.append(("thickness", f"{units.thickness:g} mm"))
    scale, unit = (1.0, "E t w") if units.force is None else (units.force, "N")
    for side, force in forces_by_place(problem, response):
        x, y = force / young * scale
        rows.append((f"force of the supports, {side}", f"{x:.4g} {unit} in x, {y:.4g} {unit} in y"))
    if units.force is None:
        rows.append(("E t w", "Young's modulus, thickness, side of a cell"))
    return rows


def load_rows(problem: Problem, response: StructureResponse, units: Units, young: float) -> Rows:
    """Resultants of the dead loads and of the springs; nothing where there are none."""
    scale, unit = (1.0, "E t w") if units.force is None else (units.force, "N")
    resultants: dict[str, FloatArray] = {}
    if problem.has_forces:
        resultants["resultant of the loads"] = resultant(problem.forces, problem.tractions)
    if problem.springs is not None:
        moved = np.where(problem.springs > 0.0, response.displacement, 0.0)
        resultants["force of the springs"] = -(problem.springs * moved).sum(axis=(0, 1))
    return [
        (name, f"{x:.4g} {unit} in x, {y:.4g} {unit} in y")
        for name, (x, y) in ((name, scale / young * f) for name, f in resultants.items())
    ]


def finite_rows(response: StructureResponse) -> Rows:
    """Stability, strain and overlaps of a body at finite deformation; nothing for a linear one."""
    if response.kinematics != "finite":
        return []
    critical = response.critical_load
    never = "none was found" if np.isinf(critical) else f"{critical:.3f} of the load"
    return [
        ("law of the solid", response.law),
        ("stable at the full load", "yes" if response.stable else "NO"),
        ("least load with an unstable equilibrium", never),
        ("largest strain", f"{response.largest_strain:.3f}"),
        (
            "boundary nodes in other pixels (contact is not modelled)",
            f"{response.overlapping_nodes}",
        ),
    ]


def swap_rows(rounds: list[SwapRound]) -> Rows:
    """Swaps, predicted and actual error of each round of the closed loop."""
    rows: Rows = [("round", "swaps", "predicted", "every pixel", "")]
    for number, r in enumerate(rounds):
        predicted = f"{r.predicted:.4f}" if number else ""
        verdict = ("kept" if r.kept else "rejected") if number else "start"
        rows.append((str(number), str(r.swaps), predicted, f"{r.pixels:.4f}", verdict))
    return rows


def mesh_rows(rounds: list[MeshRound]) -> Rows:
    """Errors of the bodies that were solved on a finer mesh too."""
    rows: Rows = [("body", "mesh of the loop", "finer mesh")]
    rows += [(str(k), f"{r.coarse:.4f}", f"{r.fine:.4f}") for k, r in enumerate(rounds)]
    return rows if rounds else []


def correction_rows(rounds: list[CorrectionRound]) -> Rows:
    """Errors of each corrected target; nothing if there was none."""
    if len(rounds) < 2:
        return []
    rows: Rows = [("target", "share", "macro optimum", "every pixel", "")]
    for number, r in enumerate(rounds):
        share = f"{r.share:.2f}" if number else ""
        verdict = ("kept" if r.kept else "rejected") if number else "the problem's"
        rows.append((str(number), share, f"{r.macro:.4f}", f"{r.pixels:.4f}", verdict))
    return rows


def assembly_rows(
    problem: Problem,
    certified: Assembly,
    assembly: Assembly,
    field: PropertyField,
    pixels: ByteArray,
    response: StructureResponse,
) -> Rows:
    """Energy, bound, gap and mismatch of the assembly; what was removed from the pixels."""
    a, r, wide = certified, response, printability(pixels)
    shared = shared_sides(problem.present)
    apart = disconnected_sides(pixels, problem.rows, problem.cols, shared)
    proof = "proved optimal" if a.optimal else f"{a.gap:.2e}"
    return [
        ("energy", f"{a.energy:.6f}"),
        ("certified lower bound", f"{a.lower_bound:.6f}"),
        ("gap", proof),
        ("energy after the closed loop", f"{assembly.energy:.6f}"),
        ("solved by", f"{a.iterations} passes" if a.iterations else "dynamic programming"),
        ("mean boundary mismatch (0 to 2)", f"{assembly.mismatch:.3f}"),
        ("sides joined by a bar", f"{assembly.open_sides - apart}"),
        ("sides across which no solid meets", f"{apart}"),
        ("floating pixels removed", f"{r.removed_pixels} in {r.removed_parts} parts"),
        ("pixels that touch only in a corner", f"{r.corner_contacts} places, not joined"),
        ("least width of solid and of void", f"{wide.solid_width} and {wide.void_width} pixels"),
        ("unknowns of the pixel solution", f"{r.dofs:,}"),
        ("macro optimum inside the property space", "yes" if field.feasible else "NO"),
    ]


def stage_rows(trace: Trace) -> Rows:
    """Seconds of each stage and the peak memory of the process when it ended."""
    rows: Rows = [
        (_STAGES[stage], f"{seconds:.2f} s", f"{trace.peak_bytes[stage] / 2**30:.2f} GiB")
        for stage, seconds in trace.seconds.items()
    ]
    total, peak = sum(trace.seconds.values()), max(trace.peak_bytes.values())
    return [*rows, ("total", f"{total:.2f} s", f"{peak / 2**30:.2f} GiB")]
