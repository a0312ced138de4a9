"""Passive and absent cells in the assembly: one label each, and no edges to absent ones.

The grid Markov random field has a node for every place of the rectangle. A passive cell is a node
with a single label, the others cost +inf: its sides are costs of its neighbours' labels. An absent
cell is such a node too, and its edges cost nothing, so that it adds zero to every energy and to
every bound. The reduction is exact: labellings of the designed cells keep their energies, and a
bound for the rectangle is one for the body. The solver drops labels of +inf before it begins.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, ByteArray, FloatArray, IntArray
from metafast.assembly.layout import tile
from metafast.database import CellDatabase
from metafast.macro.passive import passive_properties
from metafast.problems import CellKind, Problem
from metafast.problems.body import passive_pixels


def shared_sides(present: BoolArray) -> tuple[BoolArray, BoolArray]:
    """Sides (rows, cols-1) and (rows-1, cols) of two cells that are both present."""
    return present[:, :-1] & present[:, 1:], present[:-1] & present[1:]


def single_labels(unary: FloatArray, designed: BoolArray) -> FloatArray:
    """Node costs (rows, cols, count) with label 0, at no cost, for cells that are not designed."""
    costs = unary.copy()
    costs[~designed] = np.inf
    costs[~designed, 0] = 0.0
    return costs


def without_absent(tables: tuple[AnyArray, AnyArray], present: BoolArray) -> None:
    """Set the entries of edge tables, (rows, cols-1, ...) and (rows-1, cols, ...), to zero."""
    for table, shared in zip(tables, shared_sides(present), strict=True):
        table[~shared] = 0


def cells_in_use(
    database: CellDatabase, choice: IntArray, problem: Problem | None
) -> tuple[ByteArray, IntArray]:
    """Pixels of the cells that a body may have, each once, and the index of every choice.

    Parameters
    ----------
    database : CellDatabase
    choice : (rows, cols, ...) int array
        Rows of the database for designed cells; other entries are not used.
    problem : Problem or None
        None if all cells are designed.

    Returns
    -------
    cells : (n, p, p) array
        The chosen cells, then the passive ones if the problem has a body.
    place : (rows, cols, ...) int array
        Index into `cells`; 0 for absent cells.
    """
    if problem is None or problem.body is None:
        distinct, place = np.unique(choice, return_inverse=True)
        return database.take(distinct), place.reshape(choice.shape)
    designed, kinds = problem.designed, problem.kinds
    distinct, of_designed = np.unique(choice[designed], return_inverse=True)
    cells = database.take(distinct)
    place = np.zeros(choice.shape, np.int64)
    place[designed] = of_designed.reshape(-1, *choice.shape[2:])
    passive = kinds >= CellKind.SOLID
    index = len(distinct) + kinds[passive] - CellKind.SOLID
    place[passive] = index.reshape(-1, *[1] * (choice.ndim - 2))
    return np.concatenate([cells, passive_pixels(problem.given, cells.shape[1])]), place


def body_pixels(database: CellDatabase, cells: IntArray, problem: Problem) -> ByteArray:
    """Pixels of a body: the chosen cells, the passive ones, and nothing where cells are absent.

    Parameters
    ----------
    database : CellDatabase
    cells : (rows, cols) int array
        Rows of the database for designed cells.
    problem : Problem

    Returns
    -------
    (rows*p, cols*p) array
    """
    used, place = cells_in_use(database, cells, problem)
    pixels = tile(used, place)
    if problem.body is not None:
        p, (rows, cols) = used.shape[1], cells.shape
        pixels.reshape(rows, p, cols, p).transpose(0, 2, 1, 3)[~problem.present] = 0
    return pixels


def body_properties(database: CellDatabase, choice: IntArray, problem: Problem) -> FloatArray:
    """C11, C12, C22, C33 of the chosen cells and the passive ones; zero where a cell is absent.

    Parameters
    ----------
    database : CellDatabase
    choice : (rows, cols, ...) int array
        Rows of the database for designed cells.
    problem : Problem

    Returns
    -------
    (rows, cols, ..., 4) array
    """
    if problem.body is None:
        return database.properties[choice]
    passive = passive_properties(problem, database.phases)
    result = np.empty((*choice.shape, 4))
    result[:] = np.expand_dims(passive, tuple(range(2, choice.ndim)))
    result[problem.designed] = database.properties[choice[problem.designed]]
    return result
