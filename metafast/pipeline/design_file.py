"""``design.h5``: a design that reopens with everything it found.

One group for each part (problem, field, assembly, open_loop, response); arrays are datasets,
everything else is a JSON attribute. Pixels are bit-packed, the pixels' displacement is kept in
float32.
"""

from __future__ import annotations

import json
import os
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from metafast._base.files import atomic_write
from metafast._base.typing import AnyArray, ByteArray
from metafast.assembly.tiling import Assembly
from metafast.macro import PropertyField
from metafast.problems import Problem
from metafast.structure import StructureResponse

if TYPE_CHECKING:
    from metafast.pipeline.result import Design

_FORMAT = "metafast-design-1"
_PACKED = ("pixels", "solid")
_SINGLE = "nodal_displacement"


def write_design(design: Design, path: str | os.PathLike[str]) -> Path:
    """Write a design; an older file is replaced only when the new one is complete.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    with atomic_write(path) as partial, h5py.File(partial, "w") as file:
        file.attrs["format"] = _FORMAT
        for key in ("timings", "peak_memory", "options", "errors"):
            file.attrs[key] = json.dumps(getattr(design, key))
        for name in ("pixels", "predicted", "rounds", "aim", "corrections"):
            _put_array(file, name, getattr(design, name))
        for name in ("problem", "field", "assembly", "open_loop", "response"):
            _put(file.create_group(name), getattr(design, name))
    return Path(path)


def read_design(path: str | os.PathLike[str]) -> Design:
    """Reopen a design.

    Raises
    ------
    ValueError
        If the file is missing, truncated or no metafast design.
    """
    from metafast.pipeline.result import Design

    path = Path(path)
    if not path.is_file():
        raise ValueError(f"there is no design at {str(path)!r}; check the path")
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != _FORMAT:
                raise ValueError(f"format is {file.attrs.get('format')!r}, not {_FORMAT!r}")
            return Design(
                problem=_get(file["problem"], Problem),
                field=_get(file["field"], PropertyField),
                assembly=_get(file["assembly"], Assembly),
                pixels=_get_array(file["pixels"]),
                predicted=_get_array(file["predicted"]),
                response=_get(file["response"], StructureResponse),
                timings=json.loads(file.attrs["timings"]),
                peak_memory=json.loads(file.attrs["peak_memory"]),
                options=json.loads(file.attrs["options"]),
                open_loop=_get(file["open_loop"], Assembly),
                rounds=_get_array(file["rounds"]),
                aim=_get_array(file["aim"]),
                corrections=_get_array(file["corrections"]),
            )
    except (OSError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{str(path)!r} is not a readable metafast design ({error}); run the design again"
        ) from error


def _put(group: Any, part: Any) -> None:
    """Arrays become datasets, everything else a JSON attribute, so that types survive."""
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            _put_array(group, field.name, value)
        else:
            group.attrs[field.name] = json.dumps(value, default=lambda number: number.item())


def _get(group: Any, kind: Any) -> Any:
    return kind(**{field.name: _get_value(group, field.name) for field in fields(kind)})


def _get_value(group: Any, name: str) -> Any:
    return _get_array(group[name]) if name in group else json.loads(group.attrs[name])


def _put_array(group: Any, name: str, array: AnyArray) -> None:
    if name in _PACKED:
        data: AnyArray = np.packbits(array, axis=1)
    else:
        data = array.astype(np.float32) if name == _SINGLE else array
    dataset = group.create_dataset(name, data=data, compression="gzip", compression_opts=1)
    dataset.attrs["columns"] = array.shape[1] if array.ndim > 1 else 0


def _get_array(dataset: Any) -> AnyArray:
    name = dataset.name.rsplit("/", 1)[-1]
    data: AnyArray = dataset[...]
    if name in _PACKED:
        bits: ByteArray = np.unpackbits(data, axis=1, count=int(dataset.attrs["columns"]))
        return bits if name == "pixels" else bits.astype(bool)
    return data.astype(float) if name == _SINGLE else data
