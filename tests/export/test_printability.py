"""Least widths: against a plain search for squares, and across borders of cells."""

import numpy as np
import pytest

import metafast as mf
from metafast.cells.widths import narrower


def covered(kind, width, outside):
    """Pixels that some square of the kind covers, by trying all squares."""
    padded = np.pad(kind, width, constant_values=outside)
    found = np.zeros_like(padded)
    for i in range(padded.shape[0] - width + 1):
        for j in range(padded.shape[1] - width + 1):
            square = np.s_[i : i + width, j : j + width]
            found[square] |= padded[square].all()
    return found[width:-width, width:-width]


@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_narrow_pixels_are_those_that_no_square_covers(width, outside):
    rng = np.random.default_rng(width)
    for _ in range(20):
        kind = rng.random(rng.integers(1, 12, 2)) < rng.random()
        expected = kind & ~covered(kind, width, outside)
        np.testing.assert_array_equal(narrower(kind, width, outside), expected)


def test_least_widths_are_those_of_the_narrowest_places():
    pixels = np.zeros((20, 30), dtype=int)
    pixels[2:17, 2:28] = 1
    pixels[5:12, 6:11] = 0  # a hole of 7 x 5
    pixels[5:12, 14:18] = 0  # 3 pixels of solid from the other
    found = mf.printability(pixels, 0.2)
    assert (found.solid_width, found.void_width) == (3, 4)
    assert found.narrowest == pytest.approx(0.6)
    assert (found.corner_contacts, found.parts) == (0, 1)
    pixels[12, 18] = 0  # void that touches the hole in a corner, and so does solid
    found = mf.printability(pixels, 0.2)
    assert (found.void_width, found.corner_contacts, found.parts) == (1, 1, 1)
    pixels[0, 0], pixels[1, 1] = 1, 1
    found = mf.printability(pixels, 0.2)
    assert (found.corner_contacts, found.parts, found.solid_width) == (3, 3, 1)
    assert "3 corner contacts; 3 parts" in found.lines()[0]


def test_borders_between_cells_count():
    cell = np.zeros((10, 10), dtype=int)
    cell[:, 8:] = (
        1  # a member of two pixels on the right, void of one pixel on the left of the next
    )
    other = np.ones((10, 10), dtype=int)
    other[:, 0] = 0
    alone = mf.printability(mf.tile(np.array([cell, other]), np.array([[0]])))
    both = mf.printability(mf.tile(np.array([cell, other]), np.array([[0, 1]])))
    assert alone.void_width == 10
    assert both.void_width == 1


def test_pictures_of_one_kind_and_frames():
    solid = np.ones((700, 500), dtype=int)
    assert mf.printability(solid).solid_width == 500
    hollow = solid[:9, :9].copy()
    hollow[1:] = 0  # a member of one pixel at the upper edge
    assert mf.printability(hollow).solid_width == 1
    assert mf.printability(hollow, framed=True).solid_width == 9
    assert mf.printability(hollow, framed=True).void_width == 8
    assert mf.printability(hollow).void_width == 9


def test_what_is_too_narrow_is_refused_with_the_size_that_would_do(letter):
    found = mf.printability(letter, 0.2, least_width=0.4)
    assert not found.is_wide_enough
    expected = letter.astype(bool) & ~covered(letter.astype(bool), 2, False)
    assert found.narrow_solid == expected.sum()
    with pytest.raises(ValueError, match=r"0.2 mm wide, 0.2 mm below .* cells of 20 mm"):
        found.require_wide_enough(10.0)
    # as wide as a whole number of pixels, in spite of rounding
    wide = mf.printability(np.ones((3, 3)), 0.1, least_width=0.3)
    assert wide.is_wide_enough
    wide.require_wide_enough()
