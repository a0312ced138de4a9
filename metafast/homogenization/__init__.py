"""Homogenization of pixel cells: effective stiffness and boundary tractions."""

from metafast.homogenization.effective import homogenize, properties_of
from metafast.homogenization.systems import is_mirror_symmetric
from metafast.homogenization.tractions import SIDES, boundary_tractions

__all__ = ["SIDES", "boundary_tractions", "homogenize", "is_mirror_symmetric", "properties_of"]
