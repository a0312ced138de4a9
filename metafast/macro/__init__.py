"""Macro optimisation: effective properties of every cell for a target displacement."""

from metafast._base.equilibrium import NoEquilibriumError
from metafast.macro.fem import MacroModel
from metafast.macro.finite import FiniteMacroModel, macro_model
from metafast.macro.load_path import LoadPath
from metafast.macro.mma import MMA
from metafast.macro.optimize import PropertyField, optimize_properties

__all__ = [
    "MMA",
    "FiniteMacroModel",
    "LoadPath",
    "MacroModel",
    "NoEquilibriumError",
    "PropertyField",
    "macro_model",
    "optimize_properties",
]
