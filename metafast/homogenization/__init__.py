"""Homogenization of pixel cells: stiffness, tractions, displacements, sensitivities."""

from metafast.homogenization.displacements import displacement_fields
from metafast.homogenization.effective import homogenize, properties_of
from metafast.homogenization.inverse import InverseResult, inverse_homogenize
from metafast.homogenization.simp import simp_sensitivities
from metafast.homogenization.systems import is_mirror_symmetric
from metafast.homogenization.tractions import SIDES, boundary_tractions

__all__ = [
    "SIDES",
    "InverseResult",
    "boundary_tractions",
    "displacement_fields",
    "homogenize",
    "inverse_homogenize",
    "is_mirror_symmetric",
    "properties_of",
    "simp_sensitivities",
]
