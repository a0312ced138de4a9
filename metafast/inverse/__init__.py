"""Inverse homogenization: a cell for a target stiffness, by SIMP (section 3.2)."""

from metafast.inverse.inverse import InverseResult, inverse_homogenize

__all__ = ["InverseResult", "inverse_homogenize"]
