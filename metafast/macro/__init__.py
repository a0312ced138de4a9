"""Macro optimisation: which properties each cell should have."""

from metafast.macro.fem import MacroModel
from metafast.macro.mma import MMA
from metafast.macro.optimize import PropertyField, optimize_properties

__all__ = ["MMA", "MacroModel", "PropertyField", "optimize_properties"]
