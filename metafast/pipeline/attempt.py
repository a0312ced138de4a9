"""Attempt: one pass of both stages of a design at a target."""

from __future__ import annotations

from dataclasses import dataclass

from metafast._base.typing import FloatArray
from metafast.assembly.costs import AssemblyCosts
from metafast.assembly.tiling import Assembly
from metafast.macro import PropertyField
from metafast.pipeline.every_pixel import SolvedBody
from metafast.pipeline.mesh_change import MeshChange
from metafast.problems import Problem


@dataclass(frozen=True, eq=False)
class Attempt:
    """One pass of both stages at a target.

    Attributes
    ----------
    aim : Problem
        The problem with the target that the first stage was given.
    field : PropertyField
    costs : AssemblyCosts
    certified : Assembly
        The choice of cells with the certificate.
    body : SolvedBody
        That choice, after swaps by properties if there are any, solved for the problem's own
        supports and targets.
    finer : MeshChange or None
        What a finer mesh changes, where errors on both meshes count.
    predicted : (rows+1, cols+1, 2) array or None
        Displacement of the macro model with the properties of the body's cells, where swaps by
        properties chose them.
    """

    aim: Problem
    field: PropertyField
    costs: AssemblyCosts
    certified: Assembly
    body: SolvedBody
    finer: MeshChange | None = None
    predicted: FloatArray | None = None
