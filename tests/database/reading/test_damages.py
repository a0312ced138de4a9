"""Damaged files are read or refused in one line, whatever the kind; MATLAB against SciPy."""

import numpy as np
import pytest
from PIL import Image
from reference.asymmetric_cells import asymmetric_cells
from scipy.io import loadmat, savemat
from scipy.sparse import random_array

from metafast.database import read_cells
from metafast.database.reading.mat5 import read_version_5

CELLS = asymmetric_cells(3)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="20mm" height="20mm" viewBox="0 0 20 20">'
    '<g transform="translate(1 0)"><path d="M2,2H18V18H2Z M13,10A3,3 0 0 1 7,10Z"/></g></svg>'
)


def written(folder, kind):
    path = folder / f"whole.{kind}"
    if kind in ("mat", "npy", "npz"):
        if kind == "mat":
            savemat(path, {"cells": np.moveaxis(CELLS, 0, 2), "C": np.ones((3, 4))})
        elif kind == "npy":
            np.save(path, CELLS)
        else:
            np.savez(path, cells=CELLS)
    elif kind == "svg":
        pytest.importorskip("svgelements")
        path.write_text(SVG)
    elif kind == "dxf":
        document = pytest.importorskip("ezdxf").new("R12", units=0)
        document.modelspace().add_circle((3, 3), 1)
        document.saveas(path)
    elif kind == "txt":
        path.write_text("\n".join(" ".join(map(str, row)) for row in CELLS[0].tolist()))
    else:
        Image.fromarray(255 - 255 * CELLS[0]).save(path)
    return path


@pytest.mark.parametrize("kind", ["mat", "npy", "npz", "svg", "dxf", "txt", "png", "gif", "bmp"])
def test_damaged_files_are_read_or_refused_in_one_line(tmp_path, kind):
    whole = written(tmp_path, kind).read_bytes()
    damaged = tmp_path / f"damaged.{kind}"
    rng = np.random.default_rng(0)
    refused = []
    for k in range(12 if kind == "dxf" else 60):
        data = bytearray(whole)
        if k % 3 == 0:
            data = data[: rng.integers(len(data))]
        elif k % 3 == 1:
            for at in rng.integers(len(data), size=4):
                data[at] ^= 1 << rng.integers(8)
        else:
            at = rng.integers(len(data))
            data[at : at + 30] = rng.bytes(len(data[at : at + 30]))
        damaged.write_bytes(data)
        try:
            read_cells(damaged)
        except ValueError as error:
            refused.append(str(error))
    assert len(refused) > 3
    assert not any("\n" in message for message in refused)


@pytest.mark.parametrize("packed", [False, True])
def test_version_5_against_scipy(tmp_path, packed):
    rng = np.random.default_rng(0)
    kinds = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8", "?"]
    arrays = {f"a_{kind.strip('?')}x": (100 * rng.random((3, 4, 2))).astype(kind) for kind in kinds}
    arrays |= {
        "number": np.array([[7.0]]),
        "empty": np.zeros((0, 3)),
        "row": np.arange(5.0)[None],
        "sparse": random_array((6, 5), density=0.4, rng=rng).tocsc(),
        "text": "hello",
        "struct": {"a": 1},
        "complex": np.array([[1j]]),
    }
    arrays["cells"] = np.empty((2, 2), dtype=object)
    for k, part in enumerate((np.eye(2), np.ones((2, 3)), np.zeros((1, 1)), np.eye(3))):
        arrays["cells"][k % 2, k // 2] = part
    savemat(tmp_path / "all.mat", arrays, do_compression=packed)
    found = read_version_5((tmp_path / "all.mat").read_bytes())
    known = loadmat(tmp_path / "all.mat", spmatrix=False)
    assert found.keys() == arrays.keys()
    for name in arrays:
        if name in ("text", "struct", "complex"):
            assert found[name] is None
        elif name == "cells":
            for one, other in zip(found[name], known[name].ravel(order="F"), strict=True):
                np.testing.assert_array_equal(one, other)
        elif name == "sparse":
            np.testing.assert_array_equal(found[name].toarray(), known[name].toarray())
        else:
            np.testing.assert_array_equal(found[name], known[name])


def test_numbers_in_the_other_byte_order():
    """A file by hand: a big-endian row of three 16-bit numbers."""

    def element(kind, data):
        tag = np.array([kind, len(data)], ">u4").tobytes()
        return tag + data + bytes(-len(data) % 8)

    inner = element(6, np.array([11, 0], ">u4").tobytes())
    inner += element(5, np.array([1, 3], ">i4").tobytes()) + element(1, b"row")
    inner += element(4, np.array([1, 300, 65535], ">u2").tobytes())
    data = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x01\x00MI" + element(14, inner)
    np.testing.assert_array_equal(read_version_5(data)["row"], [[1, 300, 65535]])
