"""Argument checks for public functions; messages name the value, the need and the cure."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np

from metafast._base.typing import ByteArray, FloatArray, Kinematics

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Options = TypeVar("_Options", bound="DataclassInstance")
_MOST_THREADS_PER_CORE = 4


def require_number(
    name: str, value: Any, *, above: float = -np.inf, below: float = np.inf, closed: bool = False
) -> float:
    """Return `value` as a float inside (above, below), or [above, below] if `closed`."""
    if isinstance(value, (str, bytes, bool)):
        raise ValueError(f"{name} is {value!r}; a number is needed")
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"{name} is {value!r}; a number is needed") from None
    inside = above <= number <= below if closed else above < number < below
    if not (np.isfinite(number) and inside):
        limits = [f"at least {above:g}" if closed else f"above {above:g}"] * bool(above > -np.inf)
        limits += [f"at most {below:g}" if closed else f"below {below:g}"] * bool(below < np.inf)
        range_ = " ".join(["a finite number", " and ".join(limits)]).strip()
        raise ValueError(f"{name} is {number:g}; {range_} is needed")
    return number


def require_count(name: str, value: Any, minimum: int = 1) -> int:
    """Return `value` as an int not smaller than `minimum`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < minimum:
        raise ValueError(f"{name} is {value!r}; a whole number of at least {minimum} is needed")
    return int(value)


def require_kinematics(value: Any) -> Kinematics:
    """Return `value` if it is "finite" or "linear"."""
    for known in get_args(Kinematics):
        if value == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(
        f"kinematics is {value!r}; use 'finite' for displacements of any size, or 'linear' for "
        "small ones, as in the paper"
    )


def require_cells(cells: Any, *, square: bool = False) -> ByteArray:
    """Return a contiguous batch (n, h, w) of binary cells; one cell (h, w) becomes n = 1."""
    try:
        array = np.asarray(cells)
    except ValueError:
        raise ValueError("cells are ragged; rows and cells of equal size are needed") from None
    if array.ndim == 2:
        array = array[None]
    if array.ndim != 3:
        raise ValueError(
            f"cells have shape {array.shape}; (n, h, w) is needed, or (h, w) for one cell"
        )
    if 0 in array.shape:
        raise ValueError(
            f"cells have shape {array.shape}: there is nothing in them; pass at least one cell"
        )
    if array.dtype.kind not in "biuf":
        raise ValueError(f"cells have dtype {array.dtype}; bool, int or 0.0 and 1.0 are needed")
    if square and array.shape[1] != array.shape[2]:
        size = f"{array.shape[1]}x{array.shape[2]}"
        raise ValueError(f"cells are {size} pixels; square ones are needed")
    if array.dtype == bool or (array.dtype.kind == "u" and array.max() <= 1):
        return np.ascontiguousarray(array, dtype=np.uint8)  # the usual case, one pass at most
    binary = array.astype(np.uint8) if array.dtype.kind != "f" else (array == 1).astype(np.uint8)
    wrong = (array != 0) & (array != 1)
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        raise ValueError(
            f"cells are not binary: {array[where]} at {where}; 1 = solid and 0 = void are "
            "needed, so threshold grey cells first, for instance cells > 0.5"
        )
    return np.ascontiguousarray(binary)


def require_properties(properties: Any, name: str = "properties") -> FloatArray:
    """Return (n, 4) stiffness components (C11, C12, C22, C33) that are positive definite."""
    array = np.atleast_2d(require_array(name, properties))
    if array.ndim != 2 or array.shape[1] != 4:
        raise ValueError(
            f"{name} have shape {array.shape}; (n, 4) is needed, columns C11, C12, C22, C33"
        )
    if len(array) == 0:
        raise ValueError(f"{name} are empty; at least one row is needed")
    bad = ~np.isfinite(array).all(1)
    with np.errstate(invalid="ignore"):
        bad |= (array[:, [0, 2, 3]] <= 0).any(1) | (array[:, 1] ** 2 >= array[:, 0] * array[:, 2])
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ValueError(
            f"{name}[{row}] = {array[row].tolist()} is not a stable orthotropic stiffness; finite "
            "C11, C22, C33 > 0 and C12^2 < C11*C22 are needed"
        )
    return array


def require_threads(threads: int | None) -> int:
    """Return a number of threads; None means all that this process may use.

    Larger numbers are reduced to a few threads per core, since more would only cost memory.
    """
    if hasattr(os, "sched_getaffinity"):
        available = len(os.sched_getaffinity(0))
    else:
        available = os.cpu_count() or 1
    if threads is None:
        return available
    return min(require_count("threads", threads), _MOST_THREADS_PER_CORE * available)


def require_array(name: str, values: Any) -> FloatArray:
    """Return `values` as a new float array."""
    try:
        return np.array(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(
            f"{name} holds no numbers: {str(values)[:60]!r}; an array of numbers is needed"
        ) from None


def changed_options(function: str, options: _Options, changes: dict[str, Any]) -> _Options:
    """Return options with single fields changed, as the public functions take them by name.

    Parameters
    ----------
    function : str
        Name of the public function, for the message.
    options : dataclass
    changes : dict of str to value
    """
    names = [field.name for field in fields(options)]
    for name in changes:
        if name not in names:
            known = ", ".join(names)
            raise TypeError(f"{function} has no option {name!r}; the options are {known}")
    return replace(options, **changes)
