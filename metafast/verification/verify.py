"""Verification of a structure by kinematics, laws, meshes and programs from outside."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from metafast._base.checks import (
    as_array,
    require_count,
    require_items,
    require_progress,
    require_threads,
)
from metafast._base.progress import Progress, silent
from metafast._base.typing import Kinematics
from metafast.material import Material
from metafast.phases import Phases, require_void
from metafast.pipeline import Design
from metafast.problems import Problem
from metafast.structure.finite.laws import LAWS, LawName, require_law
from metafast.verification.outside import require_judges
from metafast.verification.solving import Body, Run
from metafast.verification.verification import Verification


def verify(
    design: Any,
    problem: Problem | None = None,
    phases: Phases | Material | None = None,
    *,
    refine: int | Iterable[int] = (1, 2),
    laws: LawName | Iterable[LawName] = LAWS,
    outside: bool | str | Iterable[str] = True,
    threads: int | None = None,
    progress: Progress = silent,
) -> Verification:
    """Verify a structure: linear and finite deformation, both laws, several meshes, other programs.

    Every solution starts from rest. One that has no equilibrium or does not fit into memory is
    noted, and the others stay.

    Parameters
    ----------
    design : Design or (rows*p, cols*p) binary array
        A design, or pixels with their problem.
    problem : Problem, optional
        Of the pixels; a design brings its own.
    phases : Phases or Material, optional
        Material of the solid; by default the design's, and `Material()` for pixels.
    refine : int or several
        Elements per pixel side, one mesh for each. From two on the figures are extrapolated to a
        mesh without end.
    laws : str or several
        Laws of the solid at finite deformation; the first one's figure is the headline.
    outside : bool, str or several
        Programs from outside that solve the same body on the first mesh, by each law: "scikit-fem",
        "calculix" or "torch-fem". True for all; those that are not installed say so, and bodies
        that take them long are left out unless a program is asked for by name.
    threads : int, optional
        CPU threads; all available by default.
    progress : callable, optional
        Called as ``progress("verify", done, total, note)`` and as by `metafast.solve_structure`.

    Returns
    -------
    Verification

    Raises
    ------
    ValueError
        If an argument is of the wrong kind, the problem has no targets, or the structure carries no
        load.
    KeyboardInterrupt
        On Ctrl-C.

    Warns
    -----
    RuntimeWarning
        If a target has no solid node within half a cell.
    """
    require_progress(progress, noted=True)
    require_threads(threads)
    body = _body(design, problem, phases)
    _require_targets(body.problem)
    meshes, laws, judges = _meshes(refine), _laws(laws), require_judges(outside)
    cases: list[tuple[Kinematics, LawName]] = [("linear", laws[0])]
    cases += [("finite", law) for law in laws]
    total = len(cases) * len(meshes) + len(judges) * len(laws)
    run, to_judge = Run(body, total, threads, progress), []
    for kinematics, law in cases:
        for mesh in meshes:
            response = run.solve(kinematics, law, mesh)
            if response is not None and kinematics == "finite" and mesh == meshes[0]:
                to_judge.append(response)
        run.extrapolate(kinematics, law)
    for response in to_judge:
        for name in judges:
            run.judge(name, response, meshes[0], forced=not isinstance(outside, bool))
    progress("verify", total, total)
    return Verification(
        problem=body.problem.name,
        cells=(body.problem.rows, body.problem.cols),
        pixels=(int(body.pixels.shape[0]), int(body.pixels.shape[1])),
        material=str(body.material),
        solutions=tuple(run.solutions),
        extrapolations=tuple(run.extrapolations),
        judgements=tuple(run.judgements),
        version=version("metafast"),
    )


def _body(design: Any, problem: Problem | None, phases: Phases | Material | None) -> Body:
    """The pixels, the problem and the material that were given."""
    if isinstance(design, Design):
        if problem is not None:
            raise ValueError("a design brings its own problem; leave problem out")
        made_of = design.phases if phases is None else phases
        return Body(design.pixels, design.problem, require_void(made_of))
    if not isinstance(problem, Problem):
        raise ValueError(
            f"design is a {type(design).__name__} and problem a {type(problem).__name__}; a "
            "metafast.Design is needed, or pixels with a metafast.Problem"
        )
    pixels = as_array("design", design, "a metafast.Design or binary pixels are needed")
    return Body(pixels, problem, require_void(phases))


def _require_targets(problem: Problem) -> None:
    if not problem.wanted.any():
        raise ValueError(
            f"problem {problem.name!r} has no targets, whose displacements are what is compared; "
            "set targets beside the compliance, or solve finer meshes with solve_structure(..., "
            "refine=2), whose work is the compliance"
        )


def _meshes(refine: int | Iterable[int]) -> list[int]:
    one = not isinstance(refine, Iterable) or isinstance(refine, (str, bytes))
    several = [refine] if one else require_items("refine", refine, "whole numbers")
    meshes = sorted({require_count("refine", each) for each in several})
    if not meshes:
        raise ValueError("refine is empty; give at least one mesh, for instance refine=(1, 2)")
    return meshes


def _laws(laws: LawName | Iterable[LawName]) -> list[LawName]:
    several = [laws] if isinstance(laws, str) else require_items("laws", laws, "laws")
    names = list(dict.fromkeys(require_law(law) for law in several))
    if not names:
        raise ValueError(f"laws is empty; give at least one of {', '.join(LAWS)}")
    return names
