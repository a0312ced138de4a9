"""Design problems: supports and target displacements, three standard ones and your own."""

from metafast.problems.bridge import bridge
from metafast.problems.graded_beam import graded_beam
from metafast.problems.problem import Problem
from metafast.problems.smiley import smiley

STANDARD = {"bridge": bridge, "graded_beam": graded_beam, "smiley": smiley}

__all__ = ["STANDARD", "Problem", "bridge", "graded_beam", "smiley"]
