"""Two-stage design of a structure, with every pixel solved (section 5.1)."""

from __future__ import annotations

from typing import Any

import numpy as np

from metafast._base.equilibrium import NoEquilibriumError
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.assembly.body_cells import body_properties
from metafast.database import CellDatabase
from metafast.macro.finite import macro_model
from metafast.pipeline.closed_loop import closed_loop_of
from metafast.pipeline.mesh_correction import after_mesh
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.result import Design
from metafast.pipeline.sources import check_sources
from metafast.pipeline.target_correction import correct_targets
from metafast.pipeline.trace import Trace
from metafast.problems import Problem
from metafast.selection import Family
from metafast.selection.shapes import Encoder


def design(
    problem: Problem,
    database: CellDatabase | None = None,
    encoder: Encoder | None = None,
    *,
    family: Family | None = None,
    options: DesignOptions | None = None,
    threads: int | None = None,
    progress: Progress = silent,
    **changes: Any,
) -> Design:
    """Design a structure that deforms as the problem asks (section 5.1).

    On one kind of processor, equal input gives an equal design.

    Parameters
    ----------
    problem : Problem
    database : CellDatabase, optional
        Cells to choose from; the embedded ones by default.
    encoder : Encoder, optional
        Latent coordinates for the "diverse" selection; principal components of the pixels by
        default.
    family : Family, optional
        In place of a database: one variable per element along the family's gradation, and cells of
        the family; use a continuous family for best results (the paper's graded beam).
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
        result was not followed from rest; the best structure so far is returned.
    """
    check_sources(problem, database, encoder, family, options)
    base = options or (DesignOptions() if family is None else DesignOptions.for_family())
    options = base.changed(**changes)
    trace = Trace(progress, attempts=1 + options.corrections)
    open_loop = OpenLoop(problem, database, encoder, family, options, trace, threads)

    best = correct_targets(
        problem, open_loop.run(problem), open_loop.run, options.corrections, trace
    )
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
        certified=best.body.assembly,
        assembly=body.assembly,
        pixels=body.pixels,
        predicted=predicted,
        fine_displacement=fine,
        response=body.response,
        options=options,
        trace=trace,
        provenance=open_loop.provenance,
    )


def _predicted(problem: Problem, properties: FloatArray, options: DesignOptions) -> FloatArray:
    """Displacement of the macro nodes by the cells' own properties; NaN without equilibrium."""
    model = macro_model(problem, options.mesh, options.kinematics)
    try:
        return model.macro_nodes(model.solve(properties))
    except NoEquilibriumError:
        return np.full_like(problem.target, np.nan)
