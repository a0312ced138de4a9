"""Bodies that are no rectangles: kinds of cells, and what a problem refuses."""

import numpy as np
import pytest
from reference.problems import with_body

import metafast as mf
from metafast.problems import CellKind
from metafast.problems.body import edges_of, nodes_of, passive_pixels

ABSENT, SOLID, GIVEN = CellKind.ABSENT, CellKind.SOLID, CellKind.GIVEN


def ring():
    """A stretched ring of 4 x 5 cells around a hole of 2 x 3 cells."""
    body = np.zeros((4, 5), int)
    body[1:3, 1:4] = ABSENT
    return body


def stretched(body, **more):
    rows, cols = np.shape(body)
    prescribed, target = np.full((2, rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1, 0] = 0.1
    target[0, 1, 1] = 0.01
    return mf.Problem("body", prescribed, target, body, **more)


def test_kinds_of_a_ring():
    body = ring()
    body[0, 0] = SOLID
    problem = stretched(body)
    assert problem.present.sum() == 14
    assert problem.designed.sum() == 13
    assert (problem.kinds == body).all()
    assert problem.nodes.sum() == 30 - 2  # the two nodes inside the hole
    assert not problem.nodes[2, 2:4].any()
    assert (problem.aiming_at(2 * problem.target).body == body).all()


def test_a_body_of_designed_cells_only_is_none():
    problem = stretched(np.zeros((2, 3), int))
    assert problem.body is None
    assert problem.designed.all()
    assert problem.nodes.all()


def test_edges_of_an_l():
    present = np.array([[1, 0], [1, 1]], bool)
    right, down = edges_of(present)
    assert right.tolist() == [[1, 0], [2, 1], [1, 1]]
    assert down.tolist() == [[1, 1, 0], [1, 2, 1]]
    assert nodes_of(present).tolist() == [[True, True, False], [True] * 3, [True] * 3]


def test_given_cells_have_the_size_of_the_database():
    given = np.eye(6, dtype=int)[None]
    pixels = passive_pixels(stretched([[0, 0, GIVEN]], given=given).given, 6)
    assert pixels.shape == (2, 6, 6)
    assert pixels[SOLID - SOLID].all()
    assert (pixels[GIVEN - SOLID] == given[0]).all()
    with pytest.raises(ValueError, match="given cells have 6 pixels a side, and the database's"):
        passive_pixels(np.ones((1, 6, 6), np.uint8), 50)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([[0, 0]], r"body has shape \(1, 2\) \(int64\); whole numbers \(rows, cols\) = \(2, 3\)"),
        (np.zeros((2, 3)), r"\(float64\); whole numbers"),
        ([[0, -2, 0], [0, 0, 0]], r"body\[0, 1\] is -2; -1 \(absent\), 0 \(designed\)"),
        ([[0, 2, 0], [0, 0, 0]], r"body\[0, 1\] is 2; .* one of the 0 given cells"),
        (np.ones((2, 3), int), "no cell is designed"),
        ([[0, -1, 0], [-1, 0, 0]], r"touch only at the corner .* \(1, 1\), and a point hinge"),
        ([[-1, 0, 0], [-1, 0, 0]], r"\(0, 0, 0\) is prescribed, but all cells around .* absent"),
        ([[0, -1, 0], [0, -1, 0]], r"rigid motion free for the part with cell \(0, 2\)"),
    ],
)
def test_impossible_bodies_are_refused(body, message):
    whole = stretched(np.zeros((2, 3), int))
    with pytest.raises(ValueError, match=message):
        mf.Problem("body", whole.prescribed, whole.target, body)


def test_targets_in_a_hole_are_refused():
    problem = stretched(ring())
    target = problem.target.copy()
    target[2, 2, 0] = 0.1
    with pytest.raises(ValueError, match=r"\(2, 2, 0\) is a target, but all cells around the node"):
        problem.aiming_at(target)


def test_separate_parts_that_are_all_held():
    body = [[0, 0, 0], [-1, -1, -1], [0, 0, 0]]
    problem = with_body(mf.problems.graded_beam(3, 3), body)
    assert problem.present.sum() == 6


def test_given_cells_are_checked():
    with pytest.raises(ValueError, match="'body', given: cells are not binary: 2"):
        stretched([[0, 0, 2]], given=np.full((1, 4, 4), 2))
    with pytest.raises(ValueError, match="given: cells are 4x5 pixels; square ones"):
        stretched([[0, 0, 2]], given=np.ones((1, 4, 5)))
