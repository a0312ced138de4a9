"""Outlines as pixels: against matplotlib's point in polygon, and by closed forms."""

import numpy as np
import pytest
from matplotlib.path import Path

from metafast.database import read_cells
from metafast.database.reading.scanlines import inside

SIDE = 20
Y, X = np.mgrid[:SIDE, :SIDE] + 0.5
# a slanted bar and a square with a round hole that is off the centre
RING = (abs(X - 9) < 7) & (abs(Y - 11) < 6) & ((X - 11) ** 2 + (Y - 10) ** 2 > 9)
SQUARE = "M2,5H16V17H2Z"
HOLE = "M14,10A3,3 0 0 1 8,10A3,3 0 0 1 14,10Z"


def svg(body, head='width="20mm" height="20mm" viewBox="0 0 20 20"'):
    return f'<svg xmlns="http://www.w3.org/2000/svg" {head}>{body}</svg>'


def test_scanlines_against_point_in_polygon():
    rng = np.random.default_rng(3)
    loops = [rng.uniform(-5, 35, (m, 2)) for m in (3, 4, 7, 12)]
    height, width = 23, 31
    y, x = np.mgrid[:height, :width] + 0.5
    points = np.column_stack([x.ravel(), y.ravel()])
    expected = np.zeros(height * width, dtype=bool)
    for loop in loops:  # even-odd: edges crossed by a ray, one polygon after the other
        a, b = loop, np.roll(loop, -1, axis=0)
        for (x0, y0), (x1, y1) in zip(a, b, strict=True):
            above = (y0 > points[:, 1]) != (y1 > points[:, 1])
            with np.errstate(divide="ignore"):
                crossing = x0 + (points[:, 1] - y0) * (x1 - x0) / (y1 - y0)
            expected ^= above & (points[:, 0] > crossing)
    np.testing.assert_array_equal(inside(loops, (height, width)).ravel(), expected)
    convex = rng.uniform(0, 30, (3, 2))
    found = inside([convex], (height, width)).ravel()
    np.testing.assert_array_equal(found, Path(convex).contains_points(points))


BODIES = {
    "one path": f'<path fill-rule="evenodd" d="{SQUARE} {HOLE}"/>',
    "a white hole": f'<path d="{SQUARE}"/><circle cx="11" cy="10" r="3" fill="#fff"/>',
    "lines alone": f'<g fill="none" stroke="#000"><path d="{SQUARE}"/><path d="{HOLE}"/></g>',
    "moved": '<g transform="translate(1 2)"><path d="M1,3H15V15H1Z M13,8A3,3 0 0 1 7,8'
    'A3,3 0 0 1 13,8Z"/><text x="3">7</text></g>',
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
@pytest.mark.parametrize("unit", ["mm", "", "in"])
def test_svg(tmp_path, body, unit):
    pytest.importorskip("svgelements")
    head = f'width="20{unit}" height="20{unit}" viewBox="0 0 20 20"'
    (tmp_path / "cell.svg").write_text(svg(BODIES[body], head))
    read = read_cells(tmp_path / "cell.svg", pixels=SIDE)
    np.testing.assert_array_equal(read.cells[0], RING)
    assert read.notes == ()
    fine = read_cells(tmp_path / "cell.svg", pixels=200).cells
    area = (14 * 12 - np.pi * 9) / 400
    assert fine.mean() == pytest.approx(area, abs=2e-3)
    turned = read_cells(tmp_path / "cell.svg", pixels=SIDE, solid="white").cells[0]
    np.testing.assert_array_equal(turned, ~RING)


def test_svg_without_a_size_fills_the_cell(tmp_path):
    pytest.importorskip("svgelements")
    (tmp_path / "cell.svg").write_text(svg(BODIES["one path"], ""))
    read = read_cells(tmp_path / "cell.svg", pixels=14)
    np.testing.assert_array_equal(read.cells[0], RING[5:17, 2:16])
    assert "has no size" in read.notes[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no xml", "cannot be read as SVG"),
        (svg(""), "holds no outlines"),
        (svg('<path fill="none" stroke="#000" d="M1,1L5,5L9,1"/>'), "ends open at"),
        (svg('<rect x="1" y="1" width="5" height="5" fill="#808080"/>'), "neither dark nor light"),
        (svg('<rect width="50" height="50"/>', 'width="1000" height="1"'), "which is no cell"),
    ],
)
def test_svg_that_is_no_cell_is_refused(tmp_path, text, message):
    pytest.importorskip("svgelements")
    (tmp_path / "cell.svg").write_text(text)
    with pytest.raises(ValueError, match=message):
        read_cells(tmp_path / "cell.svg")


def drawing(*entities):
    document = pytest.importorskip("ezdxf").new()
    space = document.modelspace()
    for name, *arguments in entities:
        getattr(space, f"add_{name}")(*arguments)
    return document


CORNERS = [(2, 3), (16, 3), (16, 15), (2, 15)]  # y upward, 20 high
ROUND = ("circle", (11, 10), 3)


@pytest.mark.parametrize("kind", ["polyline", "lines", "hatch"])
def test_dxf(tmp_path, kind):
    loop = [*CORNERS, CORNERS[0]]
    if kind == "polyline":
        document = drawing(("lwpolyline", loop), ROUND, ("text", "note"))
    elif kind == "lines":
        pairs = [(loop[0], loop[1]), (loop[2], loop[1]), (loop[3], loop[2]), (loop[3], loop[0])]
        document = drawing(*(("line", a, b) for a, b in pairs), ROUND)
    else:
        document = drawing(("lwpolyline", loop), ROUND)
        filling = document.modelspace().add_hatch()
        filling.paths.add_polyline_path(CORNERS, is_closed=True)
        filling.paths.add_edge_path().add_arc((11, 10), 3, 0, 360)
    document.saveas(tmp_path / "cell.dxf")
    read = read_cells(tmp_path / "cell.dxf", pixels=14)
    np.testing.assert_array_equal(read.cells[0], RING[5:17, 2:16])
    assert "the box around" in read.notes[0]


def test_dxf_that_is_no_cell_is_refused(tmp_path):
    drawing(("line", (0, 0), (1, 1)), ("line", (1, 1), (3, 0))).saveas(tmp_path / "open.dxf")
    drawing(("text", "nothing")).saveas(tmp_path / "text.dxf")
    (tmp_path / "other.dxf").write_text("hello")
    for name, message in (
        ("open", "ends open at"),
        ("text", "holds no outlines"),
        ("other", "cannot be read as DXF"),
    ):
        with pytest.raises(ValueError, match=message):
            read_cells(tmp_path / f"{name}.dxf")


@pytest.mark.parametrize(("kind", "package"), [("svg", "svgelements"), ("dxf", "ezdxf")])
def test_a_missing_package_is_named(tmp_path, monkeypatch, kind, package):
    (tmp_path / f"cell.{kind}").write_text("")

    def without(name):
        raise ModuleNotFoundError(name, name=name)

    monkeypatch.setattr("metafast._base.extras.import_module", without)
    with pytest.raises(ValueError, match=rf"needs {package}.*pip install 'metafast\[export\]'"):
        read_cells(tmp_path / f"cell.{kind}")
