"""Elastic body of Q4 elements at finite deformation: arrays around the compiled kernels.

Springs to the ground are a part of the body, dead loads act on it: its energy is the potential

    strain energy + sum k u^2 / 2 - pull . u
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import BoolArray, FloatArray, IntArray
from metafast.macro import total_lagrangian


class ElasticBody:
    """Energy, forces and tangent of a body of square elements.

    Parameters
    ----------
    dofs : (elements, 8) int array
        Degrees of freedom of the elements in q4's node order.
    per_width : float
        Elements per cell width.
    fixed : (degrees of freedom,) bool array
    place : (elements, 36) int array
        Entry of the tangent's upper triangle for each pair i <= j of an element's degrees of
        freedom, -1 for pairs with a fixed one.
    entries : int
        Entries of the upper triangle.
    springs : (degrees of freedom,) array
        Stiffness of the springs, zero where there is none or the degree is fixed.
    spring_slots : (s,) int array
        Entries of the tangent's diagonal for the degrees of freedom that have a spring.

    Attributes
    ----------
    pull : (degrees of freedom,) array
        Dead loads; set before anything is computed.
    properties : (elements, 4) array
        C11, C12, C22, C33; set before anything is computed.
    free : (unknowns,) int array
        Degrees of freedom that are not fixed.
    size : int
        Number of degrees of freedom.
    """

    def __init__(
        self,
        dofs: IntArray,
        per_width: float,
        fixed: BoolArray,
        place: IntArray,
        entries: int,
        springs: FloatArray,
        spring_slots: IntArray,
    ) -> None:
        self._dofs, self._per_width, self._place = dofs, float(per_width), place
        self.size, self._entries = fixed.size, entries
        self.free = np.flatnonzero(~fixed)
        self.properties = np.zeros((len(dofs), 4))
        self.pull = np.zeros(self.size)
        self._sprung, self._spring_slots = np.flatnonzero(springs), spring_slots
        self._stiffness = springs[self._sprung]

    def energy_and_forces(self, u: FloatArray) -> tuple[float, FloatArray]:
        """Potential, infinite if an element is inverted, and its derivative by u.

        Without loads and springs they are the strain energy and the internal forces.
        """
        forces = np.zeros(self.size)
        energy = total_lagrangian.energy_and_forces(
            self._dofs, self.properties, u, self._per_width, forces
        )
        if len(self._sprung):
            stretch = u[self._sprung]
            energy += 0.5 * self._stiffness @ stretch**2
            forces[self._sprung] += self._stiffness * stretch
        if self.pull.any():
            energy -= self.pull @ u
            forces -= self.pull
        return float(energy), forces

    def force_rates(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """Derivative of the forces at u along v."""
        forces = np.zeros(self.size)
        total_lagrangian.force_rates(self._dofs, self.properties, u, v, self._per_width, forces)
        forces[self._sprung] += self._stiffness * v[self._sprung]
        return forces

    def tangent(self, u: FloatArray) -> FloatArray:
        """Values of the tangent's upper triangle, free degrees of freedom alone."""
        data = np.zeros(self._entries)
        total_lagrangian.tangent(self._dofs, self.properties, u, self._per_width, self._place, data)
        data[self._spring_slots] += self._stiffness
        return data

    def force_by_property(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """``v^T df/dC`` at u for the four properties of each element, (elements, 4)."""
        result = np.empty((len(self._dofs), 4))
        total_lagrangian.force_by_property(self._dofs, u, v, self._per_width, result)
        return result

    def curvature_rates(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """Derivative of ``v^T K v`` by u, K the tangent at u."""
        forces = np.zeros(self.size)
        total_lagrangian.curvature_rates(self._dofs, self.properties, u, v, self._per_width, forces)
        return forces

    def curvature_by_property(self, u: FloatArray, v: FloatArray) -> FloatArray:
        """``v^T dK/dC v`` for the four properties of each element, (elements, 4)."""
        result = np.empty((len(self._dofs), 4))
        total_lagrangian.curvature_by_property(self._dofs, u, v, self._per_width, result)
        return result
