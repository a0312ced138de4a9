"""What is saved reopens; what is damaged is refused; the embedded database holds what it says."""

import h5py
import numpy as np
import pytest

import metafast as mf
from metafast._base.sealed import seal
from metafast.database.cells_file import PackedFile, read_file

# random cells shear when they are stretched; that it is said has a test of its own
pytestmark = pytest.mark.filterwarnings("ignore:.*cells shear when:RuntimeWarning")


def some_cells(n=12, size=10, seed=0, symmetric=False):
    rng = np.random.default_rng(seed)
    quarters = rng.random((n, size // 2, size // 2)) < 0.85
    if not symmetric:
        return rng.random((n, size, size)) < 0.85
    upper = np.concatenate([quarters, quarters[:, :, ::-1]], 2)
    return np.concatenate([upper, upper[:, ::-1]], 1)


@pytest.mark.parametrize("symmetric", [True, False])
def test_round_trip(tmp_path, symmetric):
    material = mf.Material(2.0, 0.3, "strain")
    parents = np.arange(12) - 1
    made = mf.CellDatabase(
        some_cells(symmetric=symmetric),
        phases=mf.Phases(material, 1e-6),
        parents=parents,
        provenance={"seed": 7, "made_by": "a test"},
    )
    back = mf.CellDatabase.load(made.save(tmp_path / "cells.h5"))
    assert (back.cells == made.cells).all()
    assert (back.cells == some_cells(symmetric=symmetric)).all()
    assert (back.properties == made.properties).all()
    assert (back.parents == parents).all()
    assert back.phases == mf.Phases(material, 1e-6)
    assert back.provenance == {"seed": 7, "made_by": "a test"}
    assert back.symmetric is symmetric
    assert [p.name for p in tmp_path.iterdir()] == ["cells.h5"], "no partial file stays"


def test_take_is_rows_of_cells():
    made = mf.CellDatabase(some_cells(symmetric=True))
    assert (made.take([3, 1]) == made.cells[[3, 1]]).all()
    sides = made.cells
    shares = [sides[:, 0], sides[:, -1], sides[:, :, 0], sides[:, :, -1]]
    np.testing.assert_allclose(made.side_solid(), np.min([s.mean(1) for s in shares], axis=0))


def test_nearest_against_brute_force():
    made = mf.CellDatabase(some_cells(200))
    targets = made.properties[:7] * [1.1, 0.9, 1.0, 1.2]
    axes = made.coordinates("log")
    gap = axes.to_unit(targets)[:, None] - axes.to_unit(made.properties)[None]
    deviation = np.abs(gap).max(-1)
    near = made.nearest(targets, 5)
    np.testing.assert_allclose(near.deviation, np.sort(deviation, 1)[:, :5], atol=1e-12)
    of_rows = np.take_along_axis(deviation, near.rows, 1)
    np.testing.assert_allclose(of_rows, near.deviation, atol=1e-12)


def test_damaged_files_are_refused_and_kept(tmp_path):
    path = mf.CellDatabase(some_cells()).save(tmp_path / "cells.h5")
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="not a readable metafast database"):
        mf.CellDatabase.load(path)
    path.write_bytes(b"something else")
    with pytest.raises(ValueError, match="not a readable metafast database"):
        mf.CellDatabase.load(path)
    assert path.read_bytes() == b"something else"
    with pytest.raises(ValueError, match="no database at"):
        mf.CellDatabase.load(tmp_path / "missing.h5")


@pytest.mark.parametrize(
    ("attribute", "value"),
    [("shape", 60), ("shape", (12, 50, 50)), ("quarter", True), ("provenance", 3), ("phases", 1)],
)
def test_inconsistent_files_are_refused(tmp_path, attribute, value):
    path = mf.CellDatabase(some_cells()).save(tmp_path / "cells.h5")
    with h5py.File(path, "r+") as file:
        file.attrs[attribute] = value
    seal(path, "metafast-database-2")
    with pytest.raises(ValueError, match="not a readable metafast database"):
        mf.CellDatabase.load(path)


def test_subset_keeps_the_lineage_it_can(tmp_path):
    made = mf.CellDatabase(some_cells(), parents=np.arange(12) - 1)
    part = made.subset([1, 2, 5])
    assert part.parents.tolist() == [-1, 0, -1]
    assert (part.cells == made.cells[[1, 2, 5]]).all()


def test_a_failed_save_leaves_the_old_file(tmp_path):
    made = mf.CellDatabase(some_cells())
    path = made.save(tmp_path / "cells.h5")
    before = path.read_bytes()
    made.provenance["what"] = object()  # type that no file can hold
    with pytest.raises(TypeError):
        made.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["cells.h5"], "no partial file stays"
    with pytest.raises(ValueError, match="there is no directory"):
        mf.CellDatabase(some_cells()).save(tmp_path / "no" / "where.h5")


def test_empty_and_inconsistent_input_is_refused():
    with pytest.raises(ValueError, match="the database is empty"):
        mf.CellDatabase(np.zeros((0, 5, 5)))
    with pytest.raises(ValueError, match="12 cells came with 3 rows"):
        mf.CellDatabase(some_cells(), np.ones((3, 4)) * [1, 0.2, 1, 0.3])
    with pytest.raises(ValueError, match="is not a stable orthotropic stiffness"):
        mf.CellDatabase(some_cells(1), [[1.0, 1.5, 1.0, 0.3]])
    with pytest.raises(ValueError, match="k is 13 but the database has 12"):
        mf.CellDatabase(some_cells()).nearest([[0.5, 0.1, 0.5, 0.1]], 13)
    for parents in ([0] * 7, np.full(12, 12), np.full(12, 0.5)):
        with pytest.raises(ValueError, match="parents have shape"):
            mf.CellDatabase(some_cells(), parents=parents)


def test_embedded_database_holds_what_it_says():
    db = mf.CellDatabase.default()
    assert len(db) >= 20_000
    assert db.phases == mf.Phases(mf.Material(1.0, 0.49, "stress"), 1e-9)
    assert db.symmetric
    rows = np.random.default_rng(0).choice(len(db), 400, replace=False)
    c = mf.homogenize(db.take(rows), db.phases)
    recomputed = np.stack([c[:, 0, 0], c[:, 0, 1], c[:, 1, 1], c[:, 2, 2]], 1)
    np.testing.assert_allclose(db.properties[rows], recomputed, atol=1e-10)
    assert np.abs(c[:, [0, 1], 2]).max() < 1e-12
    assert len(np.unique(db.distinct_pixels(), axis=0)) == len(db)


class CountingFile(PackedFile):
    """Cells in a file that lists the slices that are read."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.reads = []

    def read_rows(self, part):
        self.reads.append(part)
        return super().read_rows(part)


def test_scattered_rows_are_read_by_chunks(tmp_path):
    path = mf.CellDatabase(some_cells(60)).save(tmp_path / "cells.h5")
    header = read_file(path)[0]
    whole = PackedFile(path, header.packed_shape)[:]
    packed = CountingFile(path, header.packed_shape, chunk_rows=16, read_at_once=0)
    rows = [50, 3, 17, 3]
    assert (packed[rows] == whole[rows]).all()
    assert packed.reads == [slice(0, 16), slice(16, 32), slice(48, 64)], "one read per chunk in use"
    mask = np.arange(60) % 7 == 0
    for some in (mask, slice(5, 40, 3), slice(None, None, -1), [], np.array([-1])):
        assert (packed[some] == whole[some]).all()
    kept = CountingFile(path, header.packed_shape)
    for _ in range(3):
        assert (kept[rows] == whole[rows]).all()
    assert kept.reads == [slice(None)], "a small file is read once and kept"


def test_pixels_stay_in_the_file_until_they_are_used(tmp_path, monkeypatch):
    made = mf.CellDatabase(some_cells(60))
    path = made.save(tmp_path / "cells.h5")
    reads = []
    inner = PackedFile.read_rows
    monkeypatch.setattr(
        PackedFile, "read_rows", lambda self, part: reads.append(part) or inner(self, part)
    )
    opened = mf.CellDatabase.load(path)
    assert opened.nearest([made.properties[3]]).rows[0, 0] == 3
    assert not reads, "properties alone need no pixels"
    rows = [50, 3, 17, 3]
    assert (opened.take(rows) == made.cells[rows]).all()
    assert len(reads) == 1
    assert (opened.side_solid() == made.side_solid()).all()
    assert (opened.subset(rows[:3]).cells == made.cells[rows[:3]]).all()
    copy = opened.save(tmp_path / "copy.h5")
    assert (mf.CellDatabase.load(copy).cells == made.cells).all()


def test_a_file_that_changed_under_an_open_database_is_noticed(tmp_path):
    path = mf.CellDatabase(some_cells()).save(tmp_path / "cells.h5")
    opened = mf.CellDatabase.load(path)
    mf.CellDatabase(some_cells(seed=1)).save(path)
    with pytest.raises(ValueError, match="changed since it was opened"):
        _ = opened.cells


def test_saving_over_the_open_file_and_changing_the_folder(tmp_path, monkeypatch):
    made = mf.CellDatabase(some_cells())
    made.save(tmp_path / "cells.h5")
    monkeypatch.chdir(tmp_path)
    opened = mf.CellDatabase.load("cells.h5")
    opened.provenance["note"] = "seen"
    opened.save("cells.h5")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert (opened.cells == made.cells).all()
    assert mf.CellDatabase.load(tmp_path / "cells.h5").provenance["note"] == "seen"


def test_a_bit_that_fell_over_is_noticed(tmp_path):
    made = mf.CellDatabase(some_cells(500))
    path = made.save(tmp_path / "cells.h5")
    with h5py.File(path, "r") as file:
        chunk = file["cells"].id.get_chunk_info(0)
    whole = bytearray(path.read_bytes())
    whole[chunk.byte_offset + chunk.size // 2] ^= 16
    path.write_bytes(whole)
    with pytest.raises(ValueError, match="is not a readable metafast database"):
        _ = mf.CellDatabase.load(path).cells


def test_the_full_database_is_in_the_cache_or_its_command_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path))
    with pytest.raises(ValueError, match="build it once with `metafast database build`"):
        mf.CellDatabase.full()
    made = mf.CellDatabase(some_cells())
    made.save(tmp_path / "full_database.h5")
    assert (mf.CellDatabase.full().cells == made.cells).all()
