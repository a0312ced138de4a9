"""Summary of a design in three lines: error, proof of the assembly, cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from metafast.assembly.tiling import Assembly
from metafast.problems import CellKind, Problem
from metafast.report.compliance_rows import work_unit

if TYPE_CHECKING:
    from metafast.pipeline.errors import Errors
    from metafast.pipeline.result import Design
    from metafast.pipeline.trace import Trace
    from metafast.problems.symmetry import Symmetry


def summary_lines(
    problem: Problem,
    errors: Errors,
    certified: Assembly,
    trace: Trace,
    *,
    published: float | None = None,
    folder: Path | None = None,
    symmetry: Symmetry | None = None,
    stiffness: str | None = None,
) -> list[str]:
    """Error, proof of the assembly, and cost of a design, one line each.

    Parameters
    ----------
    problem : Problem
    errors : Errors
    certified : Assembly
        The choice of cells that the solver certified.
    trace : Trace
    published : float, optional
        RRMSE at every pixel that the paper reports for this problem.
    folder : Path, optional
        Directory that the design was written to.
    symmetry : Symmetry, optional
        Mirror symmetry of the structure; the proof is then one among symmetric structures.
    stiffness : str, optional
        Compliance and solid share in words (`stiffness_text`); before the error, if there is one.
    """
    extrapolated = not np.isnan(errors.extrapolated)
    read = "at every pixel in the limit of fine meshes" if extrapolated else "at every pixel"
    meshes = [f"finer mesh {errors.fine:.4f}", f"mesh of the loop {errors.pixels:.4f}"]
    compared = meshes * extrapolated
    if errors.pixels != errors.open_loop:
        compared.append(f"open loop {errors.open_loop:.4f}")
    if errors.linear != errors.pixels:
        compared.append(f"linear {errors.linear:.4f}")
    if published is not None:
        compared.append(f"the paper {published:.4f}")
    aside = f" ({'; '.join(compared)})" if compared else ""
    size = f"{problem.name}, {size_text(problem)}"
    seconds, peak = sum(trace.seconds.values()), max(trace.peak_bytes.values()) / 2**30
    proof = "assembly " + _proof(certified)
    if symmetry:
        proof += f" among those symmetric {symmetry}"
    cost = f"{seconds:.0f} s, {peak:.1f} GiB"
    if folder is not None:
        cost += f"; written to {folder}: design.h5, report.html"
    results = [] if stiffness is None else [stiffness]
    if problem.wanted.any():
        results.append(f"RRMSE {errors.headline:.4f} {read}{aside}")
    return [
        f"{size}: {'; '.join(results)}",
        "; ".join([proof, *_feedback(trace)]),
        cost,
    ]


def stiffness_text(design: Design) -> str | None:
    """Compliance and solid share of a design in words; None where neither was asked for."""
    problem, parts = design.problem, []
    if problem.objective == "compliance" or problem.compliance_weight:
        scale, unit = work_unit(design.units, design.phases.solid.young)
        made = design.compliance
        parts.append(
            f"compliance {scale * made.pixels:.4g} {unit} at every pixel (macro optimum "
            f"{scale * made.macro:.4g}, cells' own properties {scale * made.own_cells:.4g})"
        )
    if problem.solid_share is not None:
        parts.append(f"{design.solid_share:.1%} solid, at most {problem.solid_share:.1%} asked")
    return "; ".join(parts) or None


def size_text(problem: Problem) -> str:
    """Rows and columns of cells, and how many are designed, passive and absent if not all are."""
    kinds = problem.one_body(problem.kinds)
    size = f"{kinds.shape[0]} x {kinds.shape[1]} cells"
    if problem.cases:
        size += f" under {problem.copies} load cases"
    if (kinds == CellKind.DESIGNED).all():
        return size
    designed = int((kinds == CellKind.DESIGNED).sum())
    absent = int((kinds == CellKind.ABSENT).sum())
    counts = {
        "designed": designed,
        "passive": kinds.size - designed - absent,
        "absent": absent,
    }
    return f"{size} ({', '.join(f'{n} {kind}' for kind, n in counts.items() if n)})"


def _proof(assembly: Assembly) -> str:
    """The certificate of an assembly in words."""
    if assembly.optimal:
        return f"proved optimal (energy {assembly.energy:.4f})"
    return f"within {assembly.gap:.1e} of the optimum (energy {assembly.energy:.4f})"


def _feedback(trace: Trace) -> list[str]:
    """What target correction and the closed loop contributed to the result."""
    corrections = sum(row.kept for row in trace.corrections[1:])
    kept = [row.swaps for row in trace.swaps[1:] if row.kept]
    lines = []
    if corrections:
        lines.append(f"target corrected {_times(corrections)}")
    if kept:
        lines.append(f"{sum(kept)} swaps in {len(kept)} round{'s' * (len(kept) > 1)}")
    return lines


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
