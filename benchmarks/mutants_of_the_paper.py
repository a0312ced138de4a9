"""Equations of the paper: where their code is, and which tests have to pin it down."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Equation:
    """Code of an equation and the tests that should notice every change of it.

    name: of the paper
    path: module, or C++ file
    names: functions, methods or constants in it
    tests: files or single tests for pytest, or C++ files of unit tests
    replaced: further mutants, as a text in the module and what takes its place
    """

    name: str
    path: Path
    names: tuple[str, ...]
    tests: tuple[str, ...]
    replaced: tuple[tuple[str, str], ...] = ()


EQUATIONS = (
    Equation(
        "Eqs. 3 and 5, sampling and regression from the mean",
        Path("metafast/generative/network.py"),
        ("Networks.forward",),
        ("tests/generative/test_network.py",),
        (
            ("self.regressor(mean)", "self.regressor(z)"),
            ("self.decode(z), mean", "self.decode(mean), mean"),
        ),
    ),
    Equation(
        "Eqs. 4 and 6, terms of the loss",
        Path("metafast/generative/network.py"),
        ("loss_terms",),
        ("tests/generative/test_network.py",),
    ),
    Equation(
        "Eq. 6, weighted sum",
        Path("metafast/generative/training.py"),
        (),
        ("tests/generative/test_training.py",),
        (
            ('config.kl_weight * terms["kl"]', 'terms["kl"]'),
            ('config.regression_weight * terms["regression"]', 'terms["regression"]'),
            ('+ config.kl_weight * terms["kl"]', '- config.kl_weight * terms["kl"]'),
            ('terms["reconstruction"]\n', '2.0 * terms["reconstruction"]\n'),
            ("torch.randn(size", "torch.rand(size"),
        ),
    ),
    Equation(
        "Eq. 7, gradation",
        Path("metafast/properties/gradation.py"),
        ("Gradation.isotropic_like", "_FIRST"),
        (
            "tests/properties/test_gradation.py::test_equation_7_ends_at_the_solid",
            "tests/properties/test_gradation.py::test_the_papers_solid_has_equation_7_to_the_bit",
            "tests/properties/test_gradation.py::test_it_ends_at_any_solid",
            "tests/properties/test_gradation.py::test_it_scales_with_youngs_modulus",
        ),
    ),
    Equation(
        "Eqs. 8, A3 and A4, objective",
        Path("metafast/macro/objective.py"),
        ("displacement_objective",),
        ("tests/macro/test_objective.py",),
    ),
    Equation(
        "Eqs. 8 and 13, weights and RRMSE",
        Path("metafast/problems/target_error.py"),
        ("TargetError.__init__", "TargetError.relative", "TargetError.objective"),
        ("tests/problems/test_target_error.py",),
    ),
    Equation(
        "Eqs. 9, 10, 14 and 15, equilibrium and sensitivities",
        Path("metafast/macro/fem.py"),
        (
            "MacroModel.solve",
            "MacroModel.adjoints",
            "MacroModel.stiffness_product",
            "_element_dofs",
        ),
        ("tests/macro/test_fem.py", "tests/macro/test_objective.py", "tests/macro/test_loads.py"),
    ),
    Equation(
        "Eqs. 11 and 12, constraint",
        Path("metafast/macro/constraint.py"),
        ("feasibility_constraint", "paper_constraint"),
        ("tests/macro/test_objective.py",),
        (("float((0.5 * (np.tanh", "0.1 * float((0.5 * (np.tanh"),),
    ),
    Equation(
        "section 5.1, signed distance",
        Path("metafast/properties/space.py"),
        (
            "PropertySpace.from_properties",
            "PropertySpace.innermost",
            "PropertySpace.signed_distance_at",
        ),
        ("tests/properties/test_space.py",),
    ),
    Equation(
        "Eq. 16, deviation of a candidate",
        Path("metafast/selection/candidates.py"),
        ("property_errors",),
        ("tests/selection/test_candidates.py::test_property_errors_are_those_of_equation_16",),
    ),
    Equation(
        "Eq. 17, mismatch of two sides",
        Path("cpp/incompatibility/mismatch.cpp"),
        ("geometric_mismatch", "l1", "mechanical_mismatch"),
        ("cpp/tests/incompatibility/test_mismatch.cpp",),
    ),
    Equation(
        "Eqs. 16 and 17, costs of the assembly",
        Path("metafast/assembly/costs.py"),
        ("AssemblyCosts.tables", "AssemblyCosts.open_cost", "open_tables", "_OPEN"),
        ("tests/assembly/test_tiling.py",),
    ),
    Equation(
        "section 4.1, arrows",
        Path("metafast/generative/arrows.py"),
        ("property_arrow", "high_and_low", "_SHARE", "_RATIO"),
        ("tests/generative/test_latent.py",),
    ),
    Equation(
        "section 4.1, properties that arrows raise",
        Path("metafast/properties/names.py"),
        ("value_of", "derivative_of"),
        ("tests/properties/test_names.py",),
    ),
    Equation(
        "section 4.2, clusters of candidates",
        Path("metafast/selection/candidates.py"),
        ("principal_plane", "best_of_clusters"),
        (
            "tests/selection/test_candidates.py::test_clusters_are_those_of_kmeans",
            "tests/selection/test_candidates.py::test_the_plane_is_that_of_the_principal_components",
        ),
    ),
    Equation(
        "section 4.3, edges of the family graph",
        Path("metafast/selection/edge_lengths.py"),
        ("forward_edges", "edge_lengths"),
        (
            "tests/selection/test_family_graph.py::test_graph_and_paths_are_those_of_the_paper",
            "tests/selection/test_family_graph.py::test_edges_lead_to_the_nearest_of_higher_rank",
            "tests/selection/test_family_graph.py::test_edges_of_few_points_and_between_blocks",
            "tests/selection/test_family_graph.py::test_lengths_are_powers_of_the_distance",
            "tests/selection/test_family_graph.py::test_edges_that_leave_the_gradation_are_longer",
        ),
    ),
    Equation(
        "section 4.3, ends and shortest paths",
        Path("metafast/selection/graph_arrays.py"),
        ("GraphArrays.shortest_path", "_ends"),
        (
            "tests/selection/test_family_graph.py::test_ends_are_the_first_and_the_last_ranks",
            "tests/selection/test_families.py::test_a_path_holds_both_ends",
            "tests/selection/test_family_graph.py::test_graph_and_paths_are_those_of_the_paper",
        ),
    ),
)

# survivors that need no further test, and why
KNOWN: dict[tuple[str, str], str] = {
    ("Eq. 7, gradation", "Gradation.isotropic_like: 401 → 402"): (
        "points of the curve, with straight lines between them"
    ),
    (
        "Eq. 17, mismatch of two sides",
        "geometric_mismatch: if (solid_a == 0 || solid_b == 0) return 1.0; → "
        "if (solid_a == 0 && solid_b == 0) return 1.0;",
    ): "the same: with one side empty all solid pixels are unmatched, and the ratio is 1",
    (
        "Eq. 17, mismatch of two sides",
        "mechanical_mismatch: return std::min(l1_of_sum(a, b, count) / size, 1.0); → "
        "return std::min(l1_of_sum(a, b, count) / size, 2.0);",
    ): "the same but for rounding: the ratio is at most 1",
    ("Eqs. 16 and 17, costs of the assembly", "open_tables: 0.5 → 0.75 (1)"): (
        "the same: whole numbers are compared with it"
    ),
    ("Eqs. 16 and 17, costs of the assembly", "open_tables: 0.5 → 0.75 (2)"): (
        "the same: whole numbers are compared with it"
    ),
    (
        "section 4.1, arrows",
        "property_arrow: value - value.mean() → value + value.mean()",
    ): "the same: least squares of centred points do not see a constant",
    (
        "section 4.2, clusters of candidates",
        "best_of_clusters: ((points[:, :, None] - centres[:, None]) ** 2).sum(-1) → "
        "((points[:, :, None] - centres[:, None]) ** 2).mean(-1)",
    ): "the same: half of every squared distance has its least at the same centre",
    ("section 4.2, clusters of candidates", "best_of_clusters: 1 → 2 (9)"): (
        "the same: further columns that are cut off again"
    ),
    ("section 4.3, edges of the family graph", "forward_edges: 1 → 2 (4)"): (
        "the same: NumPy leaves the next smallest just behind the place of a partition"
    ),
    (
        "section 4.3, ends and shortest paths",
        "GraphArrays.shortest_path: len(self.starts) and len(self.stops) → "
        "len(self.starts) or len(self.stops)",
    ): "the same: both ends have as many cells",
    ("section 4.1, arrows", "property_arrow: value.mean() → value.sum()"): (
        "the same: least squares of centred points do not see a constant"
    ),
}
