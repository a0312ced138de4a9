"""Homogenization of pixel cells: stiffness, tractions, displacements, sensitivities."""

from metafast.homogenization.corners import Corners, check_corners
from metafast.homogenization.displacements import displacement_fields
from metafast.homogenization.effective import (
    SHEAR_COUPLING,
    couples_shear,
    homogenize,
    properties_of,
    stiffnesses_of,
)
from metafast.homogenization.simp import SimpSensitivities, simp_sensitivities
from metafast.homogenization.tractions import SIDES, boundary_tractions

__all__ = [
    "SHEAR_COUPLING",
    "SIDES",
    "Corners",
    "SimpSensitivities",
    "boundary_tractions",
    "check_corners",
    "couples_shear",
    "displacement_fields",
    "homogenize",
    "properties_of",
    "simp_sensitivities",
    "stiffnesses_of",
]
