"""The two-stage design of a structure, from a wanted deformation to proven pixels (section 5)."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np

from metafast._base.progress import Progress, silent
from metafast._base.stages import Stages
from metafast.database import CellDatabase
from metafast.macro import MacroModel
from metafast.pipeline.closed_loop import close_loop, with_adjoints
from metafast.pipeline.open_loop import TwoStages
from metafast.pipeline.options import checked_options
from metafast.pipeline.result import Design
from metafast.pipeline.target_correction import OpenLoop, correct_targets
from metafast.problems import Problem
from metafast.properties.coordinates import CoordinateKind
from metafast.selection import Family
from metafast.selection.shapes import Encoder


def design(
    problem: Problem,
    database: CellDatabase | None = None,
    vae: Encoder | None = None,
    *,
    family: Family | None = None,
    candidates: int = 10,
    selection: Literal["nearest", "diverse"] | None = None,
    side_solid: float | None = None,
    softest: float = 0.0,
    edge_weight: float = 0.1,
    coordinates: CoordinateKind = "log",
    smoothing: float = 1.5,
    target_rounds: int | None = None,
    refine_rounds: int = 5,
    refine: int = 1,
    mesh: int = 1,
    nodes: int = 24,
    seed: int = 0,
    threads: int | None = None,
    progress: Progress = silent,
) -> Design:
    """Design a structure that deforms as the problem wants (section 5.1).

    Parameters
    ----------
    problem : Problem
        What the structure is to do.
    database : CellDatabase, optional
        Cells to choose from; the embedded one by default.
    vae : Encoder, optional
        Gives the cells latent coordinates for the "diverse" selection; principal components of
        the pixels by default.
    family : Family, optional
        In place of a database: one variable per element along the family's gradation, and cells of
        the family, best of a continuous one (the paper's graded beam). The optimum along the
        gradation is followed by others along the curve that the cells really follow.
    candidates : int
        Cells to choose from per element.
    selection : {"nearest", "diverse"}
        The best of clusters of similar shapes among the nearest cells (the paper's way), or
        simply the nearest in properties. Diverse by default, nearest within a family.
    side_solid : float
        Least share of solid on each of a cell's sides for it to be chosen, in [0, 1]; 0 is the
        paper's. Wide sides join well: the error of every pixel is about half. 0.5 by default, 0
        within a family.
    softest : float
        Least C11, C22 and five times C33 of a cell for it to be chosen, relative to E. Slender and
        hinged cells among unlike neighbours can be far from what they are in a periodic lattice.
    edge_weight : float
        Weight of boundary mismatch beside property deviation; 1 is the paper's.
    coordinates : {"log", "linear"}
        Property coordinates of all stages; linear is the paper's.
    smoothing : float
        Radius of a filter over the property field, in cell widths, that keeps neighbouring cells
        alike: they fit better and do more of what they promise. 0, no filter, is the paper's.
    target_rounds : int, optional
        Designs made anew for a target that is moved by what the pixels fell short of it; the best
        one goes on to the closed loop. Each takes as long as the open loop. By default 2 before a
        closed loop, and none without.
    refine_rounds : int
        Most rounds of the closed loop: cells are swapped by what the pixels do, and every pixel is
        solved again. Never worse than the open loop, which 0 gives.
    refine : int
        Solve every pixel as refine x refine elements, in the closed loop too. One is a little stiff
        in thin hinges, and the loop fits what it sees.
    mesh : int
        Macro elements per cell side.
    nodes : int
        Grid nodes per axis of the property space.
    seed : int
        Recorded with the design. No stage draws random numbers: equal input, equal design.
    threads : int, optional
    progress : callable, optional
        Called as ``progress(what, done, total)``.

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
    options = checked_options(
        problem,
        database,
        vae,
        family,
        candidates=candidates,
        selection=selection,
        side_solid=side_solid,
        softest=softest,
        edge_weight=edge_weight,
        coordinates=coordinates,
        smoothing=smoothing,
        target_rounds=target_rounds,
        refine_rounds=refine_rounds,
        refine=refine,
        mesh=mesh,
        nodes=nodes,
        seed=seed,
    )
    stages = Stages()
    targets = int(options["target_rounds"])
    total = 3 + 4 * (1 + targets)
    step = _counter(progress, total)
    work = TwoStages(
        problem,
        database,
        vae,
        family,
        options=options,
        threads=threads,
        progress=progress,
        stages=stages,
        step=step,
    )
    made, corrections = correct_targets(
        problem,
        work.run(problem, adjoint=refine_rounds > 0 and targets == 0),
        lambda wanted: work.run(wanted, adjoint=False),
        targets,
    )
    certified = made.structure.assembly
    with stages.stage("closed loop"):
        made, closing = _ready(problem, work, made, refine_rounds, threads)
        structure, rounds = close_loop(
            problem,
            work.database,
            made.costs,
            made.structure,
            rounds=refine_rounds if closing else 0,
            mesh=mesh,
            threads=threads,
            progress=progress,
        )
    step()
    with stages.stage("macro with chosen cells"):
        model = MacroModel(problem, mesh)
        own = work.database.properties[structure.assembly.cells]
        predicted = model.macro_nodes(model.solve(own))
    progress("stages", total, total)
    options |= {f"database_{key}": value for key, value in work.database.provenance.items()}
    return Design(
        problem,
        made.field,
        structure.assembly,
        structure.pixels,
        predicted,
        structure.response,
        stages.seconds,
        stages.peak_bytes,
        {**options, "cells": len(work.database)},
        certified,
        rounds,
        made.wanted.target,
        corrections,
    )


def _ready(
    problem: Problem, work: TwoStages, made: OpenLoop, rounds: int, threads: int | None
) -> tuple[OpenLoop, bool]:
    """The design with adjoint fields, if there is anything to swap for; and whether there is."""
    structure = made.structure
    if rounds == 0 or not 0.0 < structure.response.rrmse < np.inf:
        return made, False
    if structure.adjoints is not None:
        return made, True
    try:
        structure = with_adjoints(problem, work.database, structure, threads)
    except MemoryError as full:
        warnings.warn(f"the closed loop is left out: {full}", RuntimeWarning, stacklevel=3)
        return made, False
    return replace(made, structure=structure), True


def _counter(progress: Progress, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress("stages", done, total)

    progress("stages", 0, total)
    return step
