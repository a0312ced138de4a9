"""Design problems: supports and target displacements, three standard ones and your own."""

from metafast.problems.bridge import bridge
from metafast.problems.graded_beam import graded_beam
from metafast.problems.problem import Problem
from metafast.problems.smiley import smiley

STANDARD = {"bridge": bridge, "graded_beam": graded_beam, "smiley": smiley}

# RRMSE at every pixel that the paper reports for its own targets (section 5.2)
PUBLISHED = {"bridge": 0.0600, "graded_beam": 0.1900, "smiley": 0.1623}

__all__ = ["PUBLISHED", "STANDARD", "Problem", "bridge", "graded_beam", "smiley"]
