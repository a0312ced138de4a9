"""What is drawn is a problem file that reads back as it was drawn."""

import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import metafast as mf
from metafast.app.drawing import HOLDS, Drawing, Side, curve_through

ARCH = np.array([[0.0, 0.0], [4.0, 0.3], [8.0, 0.0]])
HELD, PUSHED = Side("held"), Side("pushed", 0.2)


def read(drawing, tmp_path, **options):
    path = tmp_path / "drawn.toml"
    path.write_text(drawing.text(options), encoding="utf-8")
    return mf.read_problem(path)


def test_sides_and_points_read_back(tmp_path):
    drawing = Drawing(2, 8, HELD, PUSHED, Side("rolling"), ARCH, cell_size=7.5, thickness=2.0)
    file = read(drawing, tmp_path, kinematics="linear", swap_rounds=3, tolerance=0.02)
    prescribed, target = file.problem.prescribed, file.problem.target
    assert (prescribed[:, 0] == 0).all()
    np.testing.assert_array_equal(prescribed[:, -1], np.tile([-0.2, 0.0], (3, 1)))
    assert (prescribed[-1, :, 1] == 0).all()
    assert np.isnan(prescribed[-1, 1:-1, 0]).all()
    np.testing.assert_allclose(
        target[0, 1:-1, 1], curve_through(ARCH, np.arange(1.0, 8)), atol=1e-6
    )
    assert np.isfinite(target).sum() == 7
    assert (file.cell_size, file.thickness) == (7.5, 2.0)
    assert file.options == {"kinematics": "linear", "swap_rounds": 3, "tolerance": 0.02}


def test_an_expression_gives_the_same_targets_as_its_points(tmp_path):
    x = np.arange(9.0)
    points = np.stack([x, 0.1 * np.sin(x)], 1)
    sides = Side("rolling"), Side("pushed and rolling", -0.1), Side("rolling")
    drawn = read(Drawing(2, 8, *sides, points), tmp_path).problem
    written = read(Drawing(2, 8, *sides, "0.1*sin(x)"), tmp_path).problem
    np.testing.assert_allclose(drawn.target, written.target, atol=1e-6)
    assert np.isfinite(drawn.target[0, :, 1]).all()  # rolling sides leave the corners to it
    assert (drawn.prescribed[:, -1, 0] == 0.1).all()  # pulled outward


def test_cells_that_were_taken_out_are_absent(tmp_path):
    out = frozenset({(0, 0), (0, 1), (2, 5)})
    problem = read(Drawing(3, 8, HELD, PUSHED, Side(), ARCH, absent=out), tmp_path).problem
    assert {*zip(*np.nonzero(~problem.present), strict=True)} == out
    assert np.isnan(problem.target[0, 1]).all()  # no cell is left there
    assert np.isfinite(problem.target[0, 2, 1])


@pytest.mark.parametrize("hold", HOLDS)
def test_what_a_side_prescribes(hold):
    moved = Side(hold, 0.5).displacement("bottom")
    assert set(moved) == {
        "free": set(), "held": {"u_x", "u_y"}, "rolling": {"u_y"}, "pushed": {"u_x", "u_y"},
        "pushed and rolling": {"u_y"},
    }[hold]  # fmt: skip
    assert moved.get("u_y", 0.0) == (0.5 if hold.startswith("pushed") else 0.0)


def test_the_curve_does_not_overshoot_and_the_last_of_two_points_counts():
    x = np.linspace(-1.0, 9.0, 201)
    steps = np.array([[0.0, 0.0], [3.0, 0.0], [4.0, 1.0], [8.0, 1.0]])
    curve = curve_through(steps, x)
    assert (np.diff(curve) >= 0).all()
    assert (curve[0], curve[-1]) == (0.0, 1.0)
    again = curve_through(np.vstack([steps, [[4.0, 0.5]]]), np.array([4.0]))
    assert again == [0.5]
    np.testing.assert_array_equal(curve_through(steps[::-1], x), curve)


@given(st.text(max_size=40))
def test_any_text_is_quoted(text):
    text = text.encode("utf-8", "ignore").decode()  # TOML holds no lone surrogates
    drawing = Drawing(1, 2, HELD, PUSHED, Side(), text, name=text)
    document = tomllib.loads(drawing.text())
    assert document["name"] == text
    assert document["targets"][0]["u_y"] == text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rows": 0}, "rows is 0"),
        ({"cols": None}, "cols"),
        ({"cols": 201}, "at most 200 cells"),
        ({"rise": ARCH[:1]}, "two at different x"),
        ({"rise": np.array([[1.0, 0.0], [1.0, 2.0]])}, "two at different x"),
        ({"cell_size": 0.0}, "cell_size"),
        ({"thickness": None}, "thickness"),
    ],
)
def test_what_cannot_be_drawn_is_said(changes, message):
    given = {"rows": 2, "cols": 8, "left": HELD, "right": PUSHED, "bottom": Side(), "rise": ARCH}
    with pytest.raises(ValueError, match=message):
        Drawing(**{**given, **changes})
    with pytest.raises(ValueError, match="hold"):
        Side("glued")
