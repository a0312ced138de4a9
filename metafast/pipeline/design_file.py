"""File of a design, ``design.h5``: every field of the result, to reopen.

One group for each dataclass (problem, field, assembly, ...); arrays are datasets, everything else
is a JSON attribute, and files that the problem names are bytes. Pixels are bit-packed, the
displacement of the pixels is kept in float32. The whole file is sealed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar

import h5py
import numpy as np

from metafast._base.files import require_path
from metafast._base.hdf5 import UNREADABLE, array_in, read_hdf5, write_hdf5
from metafast._base.typing import AnyArray, ByteArray

FILE_NAME = "design.h5"
PARTIAL_NAME = "partial.h5"  # the best structure so far of a run that is not finished
Provenance = dict[str, str | int | float]

_Kind = TypeVar("_Kind")
_FORMAT = "metafast-design-3"
_OLDER = ("metafast-design-2",)  # without a seal
_PACKED = ("pixels", "solid")
_SINGLE = "nodal_displacement"


def design_path(path: str | os.PathLike[str]) -> Path:
    """The file of a design, given itself or its directory; there a checkpoint if that is all."""
    source = require_path(path)
    if not source.is_dir():
        return source
    whole, partial = source / FILE_NAME, source / PARTIAL_NAME
    return partial if partial.is_file() and not whole.is_file() else whole


def write_parts(design: Any, path: Path) -> None:
    """Write the fields of a design; an older file is replaced only when the new one is complete."""
    with write_hdf5(path, _FORMAT) as file:
        for field in fields(design):
            value = getattr(design, field.name)
            if isinstance(value, np.ndarray):
                _put_array(file, field.name, value)
            elif is_dataclass(value) and not hasattr(value, "as_dict"):
                _put(file.create_group(field.name), value)
            else:
                plain = value.as_dict() if hasattr(value, "as_dict") else value
                file.attrs[field.name] = _to_json(plain)


def read_parts(kind: Callable[..., _Kind], parts: dict[str, Any], path: Path) -> _Kind:
    """A design from a file.

    Parameters
    ----------
    kind : type
        The design's.
    parts : dict of str to type
        Types of the fields that are neither arrays nor plain values.
    path : Path

    Raises
    ------
    ValueError
        If the file is missing, truncated or no metafast design.
    """
    if not path.is_file():
        raise ValueError(f"there is no design at {str(path)!r}; check the path")
    try:
        with read_hdf5(path, _FORMAT, _OLDER) as file:
            values: dict[str, Any] = {}
            for name, part in file.items():
                values[name] = _get(part, parts[name]) if name in parts else _get_array(file, name)
            for name in set(file.attrs) - {"format"}:
                plain = json.loads(file.attrs[name])
                values[name] = parts[name].from_dict(plain) if name in parts else plain
            return kind(**values)
    except UNREADABLE as error:
        raise ValueError(
            f"{str(path)!r} is not a readable metafast design ({error}); run the design again"
        ) from error


def _put(group: Any, part: Any) -> None:
    """Arrays become datasets, everything else a JSON attribute, so that types survive."""
    for field in fields(part):
        value = getattr(part, field.name)
        if isinstance(value, np.ndarray):
            _put_array(group, field.name, value)
        elif isinstance(value, dict) and any(isinstance(each, bytes) for each in value.values()):
            _put_files(group.create_group(field.name), value)
        else:
            group.attrs[field.name] = _to_json(value)


def _to_json(value: Any) -> str:
    return json.dumps(value, default=lambda number: number.item())


def _get(group: Any, kind: Any) -> Any:
    """Fields that the file lacks, since they are newer, have their defaults."""
    names = [
        field.name for field in fields(kind) if field.name in group or field.name in group.attrs
    ]
    return kind(**{name: _get_value(group, name) for name in names})


def _get_value(group: Any, name: str) -> Any:
    if isinstance(group.get(name), h5py.Group):
        return _get_files(group[name])
    return _get_array(group, name) if name in group else json.loads(group.attrs[name])


def _put_files(group: Any, files: dict[str, bytes]) -> None:
    """Contents of files, numbered: their names may be any text."""
    for number, (name, content) in enumerate(files.items()):
        data = np.frombuffer(content, np.uint8)
        packing = {"compression": "gzip"} if len(data) else {}
        group.create_dataset(str(number), data=data, **packing).attrs["name"] = name


def _get_files(group: Any) -> dict[str, bytes]:
    found = {}
    for number in range(len(group)):
        data = array_in(group, str(number))
        found[str(group[str(number)].attrs["name"])] = data.astype(np.uint8).tobytes()
    return found


def _put_array(group: Any, name: str, array: AnyArray) -> None:
    if name in _PACKED:
        data: AnyArray = np.packbits(array, axis=1)
    else:
        data = array.astype(np.float32) if name == _SINGLE else array
    dataset = group.create_dataset(name, data=data, compression="gzip", compression_opts=1)
    dataset.attrs["columns"] = array.shape[1] if array.ndim > 1 else 0


def _get_array(group: Any, name: str) -> AnyArray:
    data = array_in(group, name)
    if name in _PACKED:
        columns = int(group[name].attrs["columns"])
        if not 0 <= 8 * data.shape[1] - columns < 8:
            raise ValueError(f"{name!r} has {columns} columns in {data.shape[1]} bytes")
        bits: ByteArray = np.unpackbits(data, axis=1, count=columns)
        return bits if name == "pixels" else bits.astype(bool)
    return data.astype(float) if name == _SINGLE else data
