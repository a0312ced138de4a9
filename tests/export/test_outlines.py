"""Outlines of pixels: closed, exact, on the right side, nested."""

import itertools

import numpy as np
import pytest
import shapely
from scipy.ndimage import label

from metafast.export.rings import CUT, Grid, placed
from metafast.export.tracing import outlines_of
from metafast.structure.nodes import corner_contacts, node_codes


def polygons(rings):
    """Polygons of shapely, one for each part."""
    made = []
    for part in range(rings.parts[-1] + 1):
        outer, *holes = (rings.ring(k) for k in np.flatnonzero(rings.parts == part))
        made.append(shapely.Polygon(outer, holes))
    return made


def traced(pixels, size=1.0, frame=0.0):
    return placed(outlines_of(pixels), Grid.of(np.shape(pixels), size, frame))


def test_every_picture_of_nine_pixels():
    centres = np.array([(c + 0.5, 2.5 - r) for r in range(3) for c in range(3)])
    for bits in range(1, 512):
        pixels = np.array([bits >> k & 1 for k in range(9)]).reshape(3, 3)
        outlines, rings = outlines_of(pixels), traced(pixels)
        assert outlines.part_count == label(pixels)[1]
        assert outlines.contact_count == corner_contacts(node_codes(pixels > 0)).sum()
        area = pixels.sum() - CUT**2 * outlines.contact_count
        assert rings.areas.sum() == pytest.approx(area, abs=1e-12)
        assert ((rings.areas < 0) == rings.holes).all()
        body = shapely.MultiPolygon(polygons(rings))
        assert body.is_valid
        np.testing.assert_array_equal(shapely.contains_xy(body, centres), pixels.ravel() > 0)


def test_random_pictures_give_valid_polygons_with_the_area_of_their_pixels(noise):
    outlines, rings = outlines_of(noise), traced(noise, 0.2)
    body = shapely.MultiPolygon(polygons(rings))
    assert body.is_valid
    cut = noise.sum() - CUT**2 * outlines.contact_count
    assert body.area / 0.04 == pytest.approx(cut, rel=1e-12)
    contains = shapely.contains_xy(body, *np.meshgrid(0.2 * np.arange(600) + 0.1, [7.9, 0.1]))
    np.testing.assert_array_equal(contains, noise[[0, -1]])


def test_corners_are_points_where_the_outline_turns(letter):
    outlines = outlines_of(letter)
    for start, stop in itertools.pairwise(outlines.starts):
        ahead = np.roll(outlines.nodes[start:stop], -1, axis=0) - outlines.nodes[start:stop]
        assert ((ahead != 0).sum(axis=1) == 1).all()
        assert ((ahead * np.roll(ahead, 1, axis=0)).sum(axis=1) == 0).all()
    assert len(outlines.starts) - 1 == 3
    assert outlines.holes.tolist() == [False, True, False]


def test_rows_go_down_and_columns_to_the_right(letter):
    rings = traced(letter, 2.0)
    body = shapely.MultiPolygon(polygons(rings))
    assert body.bounds == (2.0, 0.0, 14.0, 18.0)
    assert body.contains(shapely.Point(11.0, 17.0))  # the upper bar points to the right
    assert not body.contains(shapely.Point(7.0, 9.0))  # the hole
    assert body.contains(shapely.Point(13.0, 1.0))  # the speck at the lower right


def test_straight_nodes_change_no_area(letter):
    outlines = outlines_of(letter)
    every = outlines.with_straight_nodes()
    steps = np.abs(np.diff(every.nodes[every.starts[0] : every.starts[1]], axis=0)).sum(axis=1)
    assert (steps == 1).all()
    grid = Grid.of(letter.shape, 1.0)
    np.testing.assert_allclose(placed(every, grid).areas, placed(outlines, grid).areas)


def test_a_frame_is_as_wide_as_it_should_be(letter):
    framed = np.pad(letter, 1, constant_values=1)
    rings = traced(framed, 0.5, frame=3.0)
    assert rings.points.min(axis=0).tolist() == [0.0, 0.0]
    assert rings.points.max(axis=0).tolist() == [9.5, 10.5]
    body = shapely.MultiPolygon(polygons(rings))
    assert body.area == pytest.approx(9.5 * 10.5 - (letter == 0).sum() * 0.25)


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        (np.zeros((3, 3)), "no solid pixel"),
        (np.ones((2, 3, 3)), "one picture"),
        (np.full((3, 3), 0.5), "not binary"),
    ],
)
def test_wrong_pictures_are_refused(pixels, said):
    with pytest.raises(ValueError, match=said):
        outlines_of(pixels)
