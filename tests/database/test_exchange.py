"""Cells from elsewhere arrive as they are, with right labels; what leaves comes back."""

import warnings

import h5py
import numpy as np
import pytest
from scipy.io import savemat
from typer.testing import CliRunner

import metafast as mf
from metafast.cli.app import app
from metafast.database import read_cells
from metafast.database.clouds import read_cloud
from metafast.properties import swapped

# random cells are not symmetric and touch at corners; that it is said has tests of its own
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*cells shear when:RuntimeWarning"),
    pytest.mark.filterwarnings("ignore:solid touches only at corners:RuntimeWarning"),
]

MATERIAL = mf.Material(poisson=0.3)


def cells_and_labels(n=5, h=8, w=10):
    """Cells that equal none of their mirror images or transposes, and their stiffness."""
    rng = np.random.default_rng(0)
    cells = (rng.random((n, h, w)) < 0.85).astype(np.uint8)
    cells[:, 3], cells[:, :, 4:6] = 1, 1
    c = mf.homogenize(cells, MATERIAL)
    return cells, np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1], c[:, 2, 2]], axis=1)


def write_matlab73(path, arrays):
    """As MATLAB does: HDF5 behind a header of 512 bytes, axes in reverse order."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=np.asarray(array).T)
    text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124)
    with open(path, "r+b") as stream:
        stream.write(text + b"\x00\x02IM")


def write_folder(path, cells, separator):
    path.mkdir()
    for k, cell in enumerate(cells):
        lines = [separator.join(map(str, row)) for row in cell.tolist()]
        (path / f"cell{k + 8}.txt").write_text("\n".join(lines) + "\n")


def written(kind, folder, cells, labels):
    """Path of the cells in one of the formats."""
    path = folder / f"cells.{kind}"
    n_last = np.moveaxis(cells, 0, 2)
    if kind == "mat":
        savemat(path, {"ShapeDataBase": n_last.astype(float), "Property": labels})
    elif kind == "73.mat":
        write_matlab73(path, {"ShapeDataBase": n_last.astype(float), "Property": labels})
    elif kind == "npy":
        np.save(path, cells)
    elif kind == "npz":
        np.savez(path, cells=cells, properties=labels)
    elif kind == "h5":
        mf.CellDatabase(cells, labels, phases=MATERIAL).save(path)
    else:
        write_folder(path, cells, {"blank": " ", "comma": ", ", "glued": ""}[kind])
    return path


KINDS = ("mat", "73.mat", "npy", "npz", "h5", "blank", "comma", "glued")


@pytest.mark.parametrize("kind", KINDS)
def test_every_format_gives_the_same_cells(tmp_path, kind):
    cells, labels = cells_and_labels()
    read = read_cells(written(kind, tmp_path, cells, labels))
    assert (read.cells == cells).all(), "row 0 at the top, cells in their order"
    if kind in ("mat", "73.mat", "npz", "h5"):
        np.testing.assert_array_equal(read.labels, labels)
    else:
        assert read.labels is None


def test_labels_are_recomputed_and_compared(tmp_path):
    cells, labels = cells_and_labels()
    path = written("mat", tmp_path, cells, labels)
    imported = mf.import_database(path, phases=MATERIAL)
    np.testing.assert_allclose(imported.database.properties, labels, atol=1e-12)
    assert imported.check.agreeing == 1.0
    assert "100.0% of the labels agree" in str(imported.check)
    other = mf.import_database(path)
    assert other.database.phases.solid.poisson == 0.49
    assert other.check.agreeing == 0.0
    assert "another Poisson's ratio" in str(other.check)
    assert mf.import_database(written("npy", tmp_path, cells, labels)).check is None


def test_exchanged_directions_are_noticed(tmp_path):
    cells, labels = cells_and_labels()
    path = written("npz", tmp_path, cells, swapped(labels))
    check = mf.import_database(path, phases=MATERIAL).check
    assert check.swapped
    assert "C11 and C22 exchanged" in str(check)
    check = mf.import_database(written("mat", tmp_path, cells, labels), phases=MATERIAL).check
    assert not check.swapped


def test_unknown_labels_are_left_out(tmp_path):
    cells, labels = cells_and_labels()
    labels = swapped(labels)
    labels[:, 3], labels[4] = np.nan, np.nan
    check = mf.import_database(written("npz", tmp_path, cells, labels), phases=MATERIAL).check
    assert check.swapped
    assert check.agreeing == 0.0
    path = written("npz", tmp_path, cells, np.full_like(labels, np.nan))
    with pytest.raises(ValueError, match="NaN throughout"):
        mf.import_database(path)


def test_one_wrong_label_is_found(tmp_path):
    cells, labels = cells_and_labels()
    labels[3, 1] += 0.01
    path = written("npz", tmp_path, cells, labels[:, :3])
    check = mf.import_database(path, phases=MATERIAL).check
    assert check.worst == 3
    assert check.agreeing == pytest.approx(0.8)
    np.testing.assert_allclose(check.largest, [0, 0.01, 0], atol=1e-10)


@pytest.mark.parametrize("kind", ["mat", "npz", "npy", "h5", ""])
def test_what_is_exported_comes_back(tmp_path, kind):
    cells, labels = cells_and_labels(12)
    made = mf.CellDatabase(cells, labels, phases=MATERIAL)
    path = mf.export_database(made, tmp_path / ("out." + kind if kind else "out"))
    read = read_cells(path)
    assert (read.cells == cells).all()
    if kind in ("mat", "npz", "h5"):
        np.testing.assert_array_equal(read.labels, made.properties)


def test_csv_has_the_properties(tmp_path):
    cells, labels = cells_and_labels()
    path = mf.export_database(mf.CellDatabase(cells, labels), tmp_path / "out.csv")
    table = np.genfromtxt(path, delimiter=",", names=True)
    np.testing.assert_allclose(table["C22"], labels[:, 2])
    np.testing.assert_allclose(table["volume"], cells.mean(axis=(1, 2)))


@pytest.mark.parametrize("kind", ["mat", "73.mat", "npy", "npz", "h5"])
def test_damaged_files_are_refused(tmp_path, kind):
    cells, labels = cells_and_labels(60)
    path = written(kind, tmp_path, cells, labels)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(ValueError, match=r"cannot be read as|not a readable"):
        read_cells(path)


@pytest.mark.parametrize("kind", ["mat", "npz"])
def test_flipped_bytes_and_stumps_are_refused(tmp_path, kind):
    cells, labels = cells_and_labels(60)
    made = mf.CellDatabase(cells, labels)
    path = mf.export_database(made, tmp_path / f"cells.{kind}")  # compressed
    whole = path.read_bytes()
    for damaged in (whole[:60], whole[: len(whole) // 3] + b"\xff" * 40 + whole[len(whole) // 2 :]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="cannot be read as"):
            read_cells(path)


def test_one_cell_alone(tmp_path):
    cells, _ = cells_and_labels(1)
    np.save(tmp_path / "one.npy", cells[0])
    savemat(tmp_path / "one.mat", {"cells": cells[0], "note": np.zeros((3, 3))})
    for name in ("one.npy", "one.mat"):
        assert (read_cells(tmp_path / name).cells == cells).all()


def test_endings_in_capitals_and_folders_come_whole(tmp_path, monkeypatch):
    cells, labels = cells_and_labels(3)
    made = mf.CellDatabase(cells, labels)
    for name in ("A.NPY", "B.NPZ", "C.MAT"):
        assert (read_cells(mf.export_database(made, tmp_path / name)).cells == cells).all()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["A.NPY", "B.NPZ", "C.MAT"]

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("metafast._base.files.os.replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        mf.export_database(made, tmp_path / "folder")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["A.NPY", "B.NPZ", "C.MAT"]
    monkeypatch.undo()
    mf.export_database(made, tmp_path / "folder")
    with pytest.raises(ValueError, match="not an empty folder"):
        mf.export_database(made, tmp_path / "folder")


def test_what_is_meant_must_be_clear(tmp_path):
    cells, labels = cells_and_labels()
    path = tmp_path / "two.npz"
    np.savez(path, a=cells, b=cells, p=labels, q=labels)
    with pytest.raises(ValueError, match="name the variable with the cells"):
        read_cells(path)
    read = read_cells(path, variable="b", labels="q")
    assert (read.labels == labels).all()
    with pytest.raises(ValueError, match="has no 'c'"):
        read_cells(path, variable="c")
    with pytest.raises(ValueError, match=r"'b' has shape \(5, 8, 10\)"):
        read_cells(path, variable="a", labels="b")
    with pytest.raises(ValueError, match=r"ends in '\.xyz'"):
        read_cells(_touched(tmp_path / "cells.xyz"))
    with pytest.raises(ValueError, match="there are no cells at"):
        read_cells(tmp_path / "missing.npy")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"holds no \.txt files"):
        read_cells(tmp_path / "empty")


def _touched(path):
    path.touch()
    return path


def test_folders_with_unequal_or_strange_files_are_refused(tmp_path):
    cells, _ = cells_and_labels()
    write_folder(tmp_path / "a", cells, " ")
    (tmp_path / "a" / "cell9.txt").write_text("1 0\n0 1\n")
    with pytest.raises(ValueError, match=r"cell9\.txt' holds a grid of shape \(2, 2\)"):
        read_cells(tmp_path / "a")
    (tmp_path / "a" / "cell9.txt").write_text("1 0\n0\n")
    with pytest.raises(ValueError, match="is not a grid of 0 and 1"):
        read_cells(tmp_path / "a")
    (tmp_path / "a" / "cell9.txt").write_text("\n".join(["0 1 2 0 1 1 1 1 1 1"] * 8))
    with pytest.raises(ValueError, match="cells are not binary: 2"):
        read_cells(tmp_path / "a")


def test_merging_keeps_distinct_cells_and_their_lineage():
    cells, labels = cells_and_labels(6)
    one = mf.CellDatabase(cells[:4], labels[:4], parents=np.array([-1, 0, 1, 0]))
    two = mf.CellDatabase(cells[2:], labels[2:], parents=np.array([-1, -1, 1, 2]))
    both = mf.merge_databases([one, two])
    assert (both.cells == cells).all()
    np.testing.assert_array_equal(both.properties, labels)
    assert both.parents.tolist() == [-1, 0, 1, 0, 3, 4]
    with pytest.raises(ValueError, match="relabel one of them first"):
        mf.merge_databases([one, mf.CellDatabase(cells, labels, phases=MATERIAL)])
    with pytest.raises(ValueError, match="equal sizes are needed"):
        mf.merge_databases([one, mf.CellDatabase(np.ones((1, 4, 4)))])
    total = one
    for _ in range(12):
        total = mf.merge_databases([total, two])
    assert len(str(total.provenance)) < 300, "a running total keeps a short origin"
    with pytest.raises(ValueError, match="at least two"):
        mf.merge_databases([one])


def test_relabelled_cells_have_the_other_material_s_properties():
    cells, labels = cells_and_labels()
    made = mf.CellDatabase(cells).relabel(MATERIAL)
    np.testing.assert_allclose(made.properties, labels, atol=1e-12)
    assert made.phases.solid == MATERIAL
    assert (made.cells == cells).all()


def test_clouds(tmp_path):
    cloud = np.array([[0.5, 0.1, 0.4], [0.2, -0.05, 0.3]])
    np.save(tmp_path / "a.npy", cloud)
    np.savez(tmp_path / "b.npz", C11_C12_C22=cloud, note=np.zeros(3))
    (tmp_path / "c.csv").write_text("C11,C12,C22\n0.5,0.1,0.4\n0.2,-5e-2,0.3\n")
    (tmp_path / "d.csv").write_text("0.5,0.1,0.4\n0.2,-5e-2,0.3\n")
    (tmp_path / "g.CSV").write_text("0.5,0.1,0.4\n0.2,-5e-2,0.3\n")
    for name in ("a.npy", "b.npz", "c.csv", "d.csv", "g.CSV"):
        np.testing.assert_allclose(read_cloud(tmp_path / name), cloud)
    (tmp_path / "e.csv").write_text("a,b\nc,d\n")
    with pytest.raises(ValueError, match="cannot be read as a cloud"):
        read_cloud(tmp_path / "e.csv")
    np.save(tmp_path / "f.npy", np.zeros((3, 2)))
    with pytest.raises(ValueError, match=r"one array \(m, 3\) or \(m, 4\) is needed"):
        read_cloud(tmp_path / "f.npy")


def test_the_subcommands_together(tmp_path):
    cells, labels = cells_and_labels(40)
    source = written("mat", tmp_path, cells, labels)

    def run(*arguments):
        result = CliRunner().invoke(app, ["database", *map(str, arguments)])
        assert result.exit_code == 0, (result.output, result.exception)
        return " ".join(result.output.split())

    base = tmp_path / "a.h5"
    assert "100.0% of the labels agree" in run(
        "import", source, "--poisson", "0.3", "--output", base
    )
    assert "40 cells" in run("info", base)
    run("export", base, "--output", tmp_path / "a.csv")
    assert "40 duplicate cells left out" in run("merge", base, base, "--output", tmp_path / "m.h5")
    np.save(tmp_path / "cloud.npy", labels[:, :3])
    run("plot", base, "--cloud", tmp_path / "cloud.npy", "--output", tmp_path / "fig.png")
    assert (tmp_path / "fig.png").read_bytes()[:4] == b"\x89PNG"
    again = CliRunner().invoke(app, ["database", "merge", str(base), str(base), "--output",
                                     str(base)])  # fmt: skip
    assert "already there" in str(again.exception)


def test_cells_that_shear_when_stretched_are_warned_of(tmp_path):
    straight = np.ones((2, 20, 20), np.uint8)
    straight[:, 5:15, 5:15] = 0
    slanted = straight.copy()
    slanted[1] = np.tri(20, 20, 3) * (1 - np.tri(20, 20, -4)) + np.eye(20)[::-1] > 0
    slanted[1, :2] = slanted[1, -2:] = slanted[1, :, :2] = slanted[1, :, -2:] = 1
    np.save(tmp_path / "straight.npy", straight)
    np.save(tmp_path / "slanted.npy", slanted)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mf.import_database(tmp_path / "straight.npy")
    assert abs(mf.homogenize(slanted)[1, 0, 2]) > 0.01
    with pytest.warns(RuntimeWarning, match=r"1 of 2 cells shear .*first cell 1\).* leave these"):
        mf.import_database(tmp_path / "slanted.npy")
