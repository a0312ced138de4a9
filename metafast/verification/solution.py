"""Solution of a structure by one kinematics and law on one mesh: its figures and its load path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from metafast._base.typing import AnyArray, Kinematics
from metafast.structure.finite.path import STEPS, Step


@dataclass(frozen=True)
class Solution:
    """Figures of one solution.

    Attributes
    ----------
    kinematics : {"linear", "finite"}
    law : str
        Law of the solid at finite deformation; "linear" otherwise.
    refine : int
        Elements per pixel side.
    rrmse : float
        RRMSE of the targets, read as affine fits around the macro nodes; infinite without a
        solution.
    node_rrmse : float
        RRMSE of the targets read at the macro nodes themselves, or at the nearest solid node within
        five pixels.
    missing_nodes : int
        Targets without a solid node so near; `node_rrmse` leaves them out.
    stable : bool
        Whether the equilibrium is stable.
    critical_load : float
        Least share of the load with an unstable equilibrium; infinite if none was found.
    largest_strain : float
    overlapping_nodes : int
        Boundary nodes that the deformation moved into another pixel: contact is not modelled.
    seconds : float
    load : float
        Share of the load up to which there are equilibria.
    note : str
        Reason for the lack of a solution; empty if there is one.
    path : tuple of Step
        Equilibria from rest to the full load.
    """

    kinematics: Kinematics
    law: str
    refine: int
    rrmse: float = float("inf")
    node_rrmse: float = float("inf")
    missing_nodes: int = 0
    stable: bool = False
    critical_load: float = float("inf")
    largest_strain: float = float("inf")
    overlapping_nodes: int = 0
    seconds: float = 0.0
    load: float = 1.0
    note: str = ""
    path: tuple[Step, ...] = ()

    @property
    def is_solved(self) -> bool:
        """Whether there is a solution at the full load."""
        return not self.note

    @property
    def steps(self) -> AnyArray:
        """The load path as a structured array (`metafast.structure.finite.path.STEPS`)."""
        return np.array([tuple(step) for step in self.path], STEPS)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Solution:
        """A solution from plain values, the steps of the path as lists."""
        rows = [[np.nan if value is None else value for value in row] for row in data["path"]]
        steps = tuple(Step._make(row) for row in rows)
        return Solution(**(data | {"path": steps}))
