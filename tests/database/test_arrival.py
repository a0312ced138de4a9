"""Cells that come in: void instead of solid, shear when stretched, corners."""

import warnings

import numpy as np
import pytest
from reference.asymmetric_cells import asymmetric_cells

import metafast as mf
from metafast.homogenization import couples_shear

CORNERS = "ignore:solid touches only at corners:RuntimeWarning"


def frames(n=3):
    """Square frames, mirror-symmetric, in one piece."""
    cells = np.ones((n, 10, 10), np.uint8)
    cells[:, 2:8, 2:8] = 0
    return cells


def slanted():
    """A frame with a bar across one corner."""
    cell = frames(1)
    for k in range(4):
        cell[0, 2 + k, 5 - k : 7 - k] = 1
    return cell


def saved(folder, cells):
    np.save(folder / "cells.npy", cells)
    return folder / "cells.npy"


def test_inverted_cells_are_asked_about_and_read_right(tmp_path):
    path = saved(tmp_path, 1 - frames())
    with pytest.warns(RuntimeWarning, match="no cell of 3 carries load across .* is 1 solid"):
        inverted = mf.import_database(path).database
    assert inverted.properties[:, 0].max() < 1e-6
    with pytest.warns(RuntimeWarning, match="is 1 solid"):
        mf.CellDatabase(1 - frames())
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        right = mf.import_database(path, solid="black").database
    np.testing.assert_array_equal(right.properties, mf.CellDatabase(frames()).properties)


def test_few_idle_cells_stiff_void_and_second_materials_are_no_reason_to_ask(tmp_path):
    mixed = np.concatenate([frames(), 1 - frames(2)])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        mf.CellDatabase(mixed)
        mf.CellDatabase(1 - frames(), phases=mf.Phases(void=1e-4))
        mf.CellDatabase(1 - frames(), phases=mf.Phases(mf.Material(), mf.Material(0.1, 0.2)))
    with pytest.warns(RuntimeWarning, match="only 2 of 5 carries load"):
        mf.CellDatabase(1 - mixed)
    steel = mf.Material(2e5, 0.3)
    with pytest.warns(RuntimeWarning, match="no cell of 3"):
        mf.CellDatabase(1 - frames(), phases=steel)


@pytest.mark.filterwarnings(CORNERS)
def test_cells_that_shear_are_told_with_share_and_largest_value_or_left_out(tmp_path):
    cells = np.concatenate([frames(2), slanted(), frames(1), slanted().transpose(0, 2, 1)])
    c = mf.homogenize(cells)
    assert couples_shear(c).tolist() == [False, False, True, False, True]
    largest = f"{abs(c[:, :2, 2]).max():.3g}"
    said = rf"2 of 5 cells shear .*largest is C[12]3 = -?{largest} of cell [24], first cell 2"
    path = saved(tmp_path, cells)
    with pytest.warns(RuntimeWarning, match=said):
        mf.import_database(path)
    with pytest.warns(RuntimeWarning, match=said):
        mf.CellDatabase(cells)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        imported = mf.import_database(path, only_orthotropic=True)
        made = mf.CellDatabase(cells, only_orthotropic=True)
    np.testing.assert_array_equal(imported.rows, [0, 1, 3])
    assert imported.notes == ("2 of 5 cells are not orthotropic and left out",)
    for each in (imported.database, made):
        np.testing.assert_array_equal(each.cells, cells[[0, 1, 3]])
    with pytest.raises(ValueError, match="none of 1 cells is orthotropic"):
        mf.CellDatabase(slanted(), only_orthotropic=True)
    with pytest.raises(ValueError, match="only_orthotropic is for cells whose properties"):
        mf.CellDatabase(frames(1), [[0.5, 0.1, 0.5, 0.1]], only_orthotropic=True)


def test_labels_are_compared_to_the_cells_that_stay(tmp_path):
    cells = np.concatenate([slanted(), frames(2)])
    c = mf.homogenize(cells)
    labels = c[:, [0, 0, 1, 2], [0, 1, 1, 2]]
    labels[0] = 9.0, 1.0, 9.0, 9.0
    np.savez(tmp_path / "cells.npz", cells=cells, properties=labels)
    imported = mf.import_database(tmp_path / "cells.npz", only_orthotropic=True)
    assert imported.check.agreeing == 1.0
    assert len(imported.database) == 2


@pytest.mark.filterwarnings("ignore:.*cells shear when:RuntimeWarning")
def test_corners_are_counted(tmp_path):
    cells = asymmetric_cells(3)
    with pytest.warns(RuntimeWarning, match=r"touches only at corners in 3 of 3 cells"):
        mf.import_database(saved(tmp_path, cells))
