"""Homogenization of pixel cells: stiffness, tractions, displacements, sensitivities."""

from metafast.homogenization.displacements import displacement_fields
from metafast.homogenization.effective import homogenize, properties_of
from metafast.homogenization.simp import SimpSensitivities, simp_sensitivities
from metafast.homogenization.tractions import SIDES, boundary_tractions

__all__ = [
    "SIDES",
    "SimpSensitivities",
    "boundary_tractions",
    "displacement_fields",
    "homogenize",
    "properties_of",
    "simp_sensitivities",
]
