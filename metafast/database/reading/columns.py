"""Meaning of the columns of properties beside cells: recognised, named, or refused.

Six columns are written in several orders. Only an order in which every row is a stable stiffness
can be meant. A fourth column is C33 unless it is the ratio C12/C11 or C12/C22 of the others, as in
the file that the authors of the paper published.
"""

from __future__ import annotations

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, FloatArray
from metafast.properties.names import STIFFNESSES

_ORDERS = {
    3: (("C11", "C12", "C22"),),
    4: (("C11", "C12", "C22", "C33"),),
    6: (
        ("C11", "C12", "C22", "C33", "C13", "C23"),
        ("C11", "C12", "C13", "C22", "C23", "C33"),
        ("C11", "C22", "C33", "C12", "C13", "C23"),
        ("C11", "C22", "C33", "C23", "C13", "C12"),
    ),
}
_MATRIX = ("C11", "C12", "C13", "C12", "C22", "C23", "C13", "C23", "C33")
_CLOSE = 1e-4  # relative deviation of a ratio, and of a matrix from symmetry
_SLACK = 1e-6  # of the largest stiffness, by which rows may fail to be stable
LEFT_OUT = "-"


def stiffness_columns(
    table: AnyArray, columns: str | None, name: str
) -> tuple[FloatArray, list[str]]:
    """Stiffnesses (n, 3), (n, 4) or (n, 6) = (C11, C12, C22[, C33[, C13, C23]]) of a table.

    Parameters
    ----------
    table : (n, 3), (n, 4), (n, 6), (n, 9) or (n, 3, 3) array
        NaN where unknown.
    columns : str, optional
        Names of the columns.
    name : str
        Name for messages.

    Returns
    -------
    stiffnesses : array
    notes : list of str
        What was taken for what.

    Raises
    ------
    ValueError
        If the columns cannot mean that, or can mean several things.
    """
    if np.asarray(table).dtype.kind not in "biuf":
        raise ValueError(f"{name} has dtype {np.asarray(table).dtype}; real numbers are needed")
    values = np.asarray(table, dtype=float).reshape(len(table), -1)
    if columns is not None:
        return _arranged(values, _named(columns, values.shape[1], name)), []
    if values.shape[1] == len(_MATRIX):
        return _arranged(_symmetric(values, name), _MATRIX), []
    if values.shape[1] not in _ORDERS:
        raise ValueError(
            f"{name} has {values.shape[1]} columns; 3 (C11, C12, C22), 4 (and C33), 6 or a 3x3 "
            f"matrix are needed, or columns that say what they are, {LEFT_OUT} for any other"
        )
    ratio = _ratio(values) if values.shape[1] == 4 else None
    if ratio is not None:
        note = f"the fourth column of {name} is {ratio}, not C33; it is left out"
        return values[:, :3], [note]
    orders = _ORDERS[values.shape[1]]
    possible = [order for order in orders if _stable(_arranged(values, order)).all()]
    if len(possible) == 1:
        note = f"columns of {name} are taken as {', '.join(possible[0])}"
        return _arranged(values, possible[0]), [note] if len(orders) > 1 else []
    if len(possible) > 1:
        told = " or ".join(",".join(order) for order in possible)
        raise ValueError(f"columns of {name} can be {told}; give columns (--columns)")
    wrong = int(np.flatnonzero(~_stable(_arranged(values, orders[0])))[0])
    raise ValueError(
        f"row {wrong} of {name}, {values[wrong].tolist()}, is no stable stiffness "
        f"({', '.join(orders[0])}); name the columns, for instance columns='C11,C12,C22,-' "
        "(--columns), or leave the properties out: labels='none' (--labels none)"
    )


def _named(columns: str, count: int, name: str) -> tuple[str, ...]:
    """Names of columns, checked."""
    names = tuple(each.strip() for each in columns.split(","))
    unknown = [each for each in names if each not in (*STIFFNESSES, LEFT_OUT)]
    used = [each for each in names if each != LEFT_OUT]
    if unknown or len(set(used)) < len(used) or len(names) != count or not used:
        raise ValueError(
            f"columns is {columns!r}; {count} names are needed for {name}, each once, of "
            f"{', '.join(STIFFNESSES)}, and {LEFT_OUT} for any other column"
        )
    return names


def _arranged(values: FloatArray, names: tuple[str, ...]) -> FloatArray:
    """Columns in the order of `STIFFNESSES`, NaN where there is none; trailing ones left out."""
    found = np.full((len(values), len(STIFFNESSES)), np.nan)
    for column, name in enumerate(names):
        if name != LEFT_OUT:
            found[:, STIFFNESSES.index(name)] = values[:, column]
    last = max(STIFFNESSES.index(name) for name in names if name != LEFT_OUT)
    return found[:, : next(count for count in (3, 4, 6) if count > last)]


def _symmetric(values: FloatArray, name: str) -> FloatArray:
    """Matrices (n, 9), checked."""
    matrices = values.reshape(-1, 3, 3)
    with np.errstate(invalid="ignore"):
        gap = abs(matrices - matrices.swapaxes(1, 2)).max(axis=(1, 2))
        wrong = gap > _CLOSE * abs(matrices).max(axis=(1, 2))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise ValueError(
            f"matrix {row} of {name} is not symmetric; a stiffness in Voigt order 11, 22, 12 is "
            "needed"
        )
    return values


def _ratio(values: FloatArray) -> str | None:
    """Name of the ratio that the fourth of four columns is, if it is one."""
    c11, c12, c22, fourth = values.T
    least = _SLACK * _largest(values)
    for name, below in (("C12/C11", c11), ("C12/C22", c22)):
        known = np.isfinite(fourth * below * c12) & (abs(c12) > least)
        if known.any() and (abs(fourth * below - c12) <= _CLOSE * abs(c12))[known].all():
            return name
    return None


def _stable(stiffnesses: FloatArray) -> BoolArray:
    """Rows (n,) that can be stiffnesses as far as they are known, rounding errors aside."""
    columns = [*stiffnesses.T, *[np.zeros(len(stiffnesses))] * (6 - stiffnesses.shape[1])]
    c11, c12, c22, c33, c13, c23 = columns
    if stiffnesses.shape[1] == 3:
        c33 = np.full(len(c11), np.nan)
    matrices = np.stack([c11, c12, c13, c12, c22, c23, c13, c23, c33], axis=1).reshape(-1, 3, 3)
    scale = _largest(stiffnesses)
    filled = np.where(np.isfinite(matrices), matrices, scale * np.eye(3))
    return np.asarray(np.linalg.eigvalsh(filled)[:, 0] >= -_SLACK * scale)


def _largest(values: FloatArray) -> float:
    """Largest magnitude of the numbers that are known."""
    return float(np.max(abs(values), initial=0.0, where=np.isfinite(values)))
