"""Arrays of a problem from the tables of its file."""

from __future__ import annotations

from collections.abc import Mapping
from keyword import iskeyword
from typing import Any

import numpy as np

from metafast._base.typing import BoolArray, FloatArray
from metafast.problems.cases import load_cases
from metafast.problems.file.asked import asked_of
from metafast.problems.file.beside import Beside
from metafast.problems.file.bodies import Body
from metafast.problems.file.case_tables import CaseTables, case_tables
from metafast.problems.file.curves import read_curve
from metafast.problems.file.expressions import CONSTANTS, FUNCTIONS, values_at
from metafast.problems.file.faults import Fault, Keys, nearest
from metafast.problems.file.loading import LoadUnits, loads_of
from metafast.problems.file.models import MOST_CELLS, Curve, Displacement, Document, Size
from metafast.problems.file.places import Grid, nodes_of
from metafast.problems.problem import Problem

COMPONENTS = ("u_x", "u_y")
_RESERVED = ("x", "y", "L", "H", "mm", *CONSTANTS, *FUNCTIONS)
_SAME = 1e-9  # difference, in cell widths, below which two displacements are one
_WHOLE = 1e-6  # part of a cell that a body may be longer than whole cells


def cells_of(
    size: Size,
    title: str,
    rows: int | None,
    cols: int | None,
    picture: tuple[int, int] | None = None,
) -> tuple[int, int]:
    """Rows and columns of cells, from the file or as given in place of the file's.

    Those of a picture of the body serve where the file has no size.
    """
    pixels = picture or (None, None)
    found = (
        _cells(size, "rows", "height", rows, pixels[0]),
        _cells(size, "cols", "width", cols, pixels[1]),
    )
    if size.square and found[0] != found[1]:
        raise Fault(
            ("size", "square"),
            f"{title} is square; give the same number of rows and columns, not {found[0]} and "
            f"{found[1]}",
        )
    if found[0] * found[1] > MOST_CELLS:
        raise Fault(
            ("size",), f"{found[0]} x {found[1]} cells came; {MOST_CELLS:,} are the most, use fewer"
        )
    return found


def _cells(size: Size, count: str, length: str, given: int | None, pixels: int | None) -> int:
    """Number of cells in one direction."""
    if given is not None:
        if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= MOST_CELLS:
            raise Fault(("size",), f"{count} is {given!r}; a whole number of at least 1 is needed")
        return given
    cells: int | None = getattr(size, count)
    millimetres: float | None = getattr(size, length)
    if cells is not None and millimetres is not None:
        raise Fault(("size",), f"both {count} and {length} came; leave one of them out")
    if cells is not None:
        return cells
    if millimetres is None and pixels is not None:
        return pixels
    if millimetres is None:
        raise Fault(("size",), f"neither {count} nor {length} came; add one of them")
    if size.cell_size is None:
        raise Fault(("size", length), "it needs the size of a cell; add cell_size to [size]")
    ratio = millimetres / size.cell_size
    whole = round(ratio)
    if whole < 1 or abs(ratio - whole) > _WHOLE:
        raise Fault(
            ("size", length),
            f"{millimetres:g} mm are {ratio:.6g} cells of {size.cell_size:g} mm; a whole number "
            f"of cells is needed, for instance {max(whole, 1) * size.cell_size:g} mm",
        )
    return whole


def names_of(
    document: Document,
    cells: tuple[int, int],
    changes: Mapping[str, float | str],
    stiffness: Mapping[str, float],
) -> dict[str, float]:
    """Numbers that expressions may use: L, H, mm, the stiffness of given cells and the parameters.

    Parameters
    ----------
    document : Document
    cells : rows, cols
    changes : mapping of str to float or str
        Parameters in place of the file's.
    stiffness : mapping of str to float
        See `metafast.problems.file.given.properties_by_name`.
    """
    names = {"L": float(cells[1]), "H": float(cells[0]), **stiffness}
    if document.size.cell_size is not None:
        names["mm"] = 1.0 / document.size.cell_size
    for name in changes:
        if name not in document.parameters:
            raise Fault(
                ("parameters",), f"{name!r} is no parameter; {nearest(name, document.parameters)}"
            )
    for name, value in document.parameters.items():
        keys = "parameters", name
        if name in _RESERVED or name in stiffness or iskeyword(name) or not name.isidentifier():
            raise Fault(keys, f"{name!r} cannot name a parameter; use another name")
        grid = Grid(np.zeros(1), np.zeros(1), names)
        names[name] = grid.length(changes.get(name, value), keys)
    return names


def build_problem(
    title: str,
    document: Document,
    body: Body,
    names: Mapping[str, float],
    beside: Beside,
    young: float | None = None,
) -> Problem:
    """The problem of a file; `young` is Young's modulus in MPa, where the file has a material.

    A target may share nodes with supports where both say the same; it is left to the support.
    """
    rows, cols = body.kinds.shape
    y, x = np.meshgrid(np.arange(rows, -1.0, -1.0), np.arange(cols + 1.0), indexing="ij")
    grid = Grid(x, y, names, body)
    units = LoadUnits(young, document.size.cell_size, document.size.thickness)
    cases = case_tables(document, title)
    problems = [_case(case, document, grid, body, beside, units) for case in cases]
    if not document.cases:
        return problems[0]
    shares = [case.weight for case in cases]
    weights = shares if any(share != 1.0 for share in shares) else None
    try:
        return load_cases(title, problems, weights=weights, worst=document.worst_case)
    except ValueError as error:
        raise Fault(("cases",), str(error)) from None


def _case(
    case: CaseTables, document: Document, grid: Grid, body: Body, beside: Beside, units: LoadUnits
) -> Problem:
    """The problem of one load case."""
    prescribed, target = np.full((2, *grid.x.shape, 2), np.nan)
    weights = np.ones_like(target)
    for kind, array in (("supports", prescribed), ("targets", target)):
        for keys, each in case.tables[kind]:
            held = nodes_of(each.place, document.places, grid, (*keys, "place"))
            if each.u_x is None and each.u_y is None:
                raise Fault(keys, "neither u_x nor u_y came; give one of them")
            for component, key in enumerate(COMPONENTS):
                values = _values(each, key, held, grid, beside, (*keys, key))
                if values is None:
                    continue
                place = grid, held, (*keys, key)
                if kind == "targets":
                    _agree(values, prescribed[held, component], *place, "a support")
                    weights[held, component] = each.weight
                _agree(values, array[held, component], *place, f"another of {kind}")
                array[held, component] = values
    target[np.isfinite(prescribed)] = np.nan
    loads = loads_of(case, document, grid, body.present, units)
    asked = asked_of(document.objective, grid)
    return _checked(case, prescribed, target, weights, body, loads, asked)


def _values(
    each: Displacement, key: str, held: BoolArray, grid: Grid, beside: Beside, keys: Keys
) -> FloatArray | None:
    """Displacements (nodes,) in cell widths, None if the component is left out."""
    value, x, y = getattr(each, key), grid.x[held], grid.y[held]
    if value is None:
        return None
    try:
        if isinstance(value, Curve):
            scale = 1.0 if value.unit == "cell" else grid.length("1mm", keys)
            return read_curve(beside.path(value.csv), value.column or key, scale, x, y)
        return values_at(grid.plain(value), {**grid.names, "x": x, "y": y}, len(x))
    except Fault:
        raise
    except ValueError as error:
        raise Fault(keys, str(error)) from None


def _agree(
    values: FloatArray, others: FloatArray, grid: Grid, held: BoolArray, keys: Keys, whose: str
) -> None:
    """Refuse displacements that contradict others at the same nodes."""
    apart = np.flatnonzero(abs(values - others) > _SAME)
    if len(apart):
        k = apart[0]
        at = f"x = {grid.x[held][k]:g}, y = {grid.y[held][k]:g}"
        raise Fault(
            keys,
            f"{values[k]:g} at {at}, where {whose} has {others[k]:g}; make them equal, or leave "
            "the node out of the place",
        )


def _checked(
    case: CaseTables,
    prescribed: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    body: Body,
    loads: dict[str, FloatArray],
    asked: dict[str, Any],
) -> Problem:
    """The problem; what is wrong with it is told at its supports or its targets."""
    if not np.isfinite(target).any() and asked["objective"] != "compliance":
        raise Fault(
            case.keys_of("targets"), "supports hold every target; want displacements of free nodes"
        )
    try:
        problem = Problem(
            case.name,
            prescribed,
            target,
            body.kinds,
            body.given,
            forces=loads.get("forces"),
            tractions=loads.get("tractions"),
            springs=loads.get("springs"),
            weights=weights,
            **asked,
        )
        problem.require_load()
    except ValueError as error:
        if "problem's name" in str(error):
            raise Fault((*case.keys, "name"), str(error)) from None
        kind = "targets" if "all targets" in str(error) else "supports"
        kind = next((name for name in loads if f": {name}[" in str(error)), kind)
        if "compliance" in str(error) or "solid_share" in str(error):
            raise Fault(("objective",), str(error)) from None
        raise Fault(case.keys_of(kind), str(error)) from None
    return problem
