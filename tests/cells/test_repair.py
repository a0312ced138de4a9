"""Repaired cells keep the promises that repair makes, checked on the whole cell."""

import numpy as np
from scipy.ndimage import binary_opening, label

from metafast.cells.repair import Limits, repair
from metafast.cells.symmetry import mirror, quarter
from metafast.database.growing.seeds import simple_seeds


def repaired(width=2, seed=0, count=400):
    rng = np.random.default_rng(seed)
    quarters = simple_seeds(count, 25, rng)
    sound = repair(quarters, Limits(width, width))
    assert sound.sum() > 100
    return mirror(quarters[sound])


def test_one_piece_that_reaches_every_side():
    for cell in repaired():
        assert label(cell)[1] == 1
        assert cell[0].any()
        assert cell[-1].any()
        assert cell[:, 0].any()
        assert cell[:, -1].any()


def test_no_corner_contacts():
    cells = repaired()
    a, b = cells[:, :-1, :-1], cells[:, :-1, 1:]
    c, d = cells[:, 1:, :-1], cells[:, 1:, 1:]
    assert not ((a == d) & (b == c) & (a != b)).any()


def test_minimum_width_of_solid_and_void():
    for width in (2, 3):
        block = np.ones((width, width))
        for cell in repaired(width):
            for pixels in (cell > 0, cell == 0):
                assert (binary_opening(pixels, block) == pixels).all()


def test_solid_and_void_may_have_limits_of_their_own():
    rng = np.random.default_rng(4)
    quarters = simple_seeds(400, 25, rng)
    cells = mirror(quarters[repair(quarters, Limits(solid_width=4, void_width=2))])
    assert len(cells) > 100
    for cell in cells:
        assert (binary_opening(cell > 0, np.ones((4, 4))) == (cell > 0)).all()
        assert (binary_opening(cell == 0, np.ones((2, 2))) == (cell == 0)).all()
    narrow = [not (binary_opening(c == 0, np.ones((4, 4))) == (c == 0)).all() for c in cells]
    assert any(narrow), "the wider limit must not hold for the void as well"


def test_contact_is_solid_on_every_side():
    rng = np.random.default_rng(5)
    quarters = simple_seeds(400, 25, rng)
    loose, tight = quarters.copy(), quarters.copy()
    few, many = repair(loose, Limits()), repair(tight, Limits(contact=20))
    assert (loose == tight).all()
    assert 0 < many.sum() < few.sum()
    for sound, least in ((few, 2), (many, 20)):
        cells = mirror(loose[sound])
        sides = [cells[:, 0], cells[:, -1], cells[:, :, 0], cells[:, :, -1]]
        assert np.min([side.sum(axis=1) for side in sides]) >= least
    cells = mirror(loose[few & ~many])
    assert (np.minimum(cells[:, 0].sum(axis=1), cells[:, :, 0].sum(axis=1)) < 20).all()


def test_any_number_of_threads():
    quarters = simple_seeds(300, 25, np.random.default_rng(6))
    one, two = quarters.copy(), quarters.copy()
    assert (repair(one, Limits(), 1) == repair(two, Limits(), 2)).all()
    assert (one == two).all()


def test_sound_cells_stay_as_they_are():
    cells = repaired()
    quarters = quarter(cells).copy()
    assert repair(quarters, Limits()).all()
    assert (quarters == quarter(cells)).all()
