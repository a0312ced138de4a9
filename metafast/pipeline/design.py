"""Two-stage design of a structure, with every pixel solved (section 5.1)."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.assembly.body_cells import body_properties
from metafast.database import CellDatabase
from metafast.macro.finite import macro_model
from metafast.material import Material
from metafast.pipeline.base_material import cells_of_material, require_material
from metafast.pipeline.closed_loop import closed_loop_of
from metafast.pipeline.mesh_correction import after_mesh
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.result import Design
from metafast.pipeline.sources import check_sources
from metafast.pipeline.target_correction import correct_targets
from metafast.pipeline.trace import Trace
from metafast.pipeline.units import Units
from metafast.problems import Problem
from metafast.problems.file import ProblemFile, ProblemSource
from metafast.selection import Family
from metafast.selection.shapes import Encoder

_FAR_OFF = 0.5  # RRMSE of a macro optimum that is hardly one


def design(
    problem: Problem | ProblemFile,
    database: CellDatabase | None = None,
    encoder: Encoder | None = None,
    *,
    family: Family | None = None,
    material: Material | str | None = None,
    cell_size: float | None = None,
    thickness: float | None = None,
    options: DesignOptions | None = None,
    threads: int | None = None,
    progress: Progress = silent,
    **changes: Any,
) -> Design:
    """Design a structure that deforms as the problem asks (section 5.1).

    On one kind of processor, equal input gives an equal design.

    Parameters
    ----------
    problem : Problem or ProblemFile
        A problem, or what `read_problem` returned: its material, sizes and options hold unless
        they are given here.
    database : CellDatabase, optional
        Cells to choose from; the embedded ones by default.
    encoder : Encoder, optional
        Latent coordinates for the "diverse" selection; principal components of the pixels by
        default.
    family : Family, optional
        In place of a database: one variable per element along the family's gradation, and cells of
        the family; use a continuous family for best results (the paper's graded beam).
    material : Material or str, optional
        Solid of the structure, or its name (`Material.named`); the database's by default. Where
        Poisson's ratio or the plane differ, the properties of all cells are computed again: about
        half a minute on two cores for the embedded ones, once; they stay in the user's cache.
    cell_size, thickness : float, optional
        Side of a cell and thickness of the body in mm, for results in N and mm; Young's modulus is
        then in MPa.
    options : DesignOptions, optional
        By default `DesignOptions()`, and `DesignOptions.for_family()` for a family;
        `metafast.PAPER` for the paper's.
    threads : int, optional
        CPU threads; all available by default. The result does not depend on their number.
    progress : callable, optional
        Called as ``progress(stage, done, total)``.
    **changes
        Single options by name, for instance ``swap_rounds=0``; see `DesignOptions`.

    Returns
    -------
    Design

    Raises
    ------
    ValueError
        If an argument is out of range, or the structure cannot carry the loads.
    TypeError
        If an option is unknown.
    numpy.linalg.LinAlgError
        If a part of the structure is not held against rigid motion.
    NoEquilibriumError
        If the open-loop structure, or any property field, cannot bear the load at finite
        deformation: ask for less, or for stiffer cells.
    MemoryError
        If the open-loop structure does not fit into memory.
    KeyboardInterrupt
        On Ctrl-C.

    Warns
    -----
    RuntimeWarning
        If there is no memory for further targets, for the closed loop or for the finer mesh, or a
        result was not followed from rest; the best structure so far is returned. If no property
        field comes near the target.
    """
    source = ProblemSource()
    if isinstance(problem, ProblemFile):
        source, file, problem = problem.source, problem, problem.problem
        material = file.material if material is None else material
        cell_size = file.cell_size if cell_size is None else cell_size
        thickness = file.thickness if thickness is None else thickness
        changes = changes if options is not None else {**file.options, **changes}
    check_sources(problem, database, encoder, family, options)
    solid = require_material(material)
    units = Units(None if solid is None else solid.young, cell_size, thickness)
    base = options or (DesignOptions() if family is None else DesignOptions.for_family())
    options = base.changed(**changes)
    trace = Trace(progress, attempts=1 + options.corrections)
    if solid is not None:
        with trace.stage("database"):
            database = cells_of_material(solid, database, family, threads, progress)
    open_loop = OpenLoop(problem, database, encoder, family, options, trace, threads)

    best = correct_targets(
        problem,
        open_loop.run(problem),
        open_loop.again,
        options.corrections,
        options.goal,
        trace,
    )
    _warn_if_out_of_reach(best.field.feasible, trace.corrections[0].macro)
    with trace.stage("closed_loop"):
        loop = closed_loop_of(problem, best, open_loop, options, trace, threads)
        body, fine = after_mesh(problem, best.body, loop, open_loop, options, trace)
    with trace.stage("own_cells"):
        properties = body_properties(open_loop.database, body.assembly.cells, problem)
        predicted = _predicted(problem, properties, options)

    return Design(
        problem=problem,
        field=best.field,
        aim=best.aim.target,
        certified=best.certified,
        assembly=body.assembly,
        pixels=body.pixels,
        predicted=predicted,
        fine_displacement=fine,
        response=body.response,
        options=options,
        trace=trace,
        provenance=open_loop.provenance,
        units=units,
        source=source,
    )


def _warn_if_out_of_reach(feasible: bool, macro: float) -> None:
    """Say that no cells can do what was asked for, while the structure is still to come."""
    if not feasible or macro > _FAR_OFF:
        warnings.warn(
            f"the cells at hand cannot do this (RRMSE {macro:.2g} with the best properties); ask "
            "for smaller displacements, or give more rows and columns or a lower least_side_solid",
            RuntimeWarning,
            stacklevel=3,
        )


def _predicted(problem: Problem, properties: FloatArray, options: DesignOptions) -> FloatArray:
    """Displacement of the macro nodes by the cells' own properties; NaN without equilibrium."""
    model = macro_model(problem, options.mesh, options.kinematics)
    try:
        return model.macro_nodes(model.solve(properties))
    except NoEquilibriumError:
        return np.full_like(problem.target, np.nan)
