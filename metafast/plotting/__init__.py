"""Figures of every stage, fit for a paper.

Each function draws one figure and returns it. All take `path=` to write it as .png, .pdf or .svg,
and `width=` for its width: "single" (89 mm), "double" (183 mm, the default) or a number of mm. Type
keeps its size of 6 to 7 points, so a figure goes into a paper unscaled. Those of a single panel
also take `ax=`, axes of a figure of your own to draw on.
"""

from metafast.plotting import needed as needed
from metafast.plotting.arrow import plot_arrow
from metafast.plotting.candidates import CandidateSets, plot_candidates
from metafast.plotting.cells import plot_cell_rows, plot_cells, plot_walk
from metafast.plotting.convergence import plot_convergence
from metafast.plotting.deformation import plot_deformed, plot_structure
from metafast.plotting.families import plot_families, plot_gradation
from metafast.plotting.family_graph import plot_family_graph
from metafast.plotting.fields import plot_fields
from metafast.plotting.figures import save_figure
from metafast.plotting.kinematics import plot_linear_and_finite
from metafast.plotting.latent import plot_clusters, plot_latent_map
from metafast.plotting.load_path import plot_load_paths
from metafast.plotting.loops import plot_loops
from metafast.plotting.pairs import plot_pairs
from metafast.plotting.problem import plot_problem
from metafast.plotting.property_cloud import plot_property_cloud
from metafast.plotting.training import plot_training

__all__ = [
    "CandidateSets",
    "plot_arrow",
    "plot_candidates",
    "plot_cell_rows",
    "plot_cells",
    "plot_clusters",
    "plot_convergence",
    "plot_deformed",
    "plot_families",
    "plot_family_graph",
    "plot_fields",
    "plot_gradation",
    "plot_latent_map",
    "plot_linear_and_finite",
    "plot_load_paths",
    "plot_loops",
    "plot_pairs",
    "plot_problem",
    "plot_property_cloud",
    "plot_structure",
    "plot_training",
    "plot_walk",
    "save_figure",
]
