"""The closed loop: swap cells by what the pixels do, solve every pixel again, keep the best."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from metafast._base.checks import require_count, require_threads
from metafast._base.progress import Progress, silent
from metafast._base.typing import AnyArray, ByteArray
from metafast.assembly.costs import AssemblyCosts
from metafast.assembly.joining import join_sides
from metafast.assembly.tiling import Assembly, relabelled, tile
from metafast.database import CellDatabase
from metafast.macro import MacroModel
from metafast.pipeline.swap_choice import best_swaps
from metafast.pipeline.swap_effects import SwapEffects
from metafast.problems import Problem
from metafast.structure import StructureResponse
from metafast.structure.adjoint import TargetAdjoints
from metafast.structure.solve import solve_structure, solve_with_adjoints
from metafast.structure.supports import NotCarriedError
from metafast.structure.window import SwapWindows

_EDGE_PRICE = 1e-6  # squared relative error that one unit of boundary mismatch may cost
_STOP = 0.02  # rounds that promise less than this share of the error are not worth a solution

ROUNDS = np.dtype(
    [
        ("round", int),
        ("swaps", int),
        ("predicted", float),
        ("every_pixel", float),
        ("energy", float),
        ("kept", bool),
    ]
)


@dataclass(frozen=True, eq=False)
class Structure:
    """A choice of cells, its pixels and their solution with refine x refine elements for each."""

    assembly: Assembly
    pixels: ByteArray
    response: StructureResponse
    adjoints: TargetAdjoints | None = None
    refine: int = 1


def solve_assembly(
    problem: Problem,
    database: CellDatabase,
    assembly: Assembly,
    *,
    adjoint: bool,
    refine: int = 1,
    threads: int | None,
) -> Structure:
    """Solve every pixel of an assembly, with the adjoint fields of the targets if asked.

    Sides that the cells leave apart are joined by strips first.
    """
    distinct, place = np.unique(assembly.cells, return_inverse=True)
    pixels = tile(database.take(distinct), place.reshape(assembly.cells.shape))
    pixels = join_sides(pixels, *assembly.cells.shape)
    given = pixels, problem, database.phases
    if not adjoint:
        response = solve_structure(*given, refine=refine, threads=threads)
        return Structure(assembly, pixels, response, refine=refine)
    solved = solve_with_adjoints(*given, refine=refine, threads=threads)
    return Structure(assembly, pixels, *solved, refine=refine)


def close_loop(
    problem: Problem,
    database: CellDatabase,
    costs: AssemblyCosts,
    start: Structure,
    *,
    rounds: int,
    mesh: int = 1,
    windows: int | None = None,
    threads: int | None = None,
    progress: Progress = silent,
) -> tuple[Structure, AnyArray]:
    """Lower the error of every pixel by swapping cells among their candidates.

    Every round looks at the most promising swaps in windows of 3 x 3 cells
    (`metafast.structure.window`), takes those that together lower the error most, and solves every
    pixel of the result. A worse structure is thrown away. Then the adjoint fields are made anew, if
    cells were swapped since they were made; if not, the next round takes half the swaps, or, if it
    was a single one, does without that.

    Parameters
    ----------
    problem : Problem
    database : CellDatabase
    costs : AssemblyCosts
    start : Structure
        Open-loop structure, with its adjoint fields. They serve until a round fails: a few swapped
        cells hardly change how a force elsewhere moves the targets, and new fields cost more than a
        solution.
    rounds : int
        Most further solutions of every pixel.
    mesh : int
        Macro elements per cell side.
    windows : int, optional
        Windows per round; by default 100 and one for every five cells, at most four for each cell.
    threads : int, optional
    progress : callable, optional

    Returns
    -------
    structure : Structure
        The best one found; `start` if none is better.
    history : structured array
        Row 0 is the start; per round the swaps, the error that the windows predict, the error of
        every pixel (infinite if it falls apart), the assembly's energy, and whether it was kept.

    Raises
    ------
    ValueError
        If an argument is out of range.
    KeyboardInterrupt
        On Ctrl-C.

    Warns
    -----
    RuntimeWarning
        If memory ends before the rounds do; the best structure so far is returned.
    """
    adjoints = start.adjoints
    if adjoints is None and rounds > 0:
        raise ValueError("start has no adjoint fields; make it by solve_assembly(adjoint=True)")
    model = MacroModel(problem, mesh)
    effects = SwapEffects(costs, database, model)
    target = model.target_values
    norm2 = float(target @ target)
    cells = problem.rows * problem.cols
    count = min(4 * cells, 100 + cells // 5)
    if windows is not None:
        count = require_count("windows", windows)
    best, most = start, cells
    look = fresh = True
    history = [(0, 0, np.nan, start.response.rrmse, start.assembly.energy, True)]
    for done in range(1, rounds + 1):
        if not np.isfinite(best.response.rrmse):
            break
        labels = best.assembly.labels
        residual = best.response.displacement[problem.wanted] - target
        if look:
            assert adjoints is not None
            view = SwapWindows(problem, database.phases.solid, best.response, adjoints)
            possible = view.possible & ~costs.cells_with_open_sides(
                labels
            )  # windows have no strips
            swaps = effects.promising(labels, residual, possible, count)
            effects.look(view, swaps, workers=require_threads(threads), progress=progress)
            del view
        swapped, left = best_swaps(
            costs,
            labels,
            effects.values,
            effects.usable,
            residual,
            count=most,
            edge_price=_EDGE_PRICE * norm2,
        )
        predicted = float(np.sqrt(left @ left / norm2))
        if predicted > (1.0 - _STOP) * best.response.rrmse:
            break
        trial = relabelled(best.assembly, costs, swapped)
        number = int((swapped != labels).sum())
        try:
            found = _solved(problem, database, trial, threads, start.refine)
        except MemoryError as full:
            warnings.warn(f"the closed loop ends early: {full}", RuntimeWarning, stacklevel=2)
            break
        error = found.response.rrmse if found else np.inf
        look = found is not None and error < best.response.rrmse
        history.append((done, number, predicted, error, trial.energy, look))
        progress("closed loop", done, rounds)
        if look:
            assert found is not None
            effects.forget(labels, swapped)
            best, most, fresh = found, cells, False
            del found
            continue
        del found
        last = fresh or done == rounds
        renewed = None if last else _renewed(problem, database, best, threads)
        if renewed is not None:
            adjoints, look, fresh = renewed, True, True
            effects.forget_all()
        elif number > 1:
            most = number // 2
        else:
            effects.usable[(*np.argwhere(swapped != labels)[0], swapped[swapped != labels][0])] = (
                False
            )
    progress("closed loop", rounds, rounds)
    return best, np.array(history, dtype=ROUNDS)


def _solved(
    problem: Problem,
    database: CellDatabase,
    assembly: Assembly,
    threads: int | None,
    refine: int = 1,
) -> Structure | None:
    """The structure, or None if the swaps cut the body so that no part is held or loaded."""
    try:
        with warnings.catch_warnings():
            # a target without solid makes the error infinite, and the structure is thrown away
            warnings.simplefilter("ignore", RuntimeWarning)
            return solve_assembly(
                problem, database, assembly, adjoint=False, refine=refine, threads=threads
            )
    except (NotCarriedError, np.linalg.LinAlgError):
        return None


def with_adjoints(
    problem: Problem, database: CellDatabase, structure: Structure, threads: int | None
) -> Structure:
    """The structure solved again, with adjoint fields of the targets."""
    return solve_assembly(
        problem,
        database,
        structure.assembly,
        adjoint=True,
        refine=structure.refine,
        threads=threads,
    )


def _renewed(
    problem: Problem, database: CellDatabase, best: Structure, threads: int | None
) -> TargetAdjoints | None:
    """Adjoint fields of the best structure; None if there is no room for them."""
    try:
        return with_adjoints(problem, database, best, threads).adjoints
    except MemoryError:
        return None
