"""Dead loads and springs on the pixel nodes of a body.

A force at a macro node is spread over the solid nodes within half a cell by the weights of the
affine fit that reads the displacement there (`metafast.structure.readout`)::

    U = sum w_i u_i        f_i = w_i F        sum f_i . u_i = F . U

So the work of the force is exactly force times macro displacement, and, since the fit reproduces
affine fields, the spread forces have the resultant and the moment of the force at the node itself.
A spring takes hold in the same way: it stretches by U, and its stiffness is k w w^T.

Tractions act on the solid pixel sides of a cell's side and keep its resultant
(`metafast.problems.loads.spread_tractions`). Where a node has two copies, each takes half.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.problems.loads import SIDES, spread_tractions
from metafast.problems.problem import Problem
from metafast.structure.nodes import copies, corner_contacts, number
from metafast.structure.readout import readout_weights
from metafast.structure.supports import NotCarriedError, touched
from metafast.structure.system import PixelSystem


class MacroLoads(NamedTuple):
    """Loads of cells and macro nodes, as a problem has them; None where there are none."""

    forces: FloatArray | None
    tractions: FloatArray | None
    springs: FloatArray | None

    @staticmethod
    def of(problem: Problem) -> MacroLoads:
        """The loads of a problem."""
        return MacroLoads(problem.forces, problem.tractions, problem.springs)

    @property
    def are_none(self) -> bool:
        """Whether there are none."""
        return all(each is None for each in self)


class PixelSpring(NamedTuple):
    """A spring on the weighted displacement of some nodes.

    Attributes
    ----------
    macro : (int, int)
        Macro node.
    component : int
    stiffness : float
    i, j : (m,) int arrays
        Rows and columns of the pixel nodes.
    weights : (m,) array
    """

    macro: tuple[int, int]
    component: int
    stiffness: float
    i: IntArray
    j: IntArray
    weights: FloatArray

    def stretch(self, field: FloatArray) -> float:
        """Displacement U of the spring's end for that of the nodes (ny+1, nx+1, 2)."""
        return float(self.weights @ field[self.i, self.j, self.component])

    def add_force(self, field: FloatArray, stretch: float) -> None:
        """Add the force of the spring on the nodes to a field (ny+1, nx+1, 2)."""
        field[self.i, self.j, self.component] -= self.stiffness * stretch * self.weights


@dataclass(frozen=True, eq=False)
class PixelLoads:
    """Dead loads and springs of a body.

    Attributes
    ----------
    force : (ny+1, nx+1, 2) array
        Dead loads on the pixel nodes.
    springs : list of PixelSpring
    largest : float
        Largest resultant of a single force or of a cell's side.
    """

    force: FloatArray
    springs: list[PixelSpring]
    largest: float

    def spring_rows(self, system: PixelSystem, place: AnyArray | None = None) -> sparse.csr_array:
        """Weights (s, n + m) of the springs on the degrees of freedom.

        Parameters
        ----------
        system : PixelSystem
        place : (ny+1, nx+1, 2) int array, optional
            Numbers n .. n + m - 1 of the prescribed degrees of freedom; without it there are only
            the n free ones.
        """
        size = system.unknowns if place is None else max(int(place.max()) + 1, system.unknowns)
        rows, columns, values = [], [], []
        for row, spring in enumerate(self.springs):
            at = spring.i, spring.j, spring.component
            parts = [free_entries(system, *at, spring.weights)]
            if place is not None:
                held = place[at] >= 0
                parts.append((place[at][held], spring.weights[held]))
            for numbers, weights in parts:
                rows.append(np.full(len(numbers), row))
                columns.append(numbers)
                values.append(weights)
        entries = (np.concatenate(rows), np.concatenate(columns)) if rows else ([], [])
        data: Any = np.concatenate(values) if values else []
        return sparse.csr_array((data, entries), shape=(len(self.springs), size))

    def on_free(self, system: PixelSystem, field: FloatArray | None = None) -> FloatArray:
        """Forces (n,) on the free degrees of freedom from those on the nodes, the dead loads."""
        field = self.force if field is None else field
        i, j, p = np.nonzero(field)
        total = np.zeros(system.unknowns)
        for component in (0, 1):
            of = p == component
            at = i[of], j[of], component
            numbers, values = free_entries(system, *at, field[at])
            total[numbers] += values
        return total

    def total(self, field: FloatArray) -> FloatArray:
        """Forces (ny+1, nx+1, 2) of dead loads and springs at a displacement of the nodes."""
        total = self.force.copy()
        for spring in self.springs:
            spring.add_force(total, spring.stretch(field))
        return total

    def spring_energy(self, field: FloatArray) -> float:
        """Energy of the springs at a displacement (ny+1, nx+1, 2) of the nodes."""
        return sum((0.5 * s.stiffness * s.stretch(field) ** 2 for s in self.springs), 0.0)

    def scale(self, field: FloatArray, side: int) -> float:
        """Largest load or spring force, as spread over the nodes of a cell's side."""
        springs = (abs(s.stiffness * s.stretch(field)) for s in self.springs)
        return max(self.largest, max(springs, default=0.0)) / side

    def work(self, field: FloatArray) -> float:
        """Dead loads times a displacement (ny+1, nx+1, 2) of the nodes, NaN in void."""
        there = self.force != 0.0
        return float(self.force[there] @ field[there])


def pixel_loads(loads: MacroLoads, solid: BoolArray, side: int, name: str) -> PixelLoads | None:
    """Loads on the pixel nodes of a body; None if there are none.

    Parameters
    ----------
    loads : MacroLoads
    solid : (ny, nx) bool array
        Pixels of the body, without floating parts.
    side : int
        Pixels per cell side.
    name : str
        The problem's, for messages.

    Raises
    ------
    NotCarriedError
        If a force or spring has no solid node within half a cell, or a loaded side no solid pixel.
    """
    if loads.are_none:
        return None
    force = np.zeros((solid.shape[0] + 1, solid.shape[1] + 1, 2))
    largest = 0.0
    springs: list[PixelSpring] = []
    if loads.tractions is not None:
        force, missing = spread_tractions(loads.tractions, solid, side)
        largest = float(np.abs(loads.tractions).max())
        if missing.any():
            r, c, k = (int(index) for index in np.argwhere(missing)[0])
            raise NotCarriedError(
                f"the {SIDES[k]} side of cell ({r}, {c}), which bears a traction of problem "
                f"{name!r}, has no solid pixel; put a cell with solid pixels there"
            )
    active = touched(solid)
    pull, stiffness = (
        np.zeros((solid.shape[0] // side + 1, solid.shape[1] // side + 1, 2)) if a is None else a
        for a in (loads.forces, loads.springs)
    )
    for r, c in np.argwhere(((pull != 0.0) | (stiffness != 0.0)).any(axis=2)):
        i, j, weights = readout_weights(active, side, r, c)
        if not len(i):
            raise NotCarriedError(
                f"macro node ({r}, {c}), which bears a force or a spring of problem {name!r}, has "
                "no solid pixel within half a cell; put a cell with solid pixels there"
            )
        force[i, j] += weights[:, None] * pull[r, c]
        for p in np.flatnonzero(stiffness[r, c]):
            at = int(r), int(c)
            springs.append(PixelSpring(at, int(p), float(stiffness[r, c, p]), i, j, weights))
    return PixelLoads(force, springs, max(largest, float(np.abs(pull).max())))


def free_entries(
    system: PixelSystem, i: IntArray, j: IntArray, p: int, weights: FloatArray
) -> tuple[AnyArray, FloatArray]:
    """Numbers of the free degrees of freedom of nodes, and their shares of weights (m,).

    The displacement of a node with two copies is their mean, so each has half of its weight.
    """
    place = system.dof[i, j, p]
    free = place >= 0
    contact = corner_contacts(system.code[i, j])
    share = np.where(contact, 0.5, 1.0) * weights
    both = np.flatnonzero(free & contact)
    second = [number(system.dof, i[k], j[k], p, copies(system.code[i[k], j[k]]) - 1) for k in both]
    numbers = np.concatenate([place[free], np.array(second, dtype=place.dtype)])
    return numbers, np.concatenate([share[free], share[both]])


def springs_of(problem: Problem) -> IntArray:
    """Macro nodes and components (s, 3) of a problem's springs."""
    if problem.springs is None:
        return np.empty((0, 3), dtype=np.int64)
    return np.argwhere(problem.springs > 0.0)
