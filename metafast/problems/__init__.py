"""Design problems: supports and target displacements, four standard ones and your own."""

from metafast.problems.body import CellKind
from metafast.problems.bridge import bridge
from metafast.problems.cloak import cloak
from metafast.problems.graded_beam import graded_beam
from metafast.problems.problem import Problem
from metafast.problems.smiley import smiley
from metafast.problems.standard import PUBLISHED, STANDARD, standard_problem

__all__ = [
    "PUBLISHED",
    "STANDARD",
    "CellKind",
    "Problem",
    "bridge",
    "cloak",
    "graded_beam",
    "smiley",
    "standard_problem",
]
