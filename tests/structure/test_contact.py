"""Boundary nodes pushed into the body's own solid, counted for known deformations."""

import numpy as np
import pytest
from reference import structure as reference

from metafast.structure.finite.contact import overlapping_nodes
from metafast.structure.nodes import node_codes


def count(solid, place, side=4):
    """Overlapping nodes of pixels whose nodes move to `place` (ny+1, nx+1, 2), in pixels."""
    i, j = np.indices((solid.shape[0] + 1, solid.shape[1] + 1))
    field = (place - np.stack([j, -i], axis=-1)) / side
    code = node_codes(solid)
    field[code == 0] = np.nan
    return overlapping_nodes(np.argwhere(solid), code, field, side)


def rest(solid):
    i, j = np.indices((solid.shape[0] + 1, solid.shape[1] + 1))
    return np.stack([j, -i], axis=-1).astype(float)


def clip(length=10, gap=2):
    """Two strips, one pixel high, joined on the left."""
    solid = np.zeros((gap + 2, length), bool)
    solid[0] = solid[-1] = solid[:, 0] = True
    return solid


@pytest.mark.parametrize("angle", [0.0, 0.3, np.pi / 2, np.pi, 4.0])
@pytest.mark.parametrize("stretch", [0.5, 1.0, 3.0])
def test_affine_motions_bring_nothing_together(angle, stretch):
    solid = reference.random_structure(3, 3, 8, seed=1) > 0
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    place = rest(solid) @ (turn @ np.diag([stretch, 1.0])).T + [3.7, -11.2]
    assert count(solid, place) == 0


@pytest.mark.parametrize("shift", [0.0, 0.4])
@pytest.mark.parametrize("down", [1.5, 2.0, 2.5, 2.9])
def test_a_strip_pressed_onto_another(down, shift):
    """The free end of the upper strip, from its third pixel on, moves down over a gap of 2 pixels.

    Its lower nodes enter the lower strip, whose upper nodes enter it. Nodes that meet the sides of
    pixels count too.
    """
    solid = clip()
    place = rest(solid)
    place[:2, 3:] += [shift, -down]
    if down < 2:
        assert count(solid, place) == 0
        return
    lower = place[1, 3:, 0]
    into_lower = (lower <= 10).sum()
    upper = np.arange(11.0)
    into_upper = ((upper >= place[1, 3, 0]) & (upper <= place[1, -1, 0])).sum()
    # the sheared pixel between the nodes 2 and 3 of the upper strip
    slope = -1 - down * (upper - 2) / (1 + shift)
    into_sheared = (
        (upper > 2) & (upper < place[1, 3, 0]) & (slope <= -3) & (slope + 1 >= -3)
    ).sum()
    assert count(solid, place) == into_lower + into_upper + into_sheared


def test_a_node_is_found_far_from_the_centre_of_a_long_pixel():
    """The last pixel of the upper strip has five times its length; a node lies at its end."""
    solid = clip(length=8)
    place = rest(solid)
    place[:2, 8] += [4.0, 0.0]
    place[-2:, 8] = [[11.3, -0.5], [11.3, -1.5]]
    assert count(solid, place) == 1
    place[-2:, 8, 1] -= 1.0
    assert count(solid, place) == 0


def test_mirror_images_count_alike():
    rng = np.random.default_rng(2)
    solid = reference.random_structure(2, 2, 8, seed=5) > 0
    place = rest(solid) * [0.6, 1.0] + 0.9 * rng.uniform(-1, 1, (17, 17, 2))
    found = count(solid, place)
    assert found > 0
    assert count(solid[:, ::-1], place[:, ::-1] * [-1, 1]) == found
