"""Every layout of arrays gives the same cells, row 0 at the top; what is unclear is asked about."""

import h5py
import numpy as np
import pytest
from reference.asymmetric_cells import asymmetric_cells
from scipy.io import savemat
from scipy.sparse import csc_matrix

from metafast.database import read_cells

CELLS = asymmetric_cells()
N = len(CELLS)
BY_COLUMNS = CELLS.transpose(0, 2, 1).reshape(N, -1)  # as reshape(cells, [], N) of MATLAB runs


def cell_array(parts):
    array = np.empty((len(parts), 1), dtype=object)
    for k, part in enumerate(parts):
        array[k, 0] = part
    return array


ARRAYS = {
    "(N, h, w)": CELLS,
    "(h, w, N)": np.moveaxis(CELLS, 0, 2),
    "logical": np.moveaxis(CELLS, 0, 2).astype(bool),
    "float": CELLS.astype(float),
    "0 and 255": 255 * np.moveaxis(CELLS, 0, 2),
    "255 is void": 255 - 255 * CELLS,
    "nearly 0 and 255": np.where(CELLS, 250, 3).astype(np.uint8),
    "signed": CELLS.astype(np.int16),
    "(N, 1, h, w)": CELLS[:, None],
}
FLAT = {"(N, h*w)": BY_COLUMNS, "(h*w, N)": BY_COLUMNS.T, "0/255": 255 * BY_COLUMNS}


def write_73(path, name, array):
    """As MATLAB does: HDF5 behind a header, axes in reverse order, cell arrays as references."""
    with h5py.File(path, "w", userblock_size=512) as file:
        array = np.asarray(array)
        if array.dtype == object:
            group = file.create_group("#refs#")
            stored = np.empty(array.T.shape, dtype=h5py.ref_dtype)
            for k, part in enumerate(array.ravel()):
                stored.ravel()[k] = group.create_dataset(f"r{k}", data=np.asarray(part).T).ref
            file.create_dataset(name, data=stored, dtype=h5py.ref_dtype)
            file[name].attrs["MATLAB_class"] = np.bytes_("cell")
        else:
            logical = array.dtype == bool
            file.create_dataset(name, data=(array.astype(np.uint8) if logical else array).T)
            file[name].attrs["MATLAB_class"] = np.bytes_("logical" if logical else "uint8")
        text = file.create_dataset("note", data=np.array([[104, 105]], np.uint16).T)
        text.attrs["MATLAB_class"] = np.bytes_("char")
    with path.open("r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")


def write(folder, kind, array, name="designs"):
    path = folder / f"cells.{kind}"
    if kind == "5.mat":
        savemat(path, {name: array, "note": "hello"})
    elif kind == "73.mat":
        write_73(path, name, array)
    elif kind == "npz":
        np.savez(path, **{name: array})
    elif kind == "h5":
        with h5py.File(path, "w") as file:
            file[name] = array
    else:
        np.save(path, array)
    return path


@pytest.mark.parametrize("kind", ["5.mat", "73.mat", "npy", "npz", "h5"])
@pytest.mark.parametrize("layout", ARRAYS)
def test_arrays(tmp_path, kind, layout):
    read = read_cells(write(tmp_path, kind, ARRAYS[layout]))
    np.testing.assert_array_equal(read.cells, CELLS)
    assert read.cells.dtype == np.uint8
    assert read.labels is None


@pytest.mark.parametrize("kind", ["5.mat", "73.mat"])
@pytest.mark.parametrize("layout", FLAT)
def test_flat_cells_of_matlab_run_along_columns(tmp_path, kind, layout):
    read = read_cells(write(tmp_path, kind, FLAT[layout]))
    np.testing.assert_array_equal(read.cells, CELLS)
    assert "column by column" in " ".join(read.notes)


@pytest.mark.parametrize("kind", ["npy", "npz", "h5"])
@pytest.mark.parametrize("turned", [False, True])
def test_flat_cells_of_numpy_run_along_rows(tmp_path, kind, turned):
    flat = CELLS.reshape(N, -1)
    path = write(tmp_path, kind, flat.T if turned else flat)
    read = read_cells(path)
    np.testing.assert_array_equal(read.cells, CELLS)
    assert "row by row" in " ".join(read.notes)
    assert "is taken as 7 cells of 10x10 pixels" in " ".join(read.notes)
    other = read_cells(path, order="columns")
    np.testing.assert_array_equal(other.cells, CELLS.transpose(0, 2, 1))
    assert "column by column" not in " ".join(other.notes), "what is asked for is no guess"


@pytest.mark.parametrize("kind", ["5.mat", "73.mat"])
def test_cell_arrays(tmp_path, kind):
    read = read_cells(write(tmp_path, kind, cell_array(CELLS)))
    np.testing.assert_array_equal(read.cells, CELLS)
    read = read_cells(write(tmp_path, kind, cell_array(255 * CELLS)), solid="white")
    np.testing.assert_array_equal(read.cells, CELLS)
    flat = cell_array([cell.T.reshape(-1, 1) for cell in CELLS])
    np.testing.assert_array_equal(read_cells(write(tmp_path, kind, flat)).cells, CELLS)
    uneven = cell_array([*CELLS[:3], np.ones((10, 9))])
    with pytest.raises(
        ValueError, match=r"element 3 of the cell array designs has shape \(10, 9\)"
    ):
        read_cells(write(tmp_path, kind, uneven))


def test_sparse_and_single_cells(tmp_path):
    savemat(tmp_path / "s.mat", {"designs": csc_matrix(BY_COLUMNS.T.astype(float))})
    np.testing.assert_array_equal(read_cells(tmp_path / "s.mat").cells, CELLS)
    np.save(tmp_path / "one.npy", CELLS[0])
    np.testing.assert_array_equal(read_cells(tmp_path / "one.npy").cells, CELLS[:1])
    np.save(tmp_path / "flat.npy", CELLS[0].ravel())
    np.testing.assert_array_equal(read_cells(tmp_path / "flat.npy").cells, CELLS[:1])
    wide = np.ones((8, 20), np.uint8)
    np.save(tmp_path / "wide.npy", wide)
    assert read_cells(tmp_path / "wide.npy").cells.shape == (1, 8, 20)


def test_shapes_that_fit_twice_are_asked_about(tmp_path):
    path = write(tmp_path, "npy", np.ones((50, 100), np.uint8))
    with pytest.raises(ValueError, match=r"50 cells of 10x10 .*axes=first.*one cell of 50x100 "):
        read_cells(path)
    assert read_cells(path, axes="first").cells.shape == (50, 10, 10)
    assert read_cells(path, axes="one").cells.shape == (1, 50, 100)
    with pytest.raises(ValueError, match="cannot be read with axes 'last'"):
        read_cells(path, axes="last")
    path = write(tmp_path, "npy", np.ones((100, 25), np.uint8))
    with pytest.raises(ValueError, match=r"100 cells of 5x5 .* or 25 cells of 10x10"):
        read_cells(path)


def test_cubes_follow_the_custom_unless_pixels_speak_against_it(tmp_path):
    blocks = np.kron(np.random.default_rng(1).random((10, 2, 2)) < 0.5, np.ones((1, 5, 5)))
    for kind, custom, other in (("npy", 0, 2), ("5.mat", 2, 0)):
        path = write(tmp_path, kind, np.moveaxis(blocks, 0, custom))
        np.testing.assert_array_equal(read_cells(path).cells, blocks)
        path = write(tmp_path, kind, np.moveaxis(blocks, 0, other))
        with pytest.raises(ValueError, match=r"10 cells of 10x10 pixels \(axes=\w+\) or 10 "):
            read_cells(path)
        axes = "first" if other == 0 else "last"
        np.testing.assert_array_equal(read_cells(path, axes=axes).cells, blocks)


def test_what_is_no_square_follows_the_custom_and_is_said(tmp_path):
    cells = np.ones((5, 8, 10), np.uint8)
    read = read_cells(write(tmp_path, "npy", cells))
    assert read.cells.shape == (5, 8, 10)
    assert "axes=last would be 10 cells of 5x8 pixels" in read.notes[0]
    read = read_cells(write(tmp_path, "5.mat", np.moveaxis(cells, 0, 2)))
    assert read.cells.shape == (5, 8, 10)
    read = read_cells(write(tmp_path, "npy", np.ones((50, 50, 120), int)))
    assert read.cells.shape == (120, 50, 50)
    assert "is taken as 120 cells of 50x50 pixels" in read.notes[0]


def test_colour_pictures_are_no_cells(tmp_path):
    colours = np.random.default_rng(0).integers(0, 256, (10, 10, 4), dtype=np.uint8)
    path = write(tmp_path, "npy", colours)
    with pytest.raises(ValueError, match="looks like one colour picture"):
        read_cells(path)
    grey = np.repeat(CELLS[0][:, :, None], 3, axis=2)
    with pytest.raises(ValueError, match="looks like one colour picture"):
        read_cells(write(tmp_path, "npy", grey))
    three = np.moveaxis(CELLS[:3], 0, 2)
    np.testing.assert_array_equal(read_cells(write(tmp_path, "npy", three)).cells, CELLS[:3])


def test_levels_thresholds_and_sides(tmp_path):
    path = write(tmp_path, "npy", CELLS)
    np.testing.assert_array_equal(read_cells(path, solid="black").cells, 1 - CELLS)
    grey = np.where(CELLS, 0.7, 0.2)
    path = write(tmp_path, "npy", grey)
    with pytest.raises(ValueError, match=r"not binary: 0\.\d at .* threshold=0\.5"):
        read_cells(path)
    np.testing.assert_array_equal(read_cells(path, threshold=0.5).cells, CELLS)
    levels = write(tmp_path, "npy", CELLS + 1)
    np.testing.assert_array_equal(read_cells(levels, threshold=1.5, solid="white").cells, CELLS)
    stripes = np.zeros((3, 10, 10), np.uint8)
    stripes[:, ::2] = 255
    path = write(tmp_path, "npy", stripes)
    with pytest.raises(ValueError, match="either side can be solid; give solid='white'"):
        read_cells(path)
    assert read_cells(path, solid="white").cells[0, 0].all()


HOSTILE = {
    "complex": CELLS * 1j,
    "NaN": np.where(CELLS, 1.0, np.nan),
    "infinite": np.where(CELLS, np.inf, 0.0),
    "negative": -CELLS.astype(int),
    "text": np.array(["a", "b"]),
    "objects": np.array([1, None], dtype=object),
    "dates": np.zeros((2, 4, 4), "datetime64[s]"),
    "no cells": np.zeros((0, 10, 10)),
    "no pixels": np.zeros((3, 0, 10)),
    "a number": np.array(3.0),
    "five axes": np.zeros((1, 2, 3, 4, 5)),
    "seven pixels": np.ones(7),
    "records": np.zeros(3, dtype=[("a", float)]),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_arrays_are_refused_in_one_line(tmp_path, what):
    np.save(tmp_path / "bad.npy", HOSTILE[what], allow_pickle=True)
    with pytest.raises(ValueError) as refused:
        read_cells(tmp_path / "bad.npy")
    message = str(refused.value)
    assert "\n" not in message
    assert "pickle" not in message.lower()
    assert len(message) < 400


def test_matlab_structs_objects_and_text_are_named(tmp_path):
    savemat(tmp_path / "a.mat", {"s": {"cells": CELLS}, "f": "text"})
    with pytest.raises(ValueError, match="holds no array of numbers"):
        read_cells(tmp_path / "a.mat")
    nested = cell_array([CELLS[0], {"x": 1}])
    savemat(tmp_path / "b.mat", {"designs": nested})
    with pytest.raises(ValueError, match="holds no array of numbers"):
        read_cells(tmp_path / "b.mat")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (None, "the path is None"), (7, "the path is 7"), ("no/where.npy", "does not exist"),
        ("\0", "does not exist|the path is"), ("x" * 5000, "does not exist|the path is"),
    ],
)  # fmt: skip
def test_paths(path, message):
    with pytest.raises(ValueError, match=message):
        read_cells(path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"axes": "middle"}, "axes is 'middle'; use one of 'first', 'last', 'one'"),
        ({"solid": "grey"}, "solid is 'grey'"),
        ({"order": 3}, "order is 3"),
        ({"threshold": "x"}, "threshold is 'x'; a number is needed"),
        ({"pixels": 0}, "pixels is 0"),
        ({"pixels": 10**6}, "at most 512"),
        ({"variable": 3}, "variable is 3"),
    ],
)
def test_options_are_checked(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        read_cells(write(tmp_path, "npy", CELLS), **changes)
    with pytest.raises(TypeError, match="has no option 'colour'"):
        read_cells(tmp_path, colour=1)


def test_arrays_that_do_not_fit_into_memory_are_refused_at_once(tmp_path, monkeypatch):
    path, packed = write(tmp_path, "h5", CELLS), write(tmp_path, "npz", CELLS)
    monkeypatch.setattr(
        "metafast.database.reading.named_arrays.available_memory", lambda: CELLS.size // 2
    )
    for each in (path, packed):
        with pytest.raises(ValueError, match="are free; split them"):
            read_cells(each)
