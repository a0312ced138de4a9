"""Wrong arguments that once got no clear answer, by kind; calls are those of the hostile walk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from reference.hostile_arguments import Answer, answer_to, calls

RING = np.roll(np.arange(12), 1)  # every cell descends from the one before
COMPLEX = np.full((3, 4), 1j)
RAGGED = [[1, 2], [3]]
NUL, LONG = "a\0b", "x" * 5000


class GradientTensor:
    """Built when it is used: a torch tensor that requires a gradient."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        import torch

        return torch.ones(8, 8, requires_grad=True).numpy()


def repeated(*shape: int, dtype: Any = np.uint8) -> Any:
    """Zeros of a shape that no memory holds."""
    return np.broadcast_to(np.zeros((), dtype), shape)


def stacked(*shape: int) -> Any:
    """Costs of 4 labels, contiguous in each place, of a grid that no memory holds."""
    return np.lib.stride_tricks.as_strided(np.zeros(4), (*shape, 4), (0, 0, 8))


# kind of fault: rows of call, argument, value
ROWS: dict[str, list[tuple[str, str, Any]]] = {
    "objects and texts as numbers": [
        ("simp_sensitivities", "densities", np.full((2, 8, 8), 0.5, object)),
        ("simp_sensitivities", "densities", np.full((2, 8, 8), "0.5")),
        ("solve_mrf", "unary", np.full((2, 3, 4), "1")),
        ("Material", "young", np.True_),
        ("Material", "plane", np.array(["stress", "strain"])),
        ("solve_structure", "refine", "1"),
        ("solve_structure", "stresses", "yes"),
        ("CellVAE.cells", "threshold", "x"),
        ("Gradation.of", "start", "x"),
        ("Gradation.between", "low", "x"),
        ("latent.sample", "seed", "x"),
        ("join_sides", "pixels", np.full((8, 24), "1")),
        ("tile", "arrangement", np.zeros((1, 3))),
        ("tile", "arrangement", np.zeros((1, 3), bool)),
    ],
    "complex numbers": [
        (call, argument, COMPLEX)
        for call, argument in (
            ("CellDatabase", "properties"), ("CellDatabase.nearest", "targets"),
            ("PropertySpace", "properties"), ("Gradation.at", "values"),
            ("find_families", "encoder"), ("select_candidates", "targets"),
            ("property_errors", "targets"), ("inverse_homogenize", "targets"),
            ("assemble", "targets"), ("incompatibility_tables", "tractions"),
            ("join_sides", "pixels"), ("solve_mrf", "unary"), ("Problem", "target"),
            ("CellVAE.decode", "z"),
        )
    ],
    "masks": [
        ("homogenize", "cells", np.ma.masked_equal(np.ones((3, 8, 8)), 2)),
        ("CellDatabase", "cells", np.ma.masked_equal(np.ones((12, 8, 8)), 1)),
    ],
    "ragged lists": [
        (call, argument, RAGGED)
        for call, argument in (
            ("CellDatabase", "cells"), ("CellDatabase", "parents"), ("property_errors", "targets"),
            ("simp_sensitivities", "densities"), ("Family", "cells"),
        )
    ],
    "arrays that refuse to be one": [("homogenize", "cells", GradientTensor())],
    "not finite, or out of range": [
        ("Gradation.at", "values", np.full(4, np.nan)),
        ("Gradation.of", "start", np.inf),
        ("Gradation.of", "stop", -np.inf),
        ("join_sides", "pixels", np.full((8, 24), np.nan)),
        ("join_sides", "pixels", np.full((8, 24), 0.5)),
        ("join_sides", "pixels", np.full((8, 24), -1)),
        ("tile", "arrangement", np.full((1, 3), -1)),
        ("tile", "arrangement", np.full((1, 3), 99)),
        ("CellVAE.cells", "threshold", np.nan),
        ("CellVAE.cells", "threshold", 7),
        ("CellVAE.decode", "z", np.full((1, 3), 1e300)),
        ("CellVAE.predict", "z", np.full((1, 3), 1e300)),
        ("latent.traverse", "length", 1e308),
        ("latent.property_arrow", "z", np.full((12, 3), np.nan)),
        ("latent.principal_map", "z", np.full((12, 3), np.nan)),
        ("latent.principal_map", "fitted", 0),
        ("latent.sample", "seed", -1),
        ("Phases", "void", 1.05),
        ("Phases", "void", 10**400),
        ("Material", "young", 10**400),
        ("problems.bridge", "amplitude", 10**400),
        ("problems.bridge", "amplitude", 1e308),
        ("problems.bridge", "amplitude", 1e-320),
        ("Problem.aiming_at", "target", np.full((2, 4, 2), 1e308)),
        ("CellDatabase", "provenance", {"a": object()}),
        ("CellDatabase.take", "rows", [10**9]),
        ("CellDatabase.take", "rows", "first"),
        ("CellDatabase.take", "rows", 1.5),
        ("CellDatabase.subset", "rows", [10**7]),
    ],
    "wrong shapes": [
        ("tile", "arrangement", np.zeros(3, int)),
        ("tile", "cells", np.ones(8)),
        ("tile", "cells", [[1, 0], [0]]),
        ("tile", "cells", None),
        ("join_sides", "pixels", [1, 2, 3]),
        ("Problem.rrmse", "displacement", np.zeros((1, 1, 2))),
        ("Problem.rrmse", "displacement", None),
        ("latent.principal_map", "z", np.zeros(16)),
        ("latent.principal_map", "z", np.zeros((1, 16))),
        ("latent.principal_map", "z", np.zeros((0, 16))),
    ],
    "no callable": [
        ("homogenize", "progress", "x"), ("solve_mrf", "progress", "x"),
        ("design", "progress", "x"), ("Gradation.of", "function", 3),
    ],
    "no object of ours": [
        ("export_database", "database", None), ("find_families", "database", None),
        ("find_families", "gradation", "eq7"), ("find_families", "encoder", "vae"),
        ("select_candidates", "database", None), ("property_errors", "database", None),
        ("pixel_components", "database", None), ("inverse_candidates", "database", None),
        ("assemble", "database", None), ("train_vae", "config", "fast"),
        ("train_vae", "config", {}), ("latent.traverse", "vae", None),
        ("design", "encoder", type), ("CellDatabase.relabel", "phases", "steel"),
    ],
    "no path, or one that no file can have": [
        (call, "path", value)
        for call in (
            "CellDatabase.load", "CellDatabase.save", "Design.load", "Family.load", "CellVAE.load",
            "Gradation.load", "Gradation.save", "read_cells", "read_problem", "export_database",
            "Verification.load",
        )
        for value in (None, 3, b"x.h5", NUL, LONG)
    ],
    "sizes that fit into no memory": [
        ("homogenize", "cells", repeated(10**9, 8, 8)),
        ("displacement_fields", "cells", repeated(10**9, 50, 50)),
        ("build_database", "seeds", 10**10),
        ("build_database", "size", 10**15),
        ("inverse_homogenize", "starts", 10**10),
        ("inverse_homogenize", "starts", 10**8),
        ("solve_mrf", "unary", repeated(2**32 + 2, 1, 4, dtype=float)),
        ("solve_mrf", "unary", repeated(1, 2**31 + 5, 4, dtype=float)),
        ("solve_mrf", "unary", repeated(60_000, 60_000, 4, dtype=float)),
        ("problems.bridge", "rows", 10**12),
        ("optimize_properties", "mesh", 10**5),
        ("optimize_properties", "mesh", 10**4),
        ("optimize_properties", "max_iterations", 10**12),
        ("latent.sample", "count", 10**10),
        ("incompatibility_tables", "candidates", repeated(100, 100, 10**4, dtype=int)),
        ("TrainingConfig", "latent", 10**9),
        ("TrainingConfig", "hidden", 10**12),
        ("TrainingConfig", "seed", 2**70),
        ("TrainingConfig", "hidden", 10**6),
        ("TrainingConfig", "threads", 10**9),
        ("find_families", "count", 10**9),
        ("solve_mrf", "unary", stacked(20_000, 20_000)),
        ("solve_mrf", "unary", stacked(2**32 + 2, 1)),
    ],
    "lineages in a ring": [("CellDatabase", "parents", RING)],
}  # fmt: skip


def bad_input_answers(kinds: Iterable[str] = ROWS) -> Iterator[tuple[str, Answer]]:
    """Call and argument of the rows of some kinds, and the answer."""
    for kind in kinds:
        for name, argument, value in ROWS[kind]:
            yield f"{name}({argument}) of {kind}", answer_to(calls()[name], argument, value)
