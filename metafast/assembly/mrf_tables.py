"""Checked costs and labels of a grid Markov random field."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from metafast._base.checks import as_array
from metafast._base.memory import require_memory
from metafast._base.typing import AnyArray, IntArray

_MAX_LABELS = 65_535  # labels are stored in 16 bits
_MAX_NODES = 2**31 - 1  # nodes have numbers of 32 bits
_MAX_SUM = 1e300  # above it sums of costs overflow


class MrfTables(NamedTuple):
    """Checked costs of a grid MRF; see `solve_mrf`."""

    unary: AnyArray
    horizontal: AnyArray
    vertical: AnyArray


def checked_tables(unary: Any, horizontal: Any, vertical: Any) -> MrfTables:
    """Check the costs of a grid MRF; parameters and errors as in `solve_mrf`."""
    unary = _costs("unary", unary, ("H", "W", "K"))
    rows, cols, labels = unary.shape
    if 0 in unary.shape:
        raise ValueError(
            f"unary has shape {unary.shape}: there is nothing to label; H, W and K of at least 1 "
            "are needed"
        )
    if labels > _MAX_LABELS:
        raise ValueError(f"unary has {labels} labels; at most {_MAX_LABELS} are supported")
    _require_room(rows, cols, labels)
    tables = MrfTables(
        unary,
        _costs("horizontal", horizontal, ("H", "W-1", "K", "K"), (rows, cols - 1, labels, labels)),
        _costs("vertical", vertical, ("H-1", "W", "K", "K"), (rows - 1, cols, labels, labels)),
    )
    _check_magnitude(*tables)
    return tables


def _require_room(rows: int, cols: int, labels: int) -> None:
    """Refuse a grid that the core's numbers or the memory cannot hold."""
    if rows * cols > _MAX_NODES:
        raise ValueError(
            f"unary has {rows:,} x {cols:,} nodes; at most {_MAX_NODES:,} are supported"
        )
    edges = rows * (cols - 1) + (rows - 1) * cols
    needed = 4 * edges * labels**2 + 8 * rows * cols * labels
    require_memory(
        needed,
        f"the solver's tables for {rows:,} x {cols:,} nodes of {labels:,} labels",
        "give fewer labels or a smaller grid",
    )


def _costs(
    name: str, value: Any, axes: tuple[str, ...], shape: tuple[int, ...] | None = None
) -> AnyArray:
    """Return the costs as float32 or float64 with contiguous tables; strides of places remain."""
    needed = f"({', '.join(axes)})"
    array = as_array(name, value, f"{needed} costs are needed", views=True)
    if array.dtype not in (np.float32, np.float64) or not array.dtype.isnative:
        require_memory(
            8 * array.size, f"{name}, of shape {array.shape},", "give float32 or float64"
        )
        array = array.astype(np.float64)
    if shape is not None and array.ndim == 2 and array.shape == shape[2:]:
        array = np.broadcast_to(array, shape)
    if array.ndim != len(axes):
        shared = "" if shape is None else f" = {shape}, or (K, K) = {shape[2:]} for all places,"
        raise ValueError(f"{name} has shape {array.shape}; {needed}{shared} is needed")
    if shape is not None and array.shape != shape:
        raise ValueError(
            f"{name} has shape {array.shape}; {needed} = {shape} is needed to match unary, see the "
            "docstring for the order of the axes"
        )
    array = _with_contiguous_tables(name, array)
    for row, part in enumerate(_distinct(array)):
        bad = np.isnan(part) | (part == -np.inf)
        if bad.any():
            where = (row, *(int(i) for i in np.argwhere(bad)[0]))
            raise ValueError(
                f"{name}{list(where)} is {array[where]}; finite costs, or +inf to forbid, are "
                "needed"
            )
    return array


def _with_contiguous_tables(name: str, array: AnyArray) -> AnyArray:
    tables = array[:1, :1]
    in_place = array.flags.aligned and all(s % array.itemsize == 0 for s in array.strides[:2])
    if in_place and tables.flags.c_contiguous:
        return array
    require_memory(array.nbytes, f"{name}, of shape {array.shape},", "give a smaller grid")
    return np.ascontiguousarray(array)


def _distinct(array: AnyArray) -> AnyArray:
    """The rows and columns of tables that are not repetitions (stride 0) of the first."""
    return array[tuple(slice(1) if s == 0 else slice(None) for s in array.strides[:2])]


def _check_magnitude(*tables: AnyArray) -> None:
    total = 0.0
    with np.errstate(over="ignore"):
        for table in tables:
            distinct = _distinct(table)
            for part in distinct:
                finite = np.abs(np.where(np.isfinite(part), part, 0.0), dtype=np.float64)
                total += float(finite.sum()) * (table.size / max(distinct.size, 1))
    if not total < _MAX_SUM:
        raise ValueError(
            f"the absolute costs add up to {total:g}; less than {_MAX_SUM:g} is needed to sum them "
            "in float64: rescale the costs, or write +inf for forbidden labels and pairs"
        )


def checked_labels(value: Any, shape: tuple[int, int], labels: int) -> IntArray:
    """Return a labelling (H, W) to start from as int64; values 0 .. labels-1 are needed."""
    array = as_array("initial", value)
    if array.shape != shape or array.dtype.kind not in "iu":
        raise ValueError(
            f"initial has shape {array.shape} and dtype {array.dtype}; (H, W) = {shape} whole "
            "numbers are needed"
        )
    if array.min() < 0 or array.max() >= labels:
        raise ValueError(
            f"initial holds labels {array.min()}..{array.max()}; 0..{labels - 1} are needed"
        )
    return np.ascontiguousarray(array, dtype=np.int64)
