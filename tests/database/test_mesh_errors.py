"""Mesh errors of cells: by definition, kept under a checksum, and known for what ships."""

import numpy as np
import pytest

import metafast as mf
from metafast.database import mesh_differences, mesh_errors
from metafast.homogenization import homogenize, properties_of


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path))
    return tmp_path


@pytest.fixture(scope="module")
def cells():
    return mf.CellDatabase.default().subset(np.arange(0, 100_000, 9_000))


def unexpected(*report):
    raise AssertionError(f"computed again: {report}")


def test_errors_are_the_largest_overstatement_of_a_stiffness(cache, cells):
    fine = properties_of(homogenize(cells.cells.repeat(2, 1).repeat(2, 2)))
    expected = fine - cells.properties
    size = np.sqrt(cells.properties[:, [0]] * cells.properties[:, [2]])
    np.testing.assert_allclose(mesh_differences(cells), expected, rtol=1e-3, atol=1e-6 * size.max())
    ratio = cells.properties[:, [0, 2, 3]] / fine[:, [0, 2, 3]]
    found = mesh_errors(cells)
    np.testing.assert_allclose(found, ratio.max(axis=1) - 1, rtol=2e-3)
    # displacement elements are never too soft
    assert (found > 0).all()


def test_errors_are_computed_once_for_the_rows_that_were_asked_for(cache, cells):
    rows, reports = np.array([7, 2]), []
    first = mesh_errors(cells, rows, progress=lambda *report: reports.append(report))
    assert reports == [("mesh errors", 2, 2)]
    (kept,) = (cache / "mesh_errors").iterdir()
    assert np.isfinite(np.load(kept)).sum() == 2 * 4
    np.testing.assert_array_equal(mesh_errors(cells, rows, progress=unexpected), first)
    mask = np.isin(np.arange(len(cells)), rows)
    np.testing.assert_array_equal(mesh_errors(cells, mask, progress=unexpected), first[::-1])
    # of another material they are others, in another file
    mesh_errors(cells.relabel(mf.Material(2.0, 0.2)), rows)
    assert len(list((cache / "mesh_errors").iterdir())) == 2


def test_damaged_and_unwritable_caches_cost_time_only(cache, cells, monkeypatch):
    first = mesh_errors(cells, [1])
    (kept,) = (cache / "mesh_errors").iterdir()
    kept.write_bytes(b"damaged")
    np.testing.assert_array_equal(mesh_errors(cells, [1]), first)
    assert np.load(kept).dtype == np.float16
    (cache / "file").touch()
    monkeypatch.setenv("METAFAST_CACHE", str(cache / "file"))
    np.testing.assert_array_equal(mesh_errors(cells, [1]), first)


def test_those_of_the_embedded_database_ship_and_are_right(cache):
    database = mf.CellDatabase.default()
    errors = mesh_errors(database, progress=unexpected)
    assert errors.shape == (len(database),)
    assert not list(cache.iterdir())
    some = np.arange(5, len(database), 20_000)
    np.testing.assert_allclose(mesh_errors(database.subset(some)), errors[some], rtol=2e-3)
