"""The figures of a design as rows of text, for the terminal and for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metafast.assembly.tiling import disconnected_sides

if TYPE_CHECKING:
    from metafast.pipeline.result import Design


def error_rows(design: Design) -> list[tuple[str, ...]]:
    """The three errors, from the macro optimum down to every pixel, and the open loop's."""
    rows: list[tuple[str, ...]] = []
    aside = " (by the corrected target)" if design.is_corrected else ""
    for level, error in design.errors.items():
        rows.append((level if level == "every pixel" else level + aside, f"{error:.4f}"))
    if len(design.rounds) > 1 or len(design.corrections) > 1:
        rows.append(("every pixel, open loop", f"{design.open_loop_error:.4f}"))
    return rows


def round_rows(design: Design) -> list[tuple[str, ...]]:
    """What each round of the closed loop swapped, expected and found."""
    rows: list[tuple[str, ...]] = [("round", "swaps", "predicted", "every pixel", "")]
    for r in design.rounds:
        start = r["round"] == 0
        predicted = "" if start else f"{r['predicted']:.4f}"
        verdict = "start" if start else "kept" if r["kept"] else "thrown away"
        rows.append(
            (str(r["round"]), str(r["swaps"]), predicted, f"{r['every_pixel']:.4f}", verdict)
        )
    return rows


def correction_rows(design: Design) -> list[tuple[str, ...]]:
    """What each corrected target gave; nothing if there was none."""
    if len(design.corrections) < 2:
        return []
    rows: list[tuple[str, ...]] = [("target", "share", "macro optimum", "every pixel", "")]
    for r in design.corrections:
        start = r["round"] == 0
        share = "" if start else f"{r['share']:.2f}"
        verdict = "the problem's" if start else "kept" if r["kept"] else "thrown away"
        rows.append(
            (str(r["round"]), share, f"{r['macro']:.4f}", f"{r['every_pixel']:.4f}", verdict)
        )
    return rows


def assembly_rows(design: Design) -> list[tuple[str, ...]]:
    """Energy, bound, gap and mismatch of the assembly; what was removed from the pixels."""
    a, r = design.open_loop, design.response
    apart = disconnected_sides(design.pixels, design.problem.rows, design.problem.cols)
    proof = "proved optimal" if a.optimal else f"{a.gap:.2e}"
    return [
        ("energy", f"{a.energy:.6f}"),
        ("certified lower bound", f"{a.lower_bound:.6f}"),
        ("gap", proof),
        ("energy after the closed loop", f"{design.assembly.energy:.6f}"),
        ("solved by", f"{a.iterations} passes" if a.iterations else "dynamic programming"),
        ("mean boundary mismatch (0 to 2)", f"{design.assembly.mismatch:.3f}"),
        ("sides joined by a strip", f"{design.assembly.open_sides - apart}"),
        ("sides across which no solid meets", f"{apart}"),
        ("floating pixels removed", f"{r.removed_pixels} in {r.removed_parts} parts"),
        ("pixels that touch only in a corner", f"{r.corner_contacts} places, not joined"),
        ("unknowns of the pixel solution", f"{r.dofs:,}"),
        ("macro optimum inside the property space", "yes" if design.field.feasible else "NO"),
    ]


def stage_rows(design: Design) -> list[tuple[str, ...]]:
    """Seconds of each stage and the peak memory of the process when it ended."""
    rows = [
        (stage, f"{seconds:.2f} s", f"{design.peak_memory[stage] / 2**30:.2f} GiB")
        for stage, seconds in design.timings.items()
    ]
    total = sum(design.timings.values())
    return [
        *rows,
        ("total", f"{total:.2f} s", f"{max(design.peak_memory.values()) / 2**30:.2f} GiB"),
    ]
