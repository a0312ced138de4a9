"""Properties for another solid are computed once and kept."""

import numpy as np
import pytest

import metafast as mf
from metafast.database import relabelled as module
from metafast.database.relabelled import relabelled


@pytest.fixture
def few(monkeypatch, tmp_path):
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "_FEWEST", 10)
    return mf.CellDatabase.default().subset(slice(0, None, 2000))


def test_the_second_time_nothing_is_computed(few, monkeypatch, tmp_path):
    solid = mf.Material(poisson=0.3)
    expected = few.relabel(solid)
    first = relabelled(few, solid)
    np.testing.assert_array_equal(first.properties, expected.properties)
    monkeypatch.setattr(mf.CellDatabase, "relabel", None)
    again = relabelled(few, solid)
    np.testing.assert_array_equal(again.properties, expected.properties)
    assert again.phases == expected.phases
    np.testing.assert_array_equal(again.cells, few.cells)
    with pytest.raises(TypeError):  # another ratio is computed
        relabelled(few, mf.Material(poisson=0.2))


def test_a_damaged_file_is_replaced(few, tmp_path):
    solid = mf.Material(poisson=0.3)
    expected = relabelled(few, solid).properties
    (path,) = (tmp_path / "cache").rglob("*.npy")
    path.write_bytes(b"damaged")
    np.testing.assert_array_equal(relabelled(few, solid).properties, expected)
    np.testing.assert_array_equal(np.load(path), expected)


def test_a_locked_cache_is_no_reason_to_stop(few, tmp_path):
    (tmp_path / "cache").write_text("a file")
    assert len(relabelled(few, mf.Material(poisson=0.3))) == len(few)


def test_small_databases_are_not_kept(few, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "_FEWEST", 1000)
    relabelled(few, mf.Material(poisson=0.3))
    assert not (tmp_path / "cache").exists()
