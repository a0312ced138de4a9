"""The two-stage design of a structure, from a target deformation to proved pixels (section 5.1)."""

from __future__ import annotations

import warnings
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np

from metafast._base.progress import Progress, silent
from metafast.database import CellDatabase
from metafast.macro import MacroModel
from metafast.pipeline.closed_loop import SwapLoop, close_loop, first_round
from metafast.pipeline.design_file import Provenance
from metafast.pipeline.every_pixel import SolvedBody
from metafast.pipeline.open_loop import Attempt, OpenLoop
from metafast.pipeline.options import DesignOptions
from metafast.pipeline.result import Design
from metafast.pipeline.swap_effects import SwapEffects
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

    Equal input gives an equal design, with any number of threads.

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
        CPU threads; all available by default.
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
    MemoryError
        If the open-loop structure does not fit into memory.
    KeyboardInterrupt
        On Ctrl-C.

    Warns
    -----
    RuntimeWarning
        If there is no memory for further targets or for the closed loop; the best structure so far
        is returned.
    """
    _check_sources(problem, database, encoder, family)
    options = _with_changes(options, family, changes)
    trace = Trace(progress, attempts=1 + options.corrections)
    open_loop = OpenLoop(problem, database, encoder, family, options, trace, threads)

    best = correct_targets(
        problem, open_loop.run(problem), open_loop.run, options.corrections, trace
    )
    with trace.stage("closed_loop"):
        body = _after_swaps(problem, best, open_loop, options, trace, threads)
    with trace.stage("own_cells"):
        model = MacroModel(problem, options.mesh)
        properties = open_loop.database.properties[body.assembly.cells]
        predicted = model.macro_nodes(model.solve(properties))

    return Design(
        problem=problem,
        field=best.field,
        aim=best.aim.target,
        certified=best.body.assembly,
        assembly=body.assembly,
        pixels=body.pixels,
        predicted=predicted,
        response=body.response,
        options=options,
        trace=trace,
        provenance=_provenance(open_loop.database, encoder, family),
    )


def _after_swaps(
    problem: Problem,
    attempt: Attempt,
    open_loop: OpenLoop,
    options: DesignOptions,
    trace: Trace,
    threads: int | None,
) -> SolvedBody:
    """The body of an attempt after the closed loop, if there is anything to swap for."""
    start, solver, database = attempt.body, open_loop.solver, open_loop.database
    trace.swaps.append(first_round(start))
    if options.swap_rounds == 0 or not 0.0 < start.response.rrmse < np.inf:
        return start
    try:
        start = solver.with_adjoints(start)
    except MemoryError as full:
        warnings.warn(f"the closed loop is left out: {full}", RuntimeWarning, stacklevel=3)
        return start
    effects = SwapEffects(
        problem,
        database,
        attempt.costs,
        mesh=options.mesh,
        threads=threads,
        progress=trace.progress,
    )
    loop = SwapLoop(problem, attempt.costs, start, effects, solver)
    close_loop(loop, solver, options.swap_rounds, trace.progress)
    trace.swaps[:] = loop.rounds
    return loop.best


def _with_changes(
    options: DesignOptions | None, family: Family | None, changes: dict[str, Any]
) -> DesignOptions:
    """The options with single ones changed; the defaults depend on whether there is a family."""
    if options is None:
        options = DesignOptions() if family is None else DesignOptions.for_family()
    if not isinstance(options, DesignOptions):
        raise ValueError(
            f"options is a {type(options).__name__}; metafast.DesignOptions(...) is needed"
        )
    unknown = sorted(set(changes) - set(options.__dataclass_fields__))
    if unknown:
        known = ", ".join(options.__dataclass_fields__)
        raise TypeError(f"design has no option {unknown[0]!r}; the options are {known}")
    return replace(options, **changes)


def _check_sources(
    problem: Problem,
    database: CellDatabase | None,
    encoder: Encoder | None,
    family: Family | None,
) -> None:
    """Check the objects that a design is made from."""
    if not isinstance(problem, Problem):
        raise ValueError(
            f"problem is a {type(problem).__name__}; a Problem is needed, for instance "
            "metafast.problems.bridge()"
        )
    if database is not None and not isinstance(database, CellDatabase):
        raise ValueError(
            f"database is a {type(database).__name__}; a CellDatabase is needed, for instance "
            "CellDatabase.load(path)"
        )
    if family is not None and not isinstance(family, Family):
        raise ValueError(
            f"family is a {type(family).__name__}; a Family is needed, for instance "
            "Family.load(path)"
        )
    if family is not None and database is not None:
        raise ValueError("a database and a family were given; the family brings its own cells")
    if encoder is not None and not callable(getattr(encoder, "encode", None)):
        raise ValueError(
            f"encoder is a {type(encoder).__name__} without a method encode(cells); a CellVAE "
            "has one"
        )


def _provenance(
    database: CellDatabase, encoder: Encoder | None, family: Family | None
) -> Provenance:
    """Origin of the cells, the encoder, and the version of metafast."""
    origin: Provenance = {
        "metafast": version("metafast"),
        "encoder": type(encoder).__name__ if encoder else "pixel components",
        "cells": len(database),
    }
    if family is not None:
        origin["family"] = family.gradation.name
    return origin | {f"database_{key}": value for key, value in database.provenance.items()}
