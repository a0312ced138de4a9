"""Homogenization of pixel cells: effective stiffness and boundary tractions."""

from metafast.homogenization.effective import (
    SIDES,
    boundary_tractions,
    homogenize,
    is_mirror_symmetric,
    properties_of,
)

__all__ = ["SIDES", "boundary_tractions", "homogenize", "is_mirror_symmetric", "properties_of"]
