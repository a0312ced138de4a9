"""Pictures of every stage, as matplotlib figures."""

from metafast.plotting import needed as needed
from metafast.plotting.convergence import plot_convergence
from metafast.plotting.deformation import plot_deformed, plot_structure
from metafast.plotting.fields import plot_fields
from metafast.plotting.figures import save_figure
from metafast.plotting.kinematics import plot_linear_and_finite
from metafast.plotting.load_path import plot_load_paths
from metafast.plotting.problem import plot_problem
from metafast.plotting.property_cloud import plot_property_cloud

__all__ = [
    "plot_convergence",
    "plot_deformed",
    "plot_fields",
    "plot_linear_and_finite",
    "plot_load_paths",
    "plot_problem",
    "plot_property_cloud",
    "plot_structure",
    "save_figure",
]
