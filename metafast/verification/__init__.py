"""Figures of a structure checked: kinematics, laws, mesh levels and programs from outside."""

from metafast.verification.extrapolation import Extrapolation
from metafast.verification.outside import JUDGES, Judgement
from metafast.verification.solution import Solution
from metafast.verification.verification import Verification
from metafast.verification.verify import verify

__all__ = ["JUDGES", "Extrapolation", "Judgement", "Solution", "Verification", "verify"]
