"""Design problems: supports, loads and target displacements, five standard ones and your own."""

from metafast.problems.body import CellKind
from metafast.problems.bridge import bridge
from metafast.problems.cases import case_of, load_cases
from metafast.problems.cloak import cloak
from metafast.problems.graded_beam import graded_beam
from metafast.problems.gripper import gripper
from metafast.problems.problem import Problem
from metafast.problems.smiley import smiley
from metafast.problems.standard import PUBLISHED, STANDARD, standard_problem

__all__ = [
    "PUBLISHED",
    "STANDARD",
    "CellKind",
    "Problem",
    "bridge",
    "case_of",
    "cloak",
    "graded_beam",
    "gripper",
    "load_cases",
    "smiley",
    "standard_problem",
]
