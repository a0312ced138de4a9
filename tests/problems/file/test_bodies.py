"""Bodies in problem files: shapes, pictures, passive cells, and places that name their edges."""

import numpy as np
import pytest
from PIL import Image

import metafast as mf
from metafast.problems import CellKind

BLOCK = """\
[size]
rows = 6
cols = 8

[places]
window = { box = { x = [3, 5], y = [2, 4] } }

[[supports]]
place = "left"
u_x = 0
u_y = 0

[[supports]]
place = "right"
u_x = -0.1

[[targets]]
place = "top"
u_y = "0.1*x"
"""


def kinds(read, body, text=BLOCK, **changes):
    problem = read(text.replace("[[supports]]", f"{body}\n[[supports]]", 1), **changes).problem
    return problem, problem.kinds


def grid(rows=6, cols=8):
    """x and y of the centres of the cells, from the bottom left."""
    return np.meshgrid(np.arange(cols) + 0.5, rows - np.arange(rows) - 0.5)


def test_holes_are_cells_whose_centres_lie_in_a_shape(read):
    x, y = grid()
    _, found = kinds(read, '[body]\nwithout = ["window"]')
    hole = (x > 3) & (x < 5) & (y > 2) & (y < 4)
    np.testing.assert_array_equal(found, np.where(hole, -1, 0))
    _, found = kinds(read, "[body]\nwithout = { circle = { x = 4, y = 3, radius = 1.6 } }")
    hole = np.hypot(x - 4, y - 3) <= 1.6
    assert 4 < hole.sum() < 16
    np.testing.assert_array_equal(found, np.where(hole, -1, 0))


def test_a_body_can_be_its_parts_less_others(read):
    x, y = grid()
    leg = "{ box = { x = [0, 3], y = [0, 6] } }"
    arm = "{ box = { x = [0, 8], y = [0, 2] } }"
    text = BLOCK.replace('"top"', '{ side = "top", to = 3 }')
    _, found = kinds(read, f"[body]\nonly = [{leg}, {arm}]", text)
    np.testing.assert_array_equal(found == 0, (x < 3) | (y < 2))
    cut = '{ where = "x > 5 and y < 1" }'
    _, found = kinds(read, f"[body]\nonly = [{leg}, {arm}]\nwithout = {cut}", text)
    np.testing.assert_array_equal(found == 0, ((x < 3) | (y < 2)) & ~((x > 5) & (y < 1)))


def test_places_hold_corners_of_the_body_only(read):
    problem, _ = kinds(read, '[body]\nwithout = { where = "x > 3 and x < 5 and y > 2" }')
    lost = (4, [0, 1, 2, 3])
    assert not problem.nodes[lost[1], lost[0]].any()
    assert problem.wanted[0, 1:-1, 1].tolist() == [True] * 3 + [False] + [True] * 3


@pytest.mark.parametrize(
    ("place", "nodes"),  # (x, y) from the bottom left
    [
        ('{ edge = "window" }', {(x, y) for x in (3, 4, 5) for y in (2, 3, 4)} - {(4, 3)}),
        ('{ cells = "solid" }', {(x, y) for x in (1, 2) for y in (0, 1)}),
        (
            '"outline"',
            {(x, y) for x in range(9) for y in range(7) if x in (0, 8) or y in (0, 6)}
            | {(x, y) for x in (3, 4, 5) for y in (2, 3, 4)} - {(4, 3)},
        ),
    ],
)
def test_places_name_edges_and_kinds_of_cells(read, place, nodes):
    text = BLOCK.replace('place = "top"\nu_y = "0.1*x"', f'place = {place}\nu_y = "0.1*y"')
    text = text.replace("u_x = 0\nu_y = 0", "u_x = 0").replace(
        "[[targets]]", '[[supports]]\nplace = "bottom left"\nu_y = 0\n[[targets]]'
    )
    body = '[body]\nwithout = "window"\n[[body.passive]]\n'
    body += 'place = { where = "x < 2 and x > 1 and y < 1" }'
    problem, _ = kinds(read, body, text)
    held = problem.wanted[..., 1] | problem.fixed[..., 1]
    found = {(c, 6 - r) for r, c in np.argwhere(held).tolist()}
    assert found == nodes | {(0, 0)}


def painted(path, dark, times=1, blur=0):
    pixels = np.kron(np.where(dark, 0, 255), np.ones((times, times), int)).astype(np.uint8)
    if blur:  # greys between dark and light, as smoothed edges have them
        pixels[:, blur - 1 :: times] = 128
    Image.fromarray(pixels).save(path)


@pytest.mark.parametrize(("times", "blur"), [(1, 0), (3, 0), (7, 7)])
def test_a_picture_is_the_body_at_any_scale(read, tmp_path, times, blur):
    dark = np.random.default_rng(3).random((6, 8)) > 0.3
    dark[[0, -1]] = dark[:, [0, -1]] = True
    dark[2:4, 2:6] = True
    dark[1] = True
    dark[4] = True
    painted(tmp_path / "body.png", dark, times, blur)
    _, found = kinds(read, '[body]\npng = "body.png"')
    np.testing.assert_array_equal(found == 0, dark)


def test_a_picture_gives_the_size_where_the_file_does_not(read, tmp_path):
    dark = np.ones((6, 8), bool)
    dark[2:4, 3] = False
    painted(tmp_path / "body.png", dark)
    text = BLOCK.replace("rows = 6\ncols = 8\n", "")
    problem, found = kinds(read, '[body]\npng = "body.png"', text)
    assert (problem.rows, problem.cols) == (6, 8)
    np.testing.assert_array_equal(found == 0, dark)
    _, found = kinds(read, '[body]\npng = "body.png"', text, rows=3, cols=4)
    assert found.shape == (3, 4)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_pictures_of_all_kinds_are_the_same_body(read, tmp_path, mode):
    dark = np.ones((6, 8), bool)
    dark[2:4, 3:5] = False
    picture = Image.fromarray(np.where(dark, 0, 255).astype(np.uint8))
    if mode == "I;16":
        picture = Image.fromarray(np.where(dark, 0, 65535).astype(np.uint16))
    elif mode == "RGBA":  # nothing painted is no cell
        alpha = np.where(dark, 255, 0).astype(np.uint8)
        picture = Image.fromarray(np.dstack([np.zeros((6, 8, 3), np.uint8), alpha]))
    else:
        picture = picture.convert(mode)
    picture.save(tmp_path / "body.png")
    _, found = kinds(read, '[body]\npng = "body.png"')
    np.testing.assert_array_equal(found == 0, dark)


CELLS = '[cells]\nframe = { png = "frame.png" }\nother = { row = 7 }\n'


def test_passive_cells_are_solid_or_given_and_the_last_one_counts(read, tmp_path):
    frame = np.ones((50, 50), bool)
    frame[10:40, 5:20] = False
    painted(tmp_path / "frame.png", frame)
    body = (
        CELLS
        + '[[body.passive]]\nplace = { where = "x < 3" }\n'
        + '[[body.passive]]\nplace = { where = "x < 2" }\ncell = "other"\n'
        + '[[body.passive]]\nplace = { where = "x < 1" }\ncell = "frame"\n'
    )
    problem, found = kinds(read, body)
    given = int(CellKind.GIVEN)
    assert found[0].tolist() == [given, given + 1, int(CellKind.SOLID)] + [0] * 5
    np.testing.assert_array_equal(problem.given[0], frame)
    database = mf.CellDatabase.default()
    np.testing.assert_array_equal(problem.given[1], database.take(np.array([7]))[0])


def test_expressions_know_the_stiffness_of_given_cells(read):
    text = BLOCK.replace("0.1*x", "nu*x") + '[material]\nyoung = "2GPa"\npoisson = 0.3\n'
    body = CELLS.replace('frame = { png = "frame.png" }\n', "")
    body += '[[body.passive]]\nplace = { where = "x < 1" }\ncell = "other"\n'
    body += '[parameters]\nnu = "other_C12/other_C22"\n'
    problem, _ = kinds(read, body, text)
    expected = mf.homogenize(problem.given, mf.Phases(mf.Material(1.0, 0.3)))[0]
    assert problem.target[0, 4, 1] == 4 * (expected[0, 1] / expected[1, 1])


def test_a_drawing_is_the_body_where_it_is_filled(read, tmp_path):
    pytest.importorskip("svgelements")
    ezdxf = pytest.importorskip("ezdxf")
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="80mm" height="60mm" viewBox="0 0 80 60">'
    ring = '<path fill-rule="evenodd" d="M0 0H80V60H0Z M30 20H50V40H30Z"/></svg>'
    (tmp_path / "ring.svg").write_text(head + ring)
    _, found = kinds(read, "[body]\nsvg = 'ring.svg'")
    x, y = grid()
    hole = (x > 3) & (x < 5) & (y > 2) & (y < 4)
    np.testing.assert_array_equal(found, np.where(hole, -1, 0))
    (tmp_path / "step.svg").write_text(head + '<path d="M0 0H80V60H60V30H0Z"/></svg>')
    _, found = kinds(read, "[body]\nsvg = 'step.svg'")  # y of a drawing is downward
    np.testing.assert_array_equal(found, np.where((x < 6) & (y < 3), -1, 0))
    drawing = ezdxf.new()
    outline = [(0, 0), (8, 0), (8, 6), (6, 6), (6, 3), (0, 3)]  # y upward
    drawing.modelspace().add_lwpolyline(outline, close=True)
    drawing.saveas(tmp_path / "step.dxf")
    _, found = kinds(read, "[body]\nsvg = 'step.dxf'")
    np.testing.assert_array_equal(found, np.where((x < 6) & (y > 3), -1, 0))
    with pytest.raises(ValueError, match=r"'ring.svg' is 1.333 times as wide as high for 9 x 6"):
        kinds(read, "[body]\nsvg = 'ring.svg'", BLOCK.replace("cols = 8", "cols = 9"))
    with pytest.raises(ValueError, match=r"body.svg: there is no file 'no.svg' beside"):
        kinds(read, "[body]\nsvg = 'no.svg'")
