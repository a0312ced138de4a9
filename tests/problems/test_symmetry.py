"""Mirror symmetry of problems: what has it, images of places and of targets."""

import numpy as np
import pytest

import metafast as mf
from metafast.problems import CellKind
from metafast.problems.symmetry import Symmetry, flipped, symmetry_of, target_images

BOTH = Symmetry(True, True)


@pytest.mark.parametrize(
    ("problem", "symmetry"),
    [
        (mf.problems.bridge(), Symmetry(True, False)),
        (mf.problems.bridge(target="sine"), Symmetry()),
        (mf.problems.smiley(), Symmetry(True, False)),
        (mf.problems.graded_beam(), Symmetry(False, True)),
        (mf.problems.cloak(9), Symmetry(True, False)),  # no node in the middle of its height
        (mf.problems.cloak(8), BOTH),
        (mf.problems.cloak(8, along="y"), BOTH),
        (mf.read_problem("auxetic_block").problem, Symmetry(True, False)),
        (mf.read_problem("l_bracket").problem, Symmetry()),
        (mf.read_problem("s_curve").problem, Symmetry()),
        (mf.problems.gripper(), Symmetry(False, True)),
    ],
)
def test_symmetry_is_found(problem, symmetry):
    assert symmetry_of(problem) == symmetry


def changed(problem, body=None, given=None, **arrays):
    fields = {name: getattr(problem, name).copy() for name in ("prescribed", "target")}
    for name, (place, value) in arrays.items():
        fields[name][place] = value
    return mf.Problem(problem.name, **fields, body=body, given=given)


def test_every_part_of_a_problem_counts():
    cloak = mf.problems.cloak(8)
    same = changed(cloak, cloak.body, cloak.given)
    assert symmetry_of(same) == BOTH
    body = cloak.body.copy()
    body[1, 3:5] = CellKind.SOLID
    assert symmetry_of(changed(cloak, body, cloak.given)) == Symmetry(True, False)
    given = cloak.given.copy()
    given[0, 25, 3] = 1 - given[0, 25, 3]
    assert symmetry_of(changed(cloak, cloak.body, given)) == Symmetry()
    given[0, 24, 3] = given[0, 25, 3]
    assert symmetry_of(changed(cloak, cloak.body, given)) == Symmetry(False, True)
    moved = changed(cloak, cloak.body, cloak.given, target=((0, 3, 1), 0.5))
    assert symmetry_of(moved) == Symmetry()
    held = changed(cloak, cloak.body, cloak.given, target=((0, 0, 1), np.nan))
    assert symmetry_of(held) == Symmetry()


def shelf(**changed):
    """A plate held at both ends, pressed from above, on springs, pulled outwards at its ends."""
    prescribed, target = np.full((2, 3, 5, 2), np.nan)
    prescribed[-1, [0, -1], 1], target[0, 1:-1, 1] = 0.0, [-0.1, -0.2, -0.1]
    forces, springs, weights = np.zeros((3, 3, 5, 2))
    forces[0, [1, 3], 0], springs[0, [0, -1], 0], weights[...] = [-0.01, 0.01], 0.2, 1.0
    tractions = np.zeros((2, 4, 4, 2))
    tractions[0, :, 2, 1], tractions[:, 0, 0, 0], tractions[:, -1, 1, 0] = -0.01, -0.02, 0.02
    weights[0, 2, 1] = 3.0
    arrays = {"forces": forces, "springs": springs, "tractions": tractions, "weights": weights}
    for name, (place, value) in changed.items():
        arrays[name][place] = value
    return mf.Problem("shelf", prescribed, target, **arrays)


@pytest.mark.parametrize(
    ("changes", "symmetric"),
    [
        ({}, True),
        ({"forces": ((0, 3, 0), -0.01)}, False),
        ({"forces": ((0, slice(1, 4, 2), 1), 0.01)}, True),
        ({"springs": ((0, 0, 0), 0.1)}, False),
        ({"tractions": ((0, 0, 2, 1), -0.02)}, False),
        ({"tractions": ((0, 3, 1, 0), -0.02)}, False),
        ({"weights": ((0, 1, 1), 2.0)}, False),
        ({"weights": ((2, 0, 0), 2.0)}, True),  # no target there
    ],
)
def test_loads_and_weights_have_mirror_images_too(changes, symmetric):
    assert symmetry_of(shelf(**changes)) == Symmetry(symmetric, False)


def test_a_shift_across_is_no_mirror_image():
    problem = mf.problems.bridge()
    one_end = problem.prescribed.copy()
    one_end[:, 0, 0], one_end[:, -1, 0] = 0.0, -1.0
    assert symmetry_of(mf.Problem("one end", one_end, problem.target)) == Symmetry()


@pytest.mark.parametrize("symmetry", [Symmetry(True, False), Symmetry(False, True), BOTH], ids=str)
@pytest.mark.parametrize("shape", [(4, 6), (5, 4), (3, 3), (2, 2)])
def test_images_of_places(symmetry, shape):
    own = symmetry.fundamental(shape)
    rng = np.random.default_rng(0)
    array = rng.random((*shape, 2))
    numbers = symmetry.numbers(shape)
    sums = symmetry.sums(array)
    for r, c in np.ndindex(shape):
        images = symmetry.images(r, c, shape)
        assert sum(own[place] for place in images) == 1
        (root,) = (place for place in images if own[place])
        assert numbers[r, c] == root[0] * shape[1] + root[1]
        np.testing.assert_array_equal(symmetry.spread(array)[r, c], array[root])
        np.testing.assert_allclose(sums[r, c], sum(array[place] for place in images), rtol=1e-15)
        known = rng.random(shape) > 0.4
        assert symmetry.everywhere(known)[r, c] == all(known[place] for place in images)
    assert symmetry.holds(symmetry.spread(array))
    assert not symmetry.holds(array)


@pytest.mark.parametrize("mirror", [(True, False), (False, True), (True, True)])
def test_the_target_of_a_symmetric_problem_is_its_own_image(mirror):
    cloak = mf.problems.cloak(8)
    image, sign = target_images(cloak, *mirror)
    values = cloak.target[cloak.wanted]
    np.testing.assert_allclose(sign * values[image], values, atol=1e-12)
    # in two steps: mirror the field, then take the targets
    field = np.random.default_rng(0).random(cloak.target.shape)
    other = flipped(field, *mirror) * np.where(mirror, -1.0, 1.0)
    np.testing.assert_array_equal(sign * field[cloak.wanted][image], other[cloak.wanted])
