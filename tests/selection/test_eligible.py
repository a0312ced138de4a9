"""Buildable cells: enough solid on every side, enough stiffness, errors that name the bound."""

import numpy as np
import pytest

import metafast as mf
from metafast.database import mesh_errors
from metafast.selection import buildable_cells


@pytest.fixture(scope="module")
def database():
    """Frames whose sides are solid, and crosses with 6 of 20 pixels on each side."""
    frame = np.zeros((20, 20), dtype=np.uint8)
    frame[:3] = frame[-3:] = frame[:, :3] = frame[:, -3:] = 1
    cross = np.zeros_like(frame)
    cross[7:13] = cross[:, 7:13] = 1
    return mf.CellDatabase(np.stack([frame, cross]), phases=mf.Phases(mf.Material(young=5.0)))


def test_sides_and_stiffness_are_bounded(database):
    assert buildable_cells(database, 0.0, 0.0).tolist() == [True, True]
    assert buildable_cells(database, 0.3, 0.0).tolist() == [True, True]
    assert buildable_cells(database, 0.31, 0.0).tolist() == [True, False]
    least = (database.properties[:, [0, 2, 3]] * (1, 1, 5)).min(axis=1) / 5.0
    softer = int(least.argmin())
    bound = 0.5 * least.sum()
    assert buildable_cells(database, 0.0, bound).tolist() == [softer == 1, softer == 0]


def test_an_empty_selection_names_its_bound(database):
    with pytest.raises(ValueError, match=r"sides of at least 1\.1 solid; lower least_side_solid"):
        buildable_cells(database, 1.1, 0.0)
    with pytest.raises(ValueError, match="at least 1 E; lower least_stiffness"):
        buildable_cells(database, 0.0, 1.0)


def test_the_mesh_error_is_bounded(database, tmp_path, monkeypatch):
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path))
    slender, wide = database.cells[0], np.ones((20, 20), dtype=np.uint8)
    wide[6:-6, 6:-6] = 0
    frames = mf.CellDatabase(np.stack([slender, wide]))
    errors = mesh_errors(frames)
    assert errors[0] > errors[1]
    assert buildable_cells(frames, 0.0, 0.0, errors.mean()).tolist() == [False, True]
    with pytest.raises(ValueError, match=rf"at least {errors[1]:.3f}; raise mesh_error"):
        buildable_cells(frames, 0.0, 0.0, 0.5 * errors[1])
