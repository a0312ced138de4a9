"""Inverse homogenization: a cell for a target stiffness, by SIMP (section 3.2)."""

from metafast.inverse.inverse import InverseResult, inverse_homogenize
from metafast.inverse.options import InverseOptions

__all__ = ["InverseOptions", "InverseResult", "inverse_homogenize"]
