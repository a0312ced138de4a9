"""Solid that is added to assembled pictures: least widths hold, mirror images stay such."""

import numpy as np
import pytest
from scipy.ndimage import label

import metafast as mf
from metafast.assembly.widening import widened


@pytest.fixture(scope="module")
def assembled():
    """Cells that keep two pixels by themselves, laid out without regard to their sides."""
    database = mf.CellDatabase.default()
    rng = np.random.default_rng(3)
    cells = database.take(rng.integers(0, len(database), 24))
    return mf.tile(cells, np.arange(24).reshape(4, 6))


@pytest.mark.parametrize("width", [2, 3])
def test_widths_hold_across_borders_and_no_pixels_touch_in_a_corner(assembled, width):
    before, after = mf.printability(assembled), widened(assembled, width)
    found = mf.printability(after)
    assert before.corner_contacts > 0
    assert min(found.solid_width, found.void_width) >= width
    assert found.corner_contacts == 0
    assert (after >= assembled).all()  # solid is only added
    assert after.dtype == assembled.dtype
    if width == 2:
        assert (after != assembled).mean() < 0.01
    np.testing.assert_array_equal(widened(after, width), after)


def test_random_pictures_come_to_an_end():
    rng = np.random.default_rng(0)
    for _ in range(30):
        pixels = (rng.random(rng.integers(5, 15, 2)) < rng.random()).astype(np.uint8)
        pixels[2, 2] = 1
        for width in (1, 2, 3):
            after = widened(pixels, width)
            found = mf.printability(after)
            assert found.corner_contacts == 0
            assert min(found.solid_width, found.void_width) >= width
            assert (after >= pixels).all()


def test_mirror_images_are_widened_to_mirror_images(assembled):
    for turned in (lambda x: x[::-1], lambda x: x[:, ::-1], lambda x: x.T):
        after = widened(np.ascontiguousarray(turned(assembled)), 3)
        np.testing.assert_array_equal(after, turned(widened(assembled, 3)))


def test_only_free_pixels_change():
    pixels = np.ones((8, 8), dtype=np.uint8)
    pixels[:, 4] = 0  # a gap of one pixel
    free = np.zeros((8, 8), dtype=bool)
    free[:4] = True
    after = widened(pixels, 2, free)
    assert after[:4].all()
    np.testing.assert_array_equal(after[4:], pixels[4:])


def test_sound_pixels_stay_the_same_array(assembled):
    sound = np.zeros((9, 9), dtype=np.uint8)
    sound[2:6, 3:8] = 1
    assert widened(sound, 3) is sound
    assert widened(assembled, 0) is assembled
    boards = widened(np.eye(4, dtype=np.uint8), 1)
    assert label(boards)[1] == 1
    assert mf.printability(boards).corner_contacts == 0


@pytest.mark.parametrize(("width", "said"), [(-1, "minimum_width is -1"), (9, "9 pixels")])
def test_wrong_widths_are_refused(width, said):
    with pytest.raises(ValueError, match=said):
        widened(np.ones((8, 8), dtype=np.uint8), width)
