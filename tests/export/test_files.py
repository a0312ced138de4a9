"""SVG, DXF, PNG and VTU read back by other programs: the same area, pixels and values."""

import itertools
import re
import xml.etree.ElementTree as ET

import ezdxf
import meshio
import numpy as np
import pytest
import shapely
from PIL import Image

from metafast.export.dxf import HOLE_LAYER, OUTER_LAYER, write_dxf
from metafast.export.png import write_png
from metafast.export.rings import CUT, Grid, placed
from metafast.export.svg import write_svg
from metafast.export.tracing import outlines_of
from metafast.export.vtu import Field, pixel_mesh, write_vtu

SIZE = 10 / 48  # of a pixel: no short decimal number
COLUMNS = 150


@pytest.fixture(scope="module")
def noise(noise):
    return noise[:, :COLUMNS]


@pytest.fixture(scope="module")
def rings(noise):
    return placed(outlines_of(noise), Grid.of(noise.shape, SIZE))


@pytest.fixture(scope="module")
def area(noise):
    contacts = outlines_of(noise).contact_count
    return (noise.sum() - CUT**2 * contacts) * SIZE**2


def solid_at(loops, y):
    """Whether the centres of the pixels of a row lie inside an odd number of loops."""
    centres = np.column_stack([(np.arange(COLUMNS) + 0.5) * SIZE, np.full(COLUMNS, y)])
    return sum(shapely.contains_xy(shapely.Polygon(loop), centres) * 1 for loop in loops) % 2 == 1


def test_svg_has_the_area_and_the_size(rings, area, noise, tmp_path):
    write_svg(tmp_path / "a.svg", rings)
    root = ET.parse(tmp_path / "a.svg").getroot()
    width, height = noise.shape[1] * SIZE, noise.shape[0] * SIZE
    assert root.get("width").endswith("mm")
    assert float(root.get("width")[:-2]) == pytest.approx(width)
    assert [float(x) for x in root.get("viewBox").split()] == pytest.approx([0, 0, width, height])
    (path,) = root
    assert path.get("fill-rule") == "evenodd"
    data = path.get("d").split("Z")
    assert not data.pop().strip()
    loops = [
        np.array(re.findall(r"[-\d.e]+", loop.replace("M", " ")), dtype=float).reshape(-1, 2)
        for loop in data
    ]
    assert len(loops) == len(rings.holes)
    signs = 1 - 2 * rings.holes.astype(int)
    signed = signs * [shapely.Polygon(loop).area for loop in loops]
    assert sum(signed) == pytest.approx(area, rel=1e-9)
    # y is downward: the first row of pixels is at the top
    np.testing.assert_array_equal(solid_at(loops, 0.5 * SIZE), noise[0])


def test_dxf_has_the_area_and_no_fault(rings, area, noise, tmp_path):
    write_dxf(tmp_path / "a.dxf", rings)
    document = ezdxf.readfile(tmp_path / "a.dxf")
    auditor = document.audit()
    assert not auditor.has_errors
    assert not auditor.has_fixes
    assert document.units == ezdxf.units.MM
    lines = list(document.modelspace())
    assert {line.dxftype() for line in lines} == {"LWPOLYLINE"}
    assert all(line.closed for line in lines)
    signs = {OUTER_LAYER: 1.0, HOLE_LAYER: -1.0}
    loops = [np.array(line.get_points("xy")) for line in lines]
    signed = [
        signs[line.dxf.layer] * shapely.Polygon(loop).area
        for line, loop in zip(lines, loops, strict=True)
    ]
    assert sum(signed) == pytest.approx(area, rel=1e-9)
    # y is upward: the first row of pixels is at the top
    np.testing.assert_array_equal(solid_at(loops, (noise.shape[0] - 0.5) * SIZE), noise[0])


def test_png_has_the_pixels_and_their_size(letter, tmp_path):
    write_png(tmp_path / "a.png", letter.astype(bool), 0.2)
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.mode == "1"
        assert picture.info["dpi"] == pytest.approx((127.0, 127.0), abs=0.01)
        np.testing.assert_array_equal(np.asarray(picture), letter == 0)


def test_vtu_has_every_value_to_the_last_bit(noise, tmp_path):
    mesh = pixel_mesh(noise)
    rng = np.random.default_rng(0)
    i, j = mesh.nodes.T
    points = np.column_stack([SIZE * j, SIZE * (40 - i), np.zeros(len(i))])
    moved = rng.standard_normal((len(points), 3))
    stress = rng.standard_normal((len(mesh.quads), 3)).astype(np.float32)
    rows = rng.integers(0, 9, len(mesh.quads)).astype(np.int32)
    # more than one block of compression
    many = rng.standard_normal((len(mesh.quads), 50))
    point_fields = {"displacement": Field(moved)}
    cell_fields = {
        "stress": Field(stress, ("11", "22", "12")),
        "row": Field(rows),
        "many": Field(many),
    }
    write_vtu(tmp_path / "a.vtu", points, mesh.quads, point_fields, cell_fields)
    found = meshio.read(tmp_path / "a.vtu")
    assert [block.type for block in found.cells] == ["quad"]
    np.testing.assert_array_equal(found.points, points)
    np.testing.assert_array_equal(found.cells[0].data, mesh.quads)
    np.testing.assert_array_equal(found.point_data["displacement"], moved)
    for name, field in cell_fields.items():
        assert found.cell_data[name][0].dtype == field.values.dtype
        np.testing.assert_array_equal(found.cell_data[name][0], field.values)
    corners = points[mesh.quads][..., :2]
    ahead = np.roll(corners, -1, axis=1)
    doubled = (corners[..., 0] * ahead[..., 1] - corners[..., 1] * ahead[..., 0]).sum(axis=1)
    np.testing.assert_allclose(doubled, 2 * SIZE**2)  # counterclockwise
    r, c = mesh.pixels.T
    np.testing.assert_allclose(corners.mean(axis=1), SIZE * np.column_stack([c + 0.5, 39.5 - r]))
    text = (tmp_path / "a.vtu").read_bytes()[:2000].decode("ascii", "replace")
    assert 'ComponentName2="12"' in text


def test_every_format_of_the_same_picture_agrees(letter, tmp_path):
    grid = Grid.of(letter.shape, SIZE)
    rings = placed(outlines_of(letter), grid)
    write_dxf(tmp_path / "a.dxf", rings)
    write_svg(tmp_path / "a.svg", rings)
    lines = [np.array(x.get_points("xy")) for x in ezdxf.readfile(tmp_path / "a.dxf").modelspace()]
    text = ET.parse(tmp_path / "a.svg").getroot()[0].get("d")
    svg = np.array(re.findall(r"[-\d.e]+", text.replace("M", " ").replace("Z", " ")), dtype=float)
    left, top = rings.points[:, 0].min(), rings.points[:, 1].max()
    turned = svg.reshape(-1, 2) * (1, -1) + (left, top)
    np.testing.assert_allclose(np.concatenate(lines), turned, atol=1e-9)
    assert all(len(line) >= 4 for line in lines)
    assert sum(len(line) for line in itertools.chain(lines)) == len(rings.points)
