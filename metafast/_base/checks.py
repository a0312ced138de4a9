"""Argument checks for public functions; messages name the value, the need and the cure."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterable, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import numpy as np

from metafast._base.memory import require_memory
from metafast._base.typing import AnyArray, ByteArray, FloatArray, Kinematics

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Kind = TypeVar("_Kind")
_Options = TypeVar("_Options", bound="DataclassInstance")
_MOST_THREADS_PER_CORE = 4
_LONGEST, _LONGEST_INT = 60, 10**30  # of a value in a message
_MOST = 2**63 - 1  # the largest whole number of arrays, generators and the core


def require_number(
    name: str, value: Any, *, above: float = -np.inf, below: float = np.inf, closed: bool = False
) -> float:
    """Return `value` as a float inside (above, below), or [above, below] if `closed`."""
    if isinstance(value, (str, bytes, bool, np.bool_, np.ma.MaskedArray)) or _is_array(value):
        raise ValueError(f"{name} is {shown(value)}; a number is needed")
    try:
        number = float(value)
    except OverflowError:
        raise ValueError(f"{name} is {shown(value)}; float64 reaches 1.8e308") from None
    except Exception:
        raise ValueError(f"{name} is {shown(value)}; a number is needed") from None
    inside = above <= number <= below if closed else above < number < below
    if not (np.isfinite(number) and inside):
        limits = [f"at least {above:g}" if closed else f"above {above:g}"] * bool(above > -np.inf)
        limits += [f"at most {below:g}" if closed else f"below {below:g}"] * bool(below < np.inf)
        range_ = " ".join(["a finite number", " and ".join(limits)]).strip()
        raise ValueError(f"{name} is {number:g}; {range_} is needed")
    return number


def require_count(name: str, value: Any, minimum: int = 1, most: int = _MOST) -> int:
    """Return `value` as an int from `minimum` to `most`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < minimum:
        raise ValueError(
            f"{name} is {shown(value)}; a whole number of at least {minimum} is needed"
        )
    if value > most:
        raise ValueError(f"{name} is {shown(value)}; at most {most} is needed")
    return int(value)


def require_kinematics(value: Any) -> Kinematics:
    """Return `value` if it is "finite" or "linear"."""
    for known in get_args(Kinematics):
        if isinstance(value, str) and value == known:
            return known  # type: ignore[no-any-return]
    raise ValueError(
        f"kinematics is {shown(value)}; use 'finite' for displacements of any size, or 'linear' "
        "for small ones, as in the paper"
    )


def require_cells(cells: Any, *, square: bool = False) -> ByteArray:
    """Return a contiguous batch (n, h, w) of binary cells; one cell (h, w) becomes n = 1."""
    need = "bool, int or 0.0 and 1.0 are needed"
    if isinstance(cells, (str, os.PathLike)):
        need += "; read files with metafast.read_cells(path).cells"
    array = as_array("cells", cells, need)
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
    if square and array.shape[1] != array.shape[2]:
        size = f"{array.shape[1]}x{array.shape[2]}"
        raise ValueError(f"cells are {size} pixels; square ones are needed")
    require_memory(array.size, f"{len(array):,} cells", "pass them in parts")
    if array.dtype == bool or (array.dtype.kind == "u" and array.max() <= 1):
        return np.ascontiguousarray(array, dtype=np.uint8)  # the usual case, one pass at most
    binary = array.astype(np.uint8) if array.dtype.kind != "f" else (array == 1).astype(np.uint8)
    wrong = (array != 0) & (array != 1)
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        cure = "threshold grey cells first, for instance cells > 0.5"
        if array[where] > 1:
            cure = "pass pixels < 128 of a picture with dark solid, or read_cells(path).cells"
        raise ValueError(
            f"cells are not binary: {array[where]} at {where}; 1 = solid and 0 = void are "
            f"needed, so {cure}"
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


def require_array(name: str, values: Any, *, finite: bool = False) -> FloatArray:
    """Return `values` as a new float array, all finite if asked for."""
    given = as_array(name, values)
    require_memory(8 * given.size, f"{name}, of shape {given.shape},", "pass less at a time")
    array = np.array(given, dtype=float)
    if finite and not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} holds {array[where]} at {where}; finite numbers are needed")
    return array


def as_array(
    name: str, values: Any, need: str = "an array of real numbers is needed", *, views: bool = False
) -> AnyArray:
    """Return `values` as an array of real numbers of any type, not copied if it is one.

    Views that repeat entries may be larger than memory. They are refused unless `views`, for those
    who do not copy them.
    """
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(
            f"{name} is a masked array; {need} without a mask: use filled() or compressed()"
        )
    try:
        array = np.asarray(values)
    except Exception as error:
        lines = str(error).splitlines() or [type(error).__name__]
        cause = "rows of different lengths" if "inhomogeneous" in lines[0] else lines[0]
        raise ValueError(f"{name} makes no array ({cause}); {need}") from None
    if not (array.flags.c_contiguous or views):  # it may be larger than any memory
        require_memory(array.nbytes, f"{name}, of shape {array.shape},", "pass less at a time")
    if array.dtype.kind not in "biuf":
        kind = "complex numbers" if array.dtype.kind == "c" else f"dtype {array.dtype}"
        raise ValueError(f"{name} holds no real numbers but {kind}: {shown(values)}; {need}")
    return array


def require_rows(name: str, rows: Any, count: int) -> Any:
    """Return rows of a table: a slice, or whole numbers or a mask as an array."""
    if isinstance(rows, slice):
        return rows
    index = as_array(name, [] if isinstance(rows, list) and not rows else rows)
    if index.ndim != 1:
        raise ValueError(f"{name} has shape {index.shape}; a list of rows is needed")
    if index.size == 0:
        index = index.astype(int)
    if index.dtype.kind == "b":
        if index.shape != (count,):
            raise ValueError(f"{name} is a mask of shape {index.shape}; ({count},) is needed")
    elif index.dtype.kind not in "iu":
        raise ValueError(f"{name} holds {index.dtype}; whole numbers or a mask are needed")
    elif index.size and not -count <= index.min() <= index.max() < count:
        raise ValueError(
            f"{name} reach from {index.min()} to {index.max()}; there are {count}, counted from 0"
        )
    return index


def require_instance(name: str, value: Any, kind: type[_Kind], cure: str = "") -> _Kind:
    """Return `value` if it is of a class, which the message names as users do."""
    if not isinstance(value, kind):
        needed = f"a metafast.{kind.__name__} is needed" + (cure and f", {cure}")
        raise ValueError(f"{name} is {shown(value)}; {needed}")
    return value


def require_callable(name: str, value: Any, arguments: str) -> None:
    """Refuse what cannot be called with some arguments, described for the message."""
    if not callable(value):
        raise ValueError(f"{name} is {shown(value)}; a function of {arguments} is needed")


def require_progress(progress: Any, *, noted: bool = False) -> None:
    """Refuse a `progress` that cannot be called, or not with a note where work gives notes."""
    require_callable("progress", progress, "stage, done, total and note")
    try:
        parameters = inspect.signature(progress)
    except ValueError:  # a compiled function may have none
        return
    calls = [("stage", 0, 1), ("stage", 0, 1, "note")]
    for arguments in calls if noted else calls[:1]:
        try:
            parameters.bind(*arguments)
        except TypeError:
            raise ValueError(
                f"progress takes {parameters}, but is called as progress(stage, done, total) and "
                "progress(stage, done, total, note); give the note a default, as in "
                'def progress(stage, done, total, note="")'
            ) from None


def require_client(client: Any) -> None:
    """Refuse a `client` that is none of Dask."""
    if client is not None and not hasattr(client, "submit"):
        raise ValueError(
            f"client is {shown(client)}; a dask.distributed.Client is needed, or None for this "
            "machine"
        )


def require_flag(name: str, value: Any) -> bool:
    """Return `value` if it is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} is {shown(value)}; use True or False")
    return bool(value)


def require_text(name: str, value: Any) -> str:
    """Return `value` if it is a text."""
    if not isinstance(value, str):
        raise ValueError(f"{name} is {shown(value)}; a text is needed")
    return value


def require_choice(name: str, value: Any, choices: Sequence[str]) -> str:
    """Return `value` if it is one of some words."""
    if not isinstance(value, str) or value not in choices:
        known = ", ".join(map(repr, choices))
        raise ValueError(f"{name} is {shown(value)}; use one of {known}")
    return value


def require_items(name: str, value: Any, what: str) -> list[Any]:
    """Return the items of a list or another iterable that is no text, table or array."""
    if isinstance(value, (str, bytes, dict, np.ndarray)) or not isinstance(value, Iterable):
        raise ValueError(f"{name} is {shown(value)}; a list of {what} is needed")
    return list(value)


def shown(value: Any) -> str:
    """A value in a few words, for messages."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape} ({value.dtype})"
    if isinstance(value, int) and abs(value) > _LONGEST_INT:
        return f"a whole number of {value.bit_length()} bits"
    try:
        text = repr(value)
    except Exception:
        text = f"a {type(value).__name__}"
    if "\n" in text:
        return f"a {type(value).__name__}"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _is_array(value: Any) -> bool:
    return getattr(value, "ndim", 0) != 0 or isinstance(value, (list, tuple, dict))


def changed_options(function: str, options: _Options, changes: dict[str, Any]) -> _Options:
    """Return options with single fields changed, as the public functions take them by name.

    Parameters
    ----------
    function : str
        Name of the public function, for the message.
    options : dataclass
    changes : dict of str to value
    """
    if not is_dataclass(options) or isinstance(options, type):
        raise ValueError(
            f"options are {shown(options)}; pass options of {function}, or None for the usual ones"
        )
    names = [field.name for field in fields(options)]
    for name in changes:
        if name not in names:
            known = ", ".join(names)
            raise TypeError(f"{function} has no option {name!r}; the options are {known}")
    return replace(options, **changes)
