"""The figures of a design as rows of text, for the terminal and for the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from metafast.design import Design


def error_rows(design: Design) -> list[tuple[str, ...]]:
    """The three errors, from the macro optimum down to every pixel."""
    return [(level, f"{error:.4f}") for level, error in design.errors.items()]


def assembly_rows(design: Design) -> list[tuple[str, ...]]:
    """Energy, bound, gap and mismatch of the assembly; what was removed from the pixels."""
    a, r = design.assembly, design.response
    proof = "proved optimal" if a.optimal else f"{a.gap:.2e}"
    return [
        ("energy", f"{a.energy:.6f}"),
        ("certified lower bound", f"{a.lower_bound:.6f}"),
        ("gap", proof),
        ("solved by", f"{a.iterations} passes" if a.iterations else "dynamic programming"),
        ("mean boundary mismatch (0 to 2)", f"{a.mismatch:.3f}"),
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
