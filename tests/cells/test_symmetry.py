"""Mirror symmetry: detection by flips, quarters and whole cells, packing to bits."""

import numpy as np
import pytest
from reference.cells import mirrored

from metafast.cells.packing import pack, stored_pixels, unpack
from metafast.cells.symmetry import is_mirror_symmetric, mirror, quarter


def test_detection_by_flips():
    rng = np.random.default_rng(0)
    cells = rng.integers(0, 2, (300, 3, 4))
    flipped = (cells == cells[:, ::-1]) & (cells == cells[:, :, ::-1])
    assert (is_mirror_symmetric(cells) == flipped.all(axis=(1, 2))).all()
    assert 0 < is_mirror_symmetric(cells).sum() < 300


def test_a_cell_is_its_mirrored_quarter():
    quarters = np.random.default_rng(1).random((5, 3, 4))
    cells = mirror(quarters)
    assert (cells == mirrored(quarters)).all()
    assert (quarter(cells) == quarters).all()
    assert is_mirror_symmetric(cells).all()


@pytest.mark.parametrize("shape", [(6, 8), (4, 10)])
def test_packed_cells_come_back(shape):
    quarters = np.random.default_rng(2).integers(0, 2, (7, shape[0] // 2, shape[1] // 2), np.uint8)
    cells = mirror(quarters)
    for by_quarter in (False, True):
        packed = pack(cells, by_quarter)
        assert packed.shape == (7, -(-stored_pixels(*shape, by_quarter) // 8))
        assert (unpack(packed, (7, *shape), by_quarter) == cells).all()
