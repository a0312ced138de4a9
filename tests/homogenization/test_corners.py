"""Corner contacts: said, refused or carried, with the default's stiffness in any case."""

import numpy as np
import pytest

import metafast as mf


def checkers(block):
    return np.kron([[1, 0], [0, 1]], np.ones((block, block)))[None].astype(np.uint8)


def test_checkers_are_carried_told_or_refused():
    frame = np.pad(np.zeros((1, 4, 4), np.uint8), ((0, 0), (2, 2), (2, 2)), constant_values=1)
    cells = np.concatenate([frame, checkers(4)])
    carried = mf.homogenize(cells)
    assert carried[1, 0, 0] > 1e-2, "elements carry load over corners"
    with pytest.warns(RuntimeWarning, match=r"in 1 of 2 cells \(4 corners, first cell 1\)"):
        told = mf.homogenize(cells, corners="warn")
    np.testing.assert_array_equal(told, carried)
    with pytest.raises(ValueError, match="touches only at corners"):
        mf.homogenize(cells, corners="refuse")
    np.testing.assert_array_equal(mf.homogenize(frame, corners="refuse"), carried[:1])
    with pytest.raises(ValueError, match="corners is 'cut'; use 'carry'"):
        mf.homogenize(cells, corners="cut")


def test_arrays_with_the_cells_along_the_last_axis_are_noticed():
    with pytest.warns(
        RuntimeWarning, match=r"\(8, 8, 12\) are taken as 8 cells of 8x12 pixels; if"
    ):
        found = mf.homogenize(np.ones((8, 8, 12), int))
    assert found.shape == (8, 3, 3)
    with pytest.warns(RuntimeWarning, match="or one colour picture"):
        mf.homogenize(np.ones((8, 8, 4), int))
