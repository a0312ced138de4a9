"""Columns of properties are recognised, named, or refused; none is dropped in silence."""

import numpy as np
import pytest
from reference.asymmetric_cells import asymmetric_cells
from scipy.io import savemat

import metafast as mf
from metafast.database import read_cells
from metafast.database.clouds import read_cloud
from metafast.homogenization import stiffnesses_of

pytestmark = pytest.mark.filterwarnings("ignore:.*(cells shear when|touches only):RuntimeWarning")
CELLS = asymmetric_cells()
PUBLISHED = np.array([[0.5, 0.12, 0.4, 0.24], [0.3, -0.06, 0.2, -0.2], [0.7, 0.21, 0.8, 0.3]])


@pytest.fixture(scope="module")
def matrices():
    """Stiffness of the cells, none of them orthotropic."""
    return mf.homogenize(CELLS)


def written(folder, labels, name="properties"):
    np.savez(folder / "cells.npz", **{"cells": CELLS, name: labels})
    return folder / "cells.npz"


def test_matrices_and_all_orders_of_six_columns(tmp_path, matrices):
    six = stiffnesses_of(matrices)  # C11, C12, C22, C33, C13, C23
    for labels in (matrices, matrices.reshape(-1, 9), np.moveaxis(matrices, 0, 2)):
        read = read_cells(written(tmp_path, labels, "C"))
        np.testing.assert_array_equal(read.labels, six)
    columns = "C11,C12,C13,C22,C23,C33"
    voigt = matrices[:, [0, 0, 0, 1, 1, 2], [0, 1, 2, 1, 2, 2]]
    read = read_cells(written(tmp_path, voigt), columns=columns)
    np.testing.assert_array_equal(read.labels, six)
    check = mf.import_database(tmp_path / "cells.npz", columns=columns).check
    assert check.agreeing == 1.0
    assert len(check.largest) == 6
    savemat(tmp_path / "cells.mat", {"cells": np.moveaxis(CELLS, 0, 2),
                                     "C": np.moveaxis(matrices, 0, 2)})  # fmt: skip
    np.testing.assert_array_equal(read_cells(tmp_path / "cells.mat").labels, six)


def test_six_columns_are_taken_where_one_order_is_stable_and_asked_about_otherwise(tmp_path):
    negative = np.tile([0.5, -0.2, 0.4, 0.1, 0.02, -0.01], (len(CELLS), 1))
    read = read_cells(written(tmp_path, negative))
    np.testing.assert_array_equal(read.labels, negative)
    assert "are taken as C11, C12, C22, C33, C13, C23" in " ".join(read.notes)
    both = np.tile([0.5, 0.2, 0.4, 0.1, 0.0, 0.0], (len(CELLS), 1))
    with pytest.raises(ValueError, match=r"can be C11,C12,C22,C33,C13,C23 or .*give columns"):
        read_cells(written(tmp_path, both))


def test_named_columns(tmp_path):
    table = np.tile([0.9, 0.1, 0.4, 0.5, 0.2], (len(CELLS), 1))
    path = written(tmp_path, table)
    read = read_cells(path, labels="properties", columns="-,C33,C22,C11,C12")
    np.testing.assert_allclose(read.labels, np.tile([0.5, 0.2, 0.4, 0.1], (len(CELLS), 1)))
    read = read_cells(path, labels="properties", columns="-,-,C22,C11,-")
    assert np.isnan(read.labels[:, 1]).all(), "C12 is unknown"
    for bad in ("C11,C12", "C11,C11,-,-,-", "C11,nu,-,-,-", "-,-,-,-,-"):
        with pytest.raises(ValueError, match="5 names are needed"):
            read_cells(path, labels="properties", columns=bad)


def test_labels_of_another_length_are_refused_and_can_be_left_out(tmp_path):
    path = written(tmp_path, np.ones((len(CELLS) - 1, 4)))
    with pytest.raises(ValueError, match=r"'properties' has shape \(6, 4\).* for 7 cells"):
        read_cells(path)
    assert read_cells(path, labels="none").labels is None
    path = written(tmp_path, np.ones((len(CELLS) - 1, 4)), "sizes")
    assert read_cells(path).labels is None, "nothing says that these are properties"
    rows = read_cells(written(tmp_path, np.tile([[0.5], [0.1], [0.4], [0.1]], len(CELLS))))
    np.testing.assert_allclose(rows.labels[3], [0.5, 0.1, 0.4, 0.1])


def test_what_is_no_stiffness_is_refused_or_left_out(tmp_path):
    unstable = np.tile([0.5, 0.1, 0.4, -0.1], (len(CELLS), 1))
    with pytest.raises(ValueError, match=r"row 0 of 'properties'.*no stable stiffness .*columns="):
        read_cells(written(tmp_path, unstable))
    read = read_cells(written(tmp_path, unstable, "angles"))
    assert read.labels is None
    assert read.notes[-1] == "angles (7, 4) is no stiffness and is left out"
    skew = np.tile(np.diag([1.0, 1.0, 0.3]), (len(CELLS), 1, 1))
    skew[2, 0, 1] = 0.2
    with pytest.raises(ValueError, match="matrix 2 of 'properties' is not symmetric"):
        read_cells(written(tmp_path, skew))
    two = {"cells": CELLS, "a": np.ones((len(CELLS), 4)), "b": np.ones((len(CELLS), 3))}
    np.savez(tmp_path / "two.npz", **two)
    assert "a and b could be properties" in read_cells(tmp_path / "two.npz").notes[-1]


@pytest.mark.parametrize(("below", "name"), [(0, "C12/C11"), (2, "C12/C22")])
def test_a_fourth_column_that_is_a_ratio_is_no_c33(tmp_path, below, name):
    cloud = np.column_stack([PUBLISHED[:, :3], PUBLISHED[:, 1] / PUBLISHED[:, below]])
    np.save(tmp_path / "cloud.npy", cloud.astype(np.float32))
    with pytest.warns(RuntimeWarning, match=f"fourth column of 'cloud.npy' is {name}, not C33"):
        read = read_cloud(tmp_path / "cloud.npy")
    np.testing.assert_allclose(read, PUBLISHED[:, :3], rtol=1e-6)
    labels = np.tile(cloud[:1], (len(CELLS), 1))
    found = read_cells(written(tmp_path, labels))
    assert found.labels.shape == (7, 3)
    assert f"is {name}, not C33" in found.notes[-1]
    true = np.column_stack([PUBLISHED[:, :3], [0.1, 0.05, 0.2]])
    np.save(tmp_path / "cloud.npy", true)
    np.testing.assert_array_equal(read_cloud(tmp_path / "cloud.npy"), true)


def test_clouds_that_are_no_stiffness_are_refused_unless_columns_are_named(tmp_path):
    cloud = np.column_stack([PUBLISHED[:, :3], [0.1, -0.05, 0.2]])
    np.save(tmp_path / "cloud.npy", cloud)
    with pytest.raises(ValueError, match=r"row 1 of 'cloud\.npy'"):
        read_cloud(tmp_path / "cloud.npy")
    read = read_cloud(tmp_path / "cloud.npy", "C11,C12,C22,-")
    np.testing.assert_array_equal(read, cloud[:, :3])


def test_columns_of_no_properties_are_refused(tmp_path):
    np.save(tmp_path / "cells.npy", np.ones((3, 8, 8), np.uint8))
    with pytest.raises(ValueError, match="columns is 'C11,C12,C22,C33', but no properties"):
        read_cells(tmp_path / "cells.npy", columns="C11,C12,C22,C33")
