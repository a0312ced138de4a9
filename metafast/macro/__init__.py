"""Macro optimisation: effective properties of every cell for a target displacement."""

from metafast.macro.fem import MacroModel
from metafast.macro.mma import MMA
from metafast.macro.optimize import PropertyField, optimize_properties

__all__ = ["MMA", "MacroModel", "PropertyField", "optimize_properties"]
