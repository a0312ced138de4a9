"""Supports, forces and springs of a problem on the nodes of its refined macro elements."""

from __future__ import annotations

import numpy as np

from metafast._base.typing import FloatArray
from metafast.problems import Problem
from metafast.problems.loads import spread_tractions


def refined_forces(problem: Problem, mesh: int) -> FloatArray:
    """Forces on the refined nodes, those of the tractions by linear shape functions."""
    forces = np.zeros((problem.rows * mesh + 1, problem.cols * mesh + 1, 2))
    if problem.tractions is not None:
        present = problem.present.repeat(mesh, axis=0).repeat(mesh, axis=1)
        forces, _ = spread_tractions(problem.tractions, present, mesh)
    if problem.forces is not None:
        forces[::mesh, ::mesh] += problem.forces
    return forces


def refined_springs(problem: Problem, mesh: int) -> FloatArray:
    """Stiffness of the springs on the refined nodes; those between macro nodes have none."""
    springs = np.zeros((problem.rows * mesh + 1, problem.cols * mesh + 1, 2))
    if problem.springs is not None:
        springs[::mesh, ::mesh] = problem.springs
    return springs


def refined_values(prescribed: FloatArray, mesh: int) -> FloatArray:
    """Prescribed values on the refined nodes; linear between neighbours that prescribe both."""
    rows, cols = prescribed.shape[0] - 1, prescribed.shape[1] - 1
    fine = np.full((rows * mesh + 1, cols * mesh + 1, 2), np.nan)
    fine[::mesh, ::mesh] = prescribed
    for step in range(1, mesh):
        t = step / mesh
        fine[step::mesh, ::mesh] = (1 - t) * prescribed[:-1] + t * prescribed[1:]
        fine[::mesh, step::mesh] = (1 - t) * prescribed[:, :-1] + t * prescribed[:, 1:]
    return fine
