"""Judgement of programs from outside on the displacement of every pixel node."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from metafast._base.checks import require_items
from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.problems import Problem
from metafast.structure import StructureResponse
from metafast.structure.readout import macro_displacement
from metafast.verification.judges import calculix, scikit_fem, torch_fem
from metafast.verification.judges.errors import JudgeError

_LOCKING = 0.4  # Poisson's ratio beyond which CalculiX's plane stress elements are too stiff


class Judge(NamedTuple):
    """A program from outside.

    Attributes
    ----------
    solve : callable
        ``solve(pixels, problem, material, law, refine=...)``.
    largest : int
        Elements of the largest body that it solves in about a minute.
    takes_start : bool
        Whether it can start from a displacement, and so judges larger bodies too.
    """

    solve: Callable[..., FloatArray]
    largest: int
    takes_start: bool = False


JUDGES = {
    "scikit-fem": Judge(scikit_fem.displacement, 20_000, takes_start=True),
    "calculix": Judge(calculix.displacement, 20_000),
    "torch-fem": Judge(torch_fem.displacement, 1_000),
}


@dataclass(frozen=True)
class Judgement:
    """Displacement by a program from outside, compared to that of this package.

    Attributes
    ----------
    judge : str
    law : str
    refine : int
        Elements per pixel side.
    difference : float
        Largest difference of a node's displacement relative to the largest displacement; infinite
        without a solution.
    rrmse : float
        RRMSE of the targets by the judge's displacement, read as affine fits.
    from_rest : bool
        Whether the judge followed the load from rest; otherwise it started from the displacement
        that it judges.
    seconds : float
    note : str
        Reason for the lack of a solution, or for a difference that is to be expected.
    """

    judge: str
    law: str
    refine: int
    difference: float = float("inf")
    rrmse: float = float("inf")
    from_rest: bool = True
    seconds: float = 0.0
    note: str = ""


def require_judges(outside: Any) -> tuple[str, ...]:
    """Names of the judges that ``outside`` asks for: True means all."""
    if isinstance(outside, bool):
        return tuple(JUDGES) if outside else ()
    names = (outside,) if isinstance(outside, str) else outside
    names = tuple(require_items("outside", names, "judges, or True, or False"))
    for name in names:
        if not isinstance(name, str) or name not in JUDGES:
            raise ValueError(f"outside has {name!r}; the judges are {', '.join(JUDGES)}")
    return names


def judge_response(
    name: str,
    pixels: Any,
    problem: Problem,
    material: Material,
    response: StructureResponse,
    *,
    refine: int,
    forced: bool,
) -> Judgement:
    """Let a judge solve a body at finite deformation, and compare.

    Parameters
    ----------
    name : str
        One of `JUDGES`.
    pixels, problem, material, refine
        As in `metafast.solve_structure`.
    response : StructureResponse
        The solution to judge.
    forced : bool
        Whether the judge is to solve bodies that take it long, too.
    """
    judge, law, elements = JUDGES[name], response.law, int(response.solid.sum())
    options: dict[str, Any] = {"refine": refine}
    from_rest = elements <= judge.largest or (forced and not judge.takes_start)
    if not from_rest and not judge.takes_start:
        note = f"left out: {elements:,} elements take it long; ask for it by name"
        return Judgement(name, law, refine, note=note)
    if not from_rest:
        options["start"] = response.nodal_displacement
    began = perf_counter()
    try:
        field = judge.solve(pixels, problem, material, law, **options)
    except (JudgeError, MemoryError) as error:
        seconds = perf_counter() - began
        note = str(error) or "does not fit into memory"
        return Judgement(name, law, refine, from_rest=from_rest, seconds=seconds, note=note)
    return Judgement(
        name,
        law,
        refine,
        _difference(field, response.nodal_displacement),
        _rrmse(problem, field),
        from_rest,
        perf_counter() - began,
        _remark(name, material),
    )


def _difference(theirs: FloatArray, ours: FloatArray) -> float:
    largest = float(np.nanmax(np.abs(ours)))
    return float(np.nanmax(np.abs(theirs - ours))) / largest


def _rrmse(problem: Problem, field: FloatArray) -> float:
    side = (field.shape[0] - 1) // problem.rows
    macro = macro_displacement(np.nan_to_num(field), np.isfinite(field[..., 0]), side)
    return problem.rrmse(macro)


def _remark(name: str, material: Material) -> str:
    if name == "calculix" and material.poisson > _LOCKING:
        return (
            f"its elements lock at Poisson's ratio {material.poisson:g}: some percent are no error"
        )
    return ""
