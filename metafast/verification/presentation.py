"""Tables of a verification, for the terminal and for reports."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from metafast.report.tables import Rows, Table

if TYPE_CHECKING:
    from metafast.verification.extrapolation import Extrapolation
    from metafast.verification.outside import Judgement
    from metafast.verification.solution import Solution
    from metafast.verification.verification import Verification

_HEADINGS = (
    "law", "mesh", "RRMSE", "at nodes", "stable", "critical", "strain", "overlaps", "seconds"
)  # fmt: skip
_LEGEND = (
    "mesh: elements per pixel side; at nodes: read at the macro nodes, not fitted around them",
    "critical: least load with an unstable equilibrium, - where none was found; strain: the "
    "largest; overlaps: boundary nodes that have moved into other pixels, contact is not modelled",
)


def tables_of(verification: Verification) -> list[Table]:
    """Tables of the solutions, the judgements and the remarks; those without rows left out."""
    rows: Rows = [_HEADINGS]
    for law in dict.fromkeys(each.law for each in verification.solutions):
        rows += [_row(each) for each in verification.solutions if each.law == law]
        limit = verification.extrapolation(law)
        if limit is not None:
            rows.append(_limit_row(limit))
    tables = [
        Table("error (RRMSE of the target displacements) by law and mesh", rows),
        Table("programs from outside", _judgement_rows(verification.judgements)),
        Table("remarks", [(line,) for line in remarks(verification)]),
    ]
    return [table for table in tables if table.rows]


def remarks(verification: Verification) -> list[str]:
    """What the figures mean and what they leave out, a sentence each."""
    solved = [each for each in verification.solutions if each.is_solved]
    lines = list(_LEGEND)
    missing = max((each.missing_nodes for each in solved), default=0)
    if missing:
        lines.append(f"{missing} targets have no solid node within five pixels to be read at")
    for limit in verification.extrapolations:
        meshes = ", ".join(map(str, limit.levels))
        said = "observed" if limit.is_observed else "assumed"
        line = f"{limit.law}: order {limit.order:.2f} {said} from meshes {meshes}"
        if limit.order < 2.0:
            line += f"; with order 2 the limit is {limit.second_order_rrmse:.4f}"
        lines.append(line)
    lines += [
        f"{each.law}, mesh {each.refine}: {each.note}"
        for each in verification.solutions
        if each.note
    ]
    notes = [f"{each.judge}: {each.note}" for each in verification.judgements if each.note]
    return [*lines, *dict.fromkeys(notes)]


def _row(each: Solution) -> tuple[str, ...]:
    if not each.is_solved:
        lost = "none" if each.load < 1.0 else "no memory"
        return (each.law, str(each.refine), lost, "", "", "", "", "", f"{each.seconds:.1f}")
    finite = each.kinematics == "finite"
    never = "-" if finite else ""
    return (
        each.law,
        str(each.refine),
        _figure(each.rrmse),
        _figure(each.node_rrmse),
        ("yes" if each.stable else "NO") if finite else "",
        never if math.isinf(each.critical_load) else f"{each.critical_load:.3f}",
        f"{each.largest_strain:.3f}",
        str(each.overlapping_nodes) if finite else "",
        f"{each.seconds:.1f}",
    )


def _limit_row(limit: Extrapolation) -> tuple[str, ...]:
    figures = _figure(limit.rrmse), _figure(limit.node_rrmse)
    return (limit.law, "limit", *figures, "", "", "", "", "")


def _judgement_rows(judgements: tuple[Judgement, ...]) -> Rows:
    if not judgements:
        return []
    rows: Rows = [("program", "law", "mesh", "difference", "RRMSE", "from", "seconds")]
    for each in judgements:
        figures = ("none", "", "", "")
        if math.isfinite(each.difference):
            origin = "rest" if each.from_rest else "ours"
            rrmse, seconds = f"{each.rrmse:.4f}", f"{each.seconds:.1f}"
            figures = (f"{each.difference:.1e}", rrmse, origin, seconds)
        rows.append((each.judge, each.law, str(each.refine), *figures))
    return rows


def _figure(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "infinite"
