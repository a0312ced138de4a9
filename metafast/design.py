"""The two-stage design of a structure, from a wanted deformation to proven pixels (section 5)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from metafast._design_options import checked_options
from metafast._files import require_writable_directory
from metafast._progress import Progress, silent
from metafast._stages import Stages
from metafast._typing import AnyArray, BoolArray, ByteArray, FloatArray
from metafast.assembly.costs import assembly_costs
from metafast.assembly.tiling import Assembly, choose_cells
from metafast.closed_loop.rounds import close_loop, solve_assembly
from metafast.database import CellDatabase, PropertySpace
from metafast.database.coordinates import CoordinateKind
from metafast.macro import MacroModel, PropertyField, optimize_properties
from metafast.problems import Problem
from metafast.selection import select_candidates, shape_coordinates
from metafast.selection.shape_coordinates import Encoder
from metafast.structure import StructureResponse


@dataclass(frozen=True, eq=False)
class Design:
    """A finished design and its proof.

    Attributes
    ----------
    problem : Problem
    field : PropertyField
        First stage: optimised properties.
    assembly : Assembly
        Second stage: the cells that stand in the structure.
    pixels : (rows*h, cols*w) array
        The structure, 1 = solid, row 0 at the top.
    predicted : (rows+1, cols+1, 2) array
        Displacement of the macro model with the chosen cells' own properties.
    response : StructureResponse
        Finite-element solution of every pixel.
    timings : dict
        Seconds of each stage.
    peak_memory : dict
        Peak memory of the process when each stage ended, bytes.
    options : dict
        What the design was made with: the options, the database's origin, the version.
    open_loop : Assembly
        Second stage before the closed loop: the choice that the solver certified.
    rounds : structured array
        The closed loop (`metafast.closed_loop`). Row 0 is the open-loop structure; per round the
        swaps, the predicted error, the error of every pixel, the assembly's energy, and whether the
        structure was kept.
    """

    problem: Problem
    field: PropertyField
    assembly: Assembly
    pixels: ByteArray
    predicted: FloatArray
    response: StructureResponse
    timings: dict[str, float]
    peak_memory: dict[str, int]
    options: dict[str, str | int | float]
    open_loop: Assembly
    rounds: AnyArray

    @property
    def open_loop_error(self) -> float:
        """Error of every pixel before the closed loop."""
        return float(self.rounds["every_pixel"][0])

    @property
    def errors(self) -> dict[str, float]:
        """RRMSE of the target displacements at the three levels."""
        return {
            "macro optimum": self.field.rrmse,
            "macro with the cells' own properties": self.problem.rrmse(self.predicted),
            "every pixel": self.response.rrmse,
        }

    def save(self, directory: str | os.PathLike[str]) -> Path:
        """Write ``design.h5``, the pictures and ``report.html`` into `directory`; returns it.

        Each file replaces an older one only when it is complete.

        Raises
        ------
        ValueError
            If the directory cannot be written.
        """
        from metafast.export.hdf5 import write_design

        folder = require_writable_directory(directory)
        write_design(self, folder / "design.h5")
        self.report(folder)
        return folder

    def report(self, directory: str | os.PathLike[str]) -> Path:
        """Write the pictures and a self-contained ``report.html``; returns its path."""
        from metafast.report import write_report

        return write_report(self, require_writable_directory(directory))


def design(
    problem: Problem,
    database: CellDatabase | None = None,
    vae: Encoder | None = None,
    *,
    candidates: int = 10,
    selection: Literal["nearest", "diverse"] = "diverse",
    side_solid: float = 0.5,
    softest: float = 0.0,
    edge_weight: float = 0.1,
    coordinates: CoordinateKind = "log",
    refine_rounds: int = 3,
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
    candidates : int
        Cells to choose from per element.
    selection : {"nearest", "diverse"}
        The best of clusters of similar shapes among the nearest cells (the paper's way), or
        simply the nearest in properties.
    side_solid : float
        Least share of solid on each of a cell's sides for it to be chosen, in [0, 1]; 0 is the
        paper's. Wide sides join well: the error of every pixel is about half.
    softest : float
        Least C11, C22 and five times C33 of a cell for it to be chosen, relative to E. Slender and
        hinged cells among unlike neighbours can be far from what they are in a periodic lattice.
    edge_weight : float
        Weight of boundary mismatch beside property deviation; 1 is the paper's.
    coordinates : {"log", "linear"}
        Property coordinates of all stages; linear is the paper's.
    refine_rounds : int
        Most rounds of the closed loop: cells are swapped by what the pixels do, and every pixel is
        solved again. Never worse than the open loop, which 0 gives.
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
    """
    options = checked_options(
        problem,
        database,
        vae,
        candidates=candidates,
        selection=selection,
        side_solid=side_solid,
        softest=softest,
        edge_weight=edge_weight,
        coordinates=coordinates,
        refine_rounds=refine_rounds,
        mesh=mesh,
        nodes=nodes,
        seed=seed,
    )
    stages = Stages()
    step = _counter(progress, 7)

    with stages.stage("database"):
        database = database if database is not None else CellDatabase.default()
        eligible = _eligible(database, side_solid, softest)
        chosen_from = database.properties[eligible]
        space = PropertySpace.from_properties(chosen_from, nodes, coordinates=coordinates)
    step()
    with stages.stage("macro optimisation"):
        field = optimize_properties(problem, space, mesh=mesh, progress=progress)
    step()
    with stages.stage("selection"):
        diverse = selection == "diverse"
        latents = np.zeros((len(database), 1))
        if diverse:
            latents = shape_coordinates(database, vae)
        targets = field.properties.reshape(-1, 4)
        choice = select_candidates(
            database,
            latents,
            targets,
            candidates,
            pool=None if diverse else candidates,
            coordinates=coordinates,
            eligible=eligible,
            threads=threads,
        )
    step()
    with stages.stage("assembly"):
        costs = assembly_costs(
            database,
            field.properties,
            choice.reshape(problem.rows, problem.cols, candidates),
            edge_weight=edge_weight,
            coordinates=coordinates,
            threads=threads,
        )
        assembly = choose_cells(costs, threads=threads, progress=progress)
    step()
    with stages.stage("every pixel"):
        made = solve_assembly(
            problem, database, assembly, adjoint=refine_rounds > 0, threads=threads
        )
    step()
    with stages.stage("closed loop"):
        made, rounds = close_loop(
            problem,
            database,
            costs,
            made,
            rounds=refine_rounds,
            mesh=mesh,
            threads=threads,
            progress=progress,
        )
    step()
    with stages.stage("macro with chosen cells"):
        model = MacroModel(problem, mesh)
        predicted = model.macro_nodes(model.solve(database.properties[made.assembly.cells]))
    step()
    options |= {f"database_{key}": value for key, value in database.provenance.items()}
    return Design(
        problem,
        field,
        made.assembly,
        made.pixels,
        predicted,
        made.response,
        stages.seconds,
        stages.peak_bytes,
        {**options, "cells": len(database)},
        assembly,
        rounds,
    )


def _counter(progress: Progress, total: int) -> Callable[[], None]:
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        progress("stages", done, total)

    progress("stages", 0, total)
    return step


def _eligible(database: CellDatabase, side_solid: float, softest: float) -> BoolArray:
    """Cells with sides solid enough to join, and stiff enough to be what they seem."""
    solid = database.side_solid() >= side_solid
    if not solid.any():
        raise ValueError(f"no cell has sides of at least {side_solid:g} solid; lower side_solid")
    moduli = database.properties[:, [0, 2, 3]] * (1.0, 1.0, 5.0)
    solid &= moduli.min(axis=1) >= softest * database.material.young
    if not solid.any():
        raise ValueError(
            f"no cell with such sides has C11, C22 and 5 C33 of at least {softest:g} E; lower "
            "softest"
        )
    return np.asarray(solid)
