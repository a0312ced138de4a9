"""Several load cases of one body: copies of it side by side that have the same cells.

A copy has the supports, loads and targets of its case, and an absent column of cells parts it from
the next::

    a b c . a b c . a b c      cells of three load cases; the nodes of the copies touch nowhere

Every stage then solves one body, whatever the number of cases; that the copies have the same cells
is a symmetry (`metafast.problems.symmetry.Repetition`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from metafast._base.checks import (
    require_array,
    require_flag,
    require_items,
    require_text,
)
from metafast._base.typing import AnyArray
from metafast.problems.body import CellKind
from metafast.problems.problem import Problem

_ASKED = ("objective", "compliance_weight", "solid_share")
_NODAL = ("prescribed", "target", "forces", "springs")


def load_cases(
    name: str,
    cases: Iterable[Problem],
    *,
    weights: Sequence[float] | None = None,
    worst: bool = False,
) -> Problem:
    """Problem of one body under several load cases, each with targets of its own.

    Its error is the root of the weighted mean of the cases' squared errors, or that of the worst
    case. Compliance is the sum of the cases'.

    Parameters
    ----------
    name : str
    cases : iterable of Problem
        Load cases of one body: supports, loads and targets differ, the cells do not. Their names
        are those of the cases.
    weights : sequence of float, optional
        Weights of the cases; 1 by default.
    worst : bool
        Whether the worst case counts; then there are no weights.

    Returns
    -------
    Problem
        Its arrays hold the copies of the body side by side; `case_of` gives each back.

    Raises
    ------
    ValueError
        If there are fewer than two cases, their bodies or names do not fit together, or the weights
        are not positive, one for each.
    """
    require_text("name", name)
    require_flag("worst", worst)
    cases = _require_cases(name, cases)
    if worst and weights is not None:
        raise ValueError(f"problem {name!r}: the worst case has no weights; leave one of them out")
    shares = require_array("weights", [1.0] * len(cases) if weights is None else weights)
    if shares.shape != (len(cases),) or not (shares > 0.0).all():
        raise ValueError(
            f"problem {name!r}: weights are {shares.tolist()}; {len(cases)} positive numbers are "
            "needed, one for each case"
        )
    first = cases[0]
    if first.objective == "compliance" and (worst or weights is not None):
        raise ValueError(
            f"problem {name!r}: compliance is the sum over the load cases; leave weights and worst "
            "out"
        )
    nodal: dict[str, Any] = {
        field: _beside([_nodal(case, field) for case in cases]) for field in _NODAL
    }
    kinds = _with_gaps([case.kinds for case in cases], int(CellKind.ABSENT))
    tractions = None
    if any(case.tractions is not None for case in cases):
        tractions = _with_gaps([_tractions(case) for case in cases], 0.0)
    own = [_weights(case) / (case.target_error.norm2 or 1.0) for case in cases]
    return Problem(
        name,
        **nodal,
        body=kinds,
        given=first.given,
        tractions=tractions,
        weights=_beside([share * weight for share, weight in zip(shares, own, strict=True)]),
        cases=tuple(case.name for case in cases),
        worst=worst,
        **{field: getattr(first, field) for field in _ASKED},
    )


def case_of(problem: Problem, number: int) -> Problem:
    """One load case of a problem, from 0."""
    if not 0 <= number < problem.copies:
        raise ValueError(
            f"number is {number}; problem {problem.name!r} has {problem.copies} load cases, "
            "numbered from 0"
        )
    if not problem.cases:
        return problem
    nodes = slice(number * problem.period, (number + 1) * problem.period)
    cells = slice(nodes.start, nodes.stop - 1)
    whole = {field: getattr(problem, field) for field in (*_NODAL, "weights")}
    parts: dict[str, Any] = {
        name: None if array is None else array[:, nodes] for name, array in whole.items()
    }
    return replace(
        problem,
        name=problem.cases[number],
        **parts,
        body=problem.kinds[:, cells],
        tractions=None if problem.tractions is None else problem.tractions[:, cells],
        cases=(),
        worst=False,
    )


def _require_cases(name: str, given: Any) -> list[Problem]:
    """The load cases as a list, of one body."""
    cases = require_items(f"problem {name!r}: cases", given, "problems")
    for case in cases:
        if not isinstance(case, Problem) or case.cases:
            what = "one of several cases" if isinstance(case, Problem) else type(case).__name__
            raise ValueError(
                f"problem {name!r}: a load case is {what}; a Problem with a single one is needed"
            )
    if len(cases) < 2:
        raise ValueError(
            f"problem {name!r} has {len(cases)} load cases; two or more are needed, and one is a "
            "problem by itself"
        )
    first = cases[0]
    for number, case in enumerate(cases):
        same = np.array_equal(case.kinds, first.kinds) and (
            case.given is first.given
            or (
                case.given is not None
                and first.given is not None
                and np.array_equal(case.given, first.given)
            )
        )
        if not same:
            raise ValueError(
                f"problem {name!r}: load case {number}, {case.name!r}, has other cells than "
                f"{first.name!r}; load cases are those of one body"
            )
        for field in _ASKED:
            if getattr(case, field) != getattr(first, field):
                raise ValueError(
                    f"problem {name!r}: load case {number}, {case.name!r}, has another {field} "
                    f"than {first.name!r}; all cases share it"
                )
    names = [case.name for case in cases]
    if len(set(names)) < len(names):
        raise ValueError(f"problem {name!r}: load cases are named {names}; use different names")
    return cases


def _nodal(case: Problem, field: str) -> AnyArray:
    array: AnyArray | None = getattr(case, field)
    return np.zeros_like(case.prescribed) if array is None else array


def _tractions(case: Problem) -> AnyArray:
    return np.zeros((*case.kinds.shape, 4, 2)) if case.tractions is None else case.tractions


def _weights(case: Problem) -> AnyArray:
    return np.ones_like(case.target) if case.weights is None else case.weights


def _beside(arrays: list[AnyArray]) -> AnyArray:
    """Arrays (rows+1, columns, ...) of nodes, one after the other."""
    return np.concatenate(arrays, axis=1)


def _with_gaps(arrays: list[AnyArray], gap: float) -> AnyArray:
    """Arrays (rows, columns, ...) of cells, one after the other with a column between."""
    padding = [(0, 0), (0, 1), *[(0, 0)] * (arrays[0].ndim - 2)]
    whole = _beside([np.pad(array, padding, constant_values=gap) for array in arrays])
    return whole[:, :-1]
