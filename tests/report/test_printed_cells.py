"""Cells as they are printed: properties, and mismatch of neighbours against plain loops."""

import numpy as np
import pytest
from reference.incompatibility import above, beside

import metafast as mf
from metafast.report.printed_cells import PrintedCells

DATABASE = mf.CellDatabase.default().subset(slice(0, None, 9000))


def laid_out(rows, cols, seed=0):
    """A body of cells from the database, one of them twice, and its pixels."""
    choice = np.random.default_rng(seed).integers(0, len(DATABASE), (rows, cols))
    choice[0, 0] = choice[-1, -1]
    blocks = DATABASE.take(choice.ravel()).reshape(rows, cols, 50, 50)
    return choice, np.ascontiguousarray(blocks.swapaxes(1, 2)).reshape(50 * rows, 50 * cols)


def test_properties_are_those_of_the_database():
    choice, pixels = laid_out(2, 3)
    present = np.ones((2, 3), bool)
    present[1, 0] = False
    found = PrintedCells.of(pixels, present).properties(DATABASE.phases)
    np.testing.assert_allclose(found[present], DATABASE.properties[choice[present]], rtol=1e-5)
    assert np.isnan(found[~present]).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (3, 1), (3, 4)])
def test_mismatch_of_neighbours_is_that_of_plain_loops(shape):
    choice, pixels = laid_out(*shape)
    present = np.ones(shape, bool)
    if min(shape) > 1:
        present[1, 1] = False
    across, down = PrintedCells.of(pixels, present).mismatch(DATABASE.phases)
    assert across.shape == (shape[0], shape[1] - 1)
    assert down.shape == (shape[0] - 1, shape[1])
    tractions = mf.boundary_tractions(DATABASE.cells, DATABASE.phases)
    for table, plain, (i, j) in ((across, beside, (0, 1)), (down, above, (1, 0))):
        for r, c in np.ndindex(table.shape):
            if not present[r, c] or not present[r + i, c + j]:
                assert np.isnan(table[r, c])
                continue
            pair = int(choice[r, c]), int(choice[r + i, c + j])
            wanted = sum(plain(DATABASE.cells, tractions, *pair))
            assert table[r, c] == pytest.approx(wanted, abs=1e-9)
