"""Two-stage design of a structure, with every pixel solved (section 5.1)."""

from __future__ import annotations

import os
import warnings
from typing import Any

from metafast._base.checks import (
    require_progress,
    require_threads,
)
from metafast._base.progress import Progress, silent
from metafast.database import CellDatabase
from metafast.material import Material
from metafast.pipeline.base_material import cells_of_material, require_material
from metafast.pipeline.best_so_far import BestSoFar, require_checkpoint
from metafast.pipeline.closed_loop import closed_loop_of
from metafast.pipeline.compliance import options_for
from metafast.pipeline.going_on import (
    attempt_from,
    options_of_start,
    require_options,
    require_start,
)
from metafast.pipeline.mesh_correction import Converged, after_mesh, is_better
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.result import Design
from metafast.pipeline.sources import check_sources, encoder_of
from metafast.pipeline.target_correction import correct_targets
from metafast.pipeline.trace import Trace
from metafast.pipeline.units import Units
from metafast.problems import Problem
from metafast.problems.file import ProblemFile, ProblemSource
from metafast.selection import Family
from metafast.selection.shapes import Encoder

_FAR_OFF = 0.5  # RRMSE of a macro optimum that is hardly one
_GOOD, _BAD = 0.01, 0.1  # RRMSE of a macro optimum, and of pixels that do not follow it


def design(
    problem: Problem | ProblemFile,
    database: CellDatabase | None = None,
    encoder: Encoder | str | os.PathLike[str] | None = None,
    *,
    family: Family | None = None,
    material: Material | str | None = None,
    cell_size: float | None = None,
    thickness: float | None = None,
    options: DesignOptions | None = None,
    start: Design | str | os.PathLike[str] | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    threads: int | None = None,
    progress: Progress = silent,
    **changes: Any,
) -> Design:
    """Design a structure that deforms as the problem asks, or the stiffest (section 5.1).

    With compliance alone as the problem's objective the design is the open loop, without target
    correction and swaps.

    On one kind of processor, equal input gives an equal design, to the bit and whatever else the
    process has imported or done.

    Parameters
    ----------
    problem : Problem or ProblemFile
        A problem, or what `read_problem` returned: its material, sizes and options hold unless
        they are given here.
    database : CellDatabase, optional
        Cells to choose from; the embedded ones by default.
    encoder : Encoder, path or "default", optional
        Latent coordinates for the "diverse" selection: a `CellVAE`, its file, or "default" for the
        one that ships, which is the paper's way; principal components of the pixels by default.
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
    start : Design or path, optional
        Design of the same problem, itself or its file or directory, to go on from with further
        rounds of the closed loop. Its options, material and sizes hold unless they are given here.
    checkpoint : path, optional
        File for the best structure so far, replaced by every better one, to start from if the run
        is killed. `Design.save` removes one named partial.h5 from its directory.
    threads : int, optional
        CPU threads; all available by default. The result does not depend on their number.
    progress : callable, optional
        Called as ``progress(stage, done, total)``, or with a note as fourth argument.
    **changes
        Single options by name, for instance ``swap_rounds=0``; see `DesignOptions`.

    Returns
    -------
    Design
        After Ctrl-C the best structure so far, with `Design.interrupted` set.

    Raises
    ------
    ValueError
        If an argument is out of range, the structure cannot carry the loads, or the start is of
        another problem or of other cells.
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
        On Ctrl-C before the open-loop structure is solved.

    Warns
    -----
    RuntimeWarning
        If there is no memory for further targets, for the closed loop or for the finer mesh, or a
        result was not followed from rest; the best structure so far is returned. If no property
        field comes near the target, or one does but the pixels do not. On Ctrl-C.
    """
    require_progress(progress, noted=True)
    require_threads(threads)
    source = ProblemSource()
    if isinstance(problem, ProblemFile):
        source, file, problem = problem.source, problem, problem.problem
        material = file.material if material is None else material
        cell_size = file.cell_size if cell_size is None else cell_size
        thickness = file.thickness if thickness is None else thickness
        changes = changes if options is not None or start is not None else file.options | changes
    encoder = encoder_of(encoder, database)
    check_sources(problem, database, encoder, family, options)
    path = require_checkpoint(checkpoint)
    base = options or (DesignOptions() if family is None else DesignOptions.for_family())
    made = None
    if start is not None:
        made = require_start(start, problem)
        base, source = options or made.options, source if source.text else made.source
        material = made.material if material is None and made.units.young is not None else material
        cell_size = made.units.cell_size if cell_size is None else cell_size
        thickness = made.units.thickness if thickness is None else thickness
    solid = require_material(material)
    units = Units(None if solid is None else solid.young, cell_size, thickness)
    options = options_for(problem, base.changed(**changes))
    trace = Trace(progress, attempts=1 + options.corrections)
    if made is not None:
        require_options(made, options)
        trace = made.trace.going_on(progress, attempts=1)
    best: BestSoFar | None = None
    try:
        if solid is not None:
            with trace.stage("database"):
                database = cells_of_material(solid, database, family, threads, progress)
        possible = options if made is None else options_of_start(made, options)
        open_loop = OpenLoop(problem, database, encoder, family, possible, trace, threads)
        best = BestSoFar(problem, open_loop, options, trace, units, source, made, path)
        _loops(best, threads)
        with trace.stage("own_cells"):
            made = best.design()
        _warn_if_pixels_do_not_follow(made)
        return made
    except KeyboardInterrupt:
        if best is None or best.attempt is None:
            raise KeyboardInterrupt(
                "interrupted before the first structure was solved, so there is nothing to keep"
            ) from None
        warnings.warn(
            "interrupted: the design ends early, with the best structure so far",
            RuntimeWarning,
            stacklevel=2,
        )
        return best.design(interrupted=True)


def _loops(best: BestSoFar, threads: int | None) -> None:
    """Open loop or start, target correction and closed loop; the best structure is kept."""
    problem, open_loop, options, trace = best.problem, best.open_loop, best.options, best.trace
    fine = None
    if best.start is None:
        attempt = correct_targets(
            problem,
            open_loop.run(problem),
            open_loop.again,
            options.corrections,
            options.goal,
            trace,
            best.keep_attempt,
        )
        _warn_if_out_of_reach(problem, attempt.field.feasible, trace.corrections[0].macro)
    else:
        attempt, fine = attempt_from(best.start, problem, open_loop, options)
        best.keep_start(attempt, fine)
    with trace.stage("closed_loop"):
        loop = closed_loop_of(problem, attempt, open_loop, options, trace, threads, best.keep)
        if loop is None:
            return
        found = after_mesh(problem, loop, open_loop, options, trace, best.keep)
    if fine is not None and is_better(problem, Converged(attempt.body, fine), found):
        best.keep_start(attempt, fine)  # the loop went by one mesh, and the other says otherwise
    else:
        best.keep(*found)


def _warn_if_out_of_reach(problem: Problem, feasible: bool, macro: float) -> None:
    """Say that no cells can do what was asked for, while the structure is still to come."""
    if not feasible and problem.solid_share is not None:
        warnings.warn(
            f"no property field was found that the cells at hand have with a solid share of "
            f"{problem.solid_share:g}; raise it, or lower least_side_solid or least_stiffness",
            RuntimeWarning,
            stacklevel=3,
        )
    elif not feasible or macro > _FAR_OFF:
        warnings.warn(
            f"the cells at hand cannot do this (RRMSE {macro:.2g} with the best properties); ask "
            "for smaller displacements, or give more rows and columns or a lower least_side_solid",
            RuntimeWarning,
            stacklevel=3,
        )


def _warn_if_pixels_do_not_follow(made: Design) -> None:
    """Say that properties for the target were found, but no structure of cells that has them."""
    macro, pixels = made.trace.corrections[0].macro, made.errors.pixels
    if macro < _GOOD and pixels > _BAD:
        warnings.warn(
            f"the best properties reach the target (RRMSE {macro:.2g}) but the pixels do not "
            f"({pixels:.2g}): single cells count too much here. Give more rows and columns, more "
            "candidates or swap_rounds, or a smoother target",
            RuntimeWarning,
            stacklevel=3,
        )
