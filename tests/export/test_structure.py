"""Files of any pixels: which are written, what is refused, sheets of cells."""

import sys

import numpy as np
import pytest
import trimesh
from PIL import Image

import metafast as mf

LENGTHS = {"pixel_size": 0.2, "thickness": 5.0}


def test_every_format_is_written_and_nothing_else(letter, tmp_path):
    seen = []
    made = mf.export_structure(
        letter,
        tmp_path / "new",
        name="f",
        parts="largest",
        progress=lambda *step: seen.append(step[:3]),
        **LENGTHS,
    )
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["f.3mf", "f.dxf", "f.png", "f.stl", "f.svg"]
    assert sorted(path.name for path in made.paths) == names
    assert made.size == pytest.approx((5 * 0.2, 9 * 0.2))
    assert (made.dropped_parts, made.dropped_pixels) == (1, 1)
    assert "left out: 1 part with 1 pixel" in "\n".join(made.lines())
    assert ("shapes", 5, 5) in seen
    with Image.open(tmp_path / "new" / "f.png") as picture:
        kept = letter.copy()
        kept[8, 6] = 0
        np.testing.assert_array_equal(np.asarray(picture), kept == 0)
    mesh = trimesh.load(tmp_path / "new" / "f.stl")
    assert mesh.is_watertight
    np.testing.assert_allclose(mesh.bounds, [[0.2, 0, 0], [1.2, 1.8, 5.0]], rtol=1e-6)


def test_a_frame_joins_the_parts_that_reach_it(letter, tmp_path):
    """The speck in the corner does, and so does the F."""
    options = {"frame": 1.0, "name": "f", **LENGTHS}
    made = mf.export_structure(letter, tmp_path, "stl", **options)  # in one part
    assert made.printability.parts == 1
    assert trimesh.load(made.paths[0]).body_count == 1
    inside = np.pad(letter, 1)
    with pytest.raises(ValueError, match="3 parts"):
        mf.export_structure(inside, tmp_path, "stl", overwrite=True, **options)


def test_files_that_are_there_stay(letter, tmp_path):
    (tmp_path / "structure.svg").write_text("mine")
    arguments = letter, tmp_path, ("png", "svg")
    options = {"pixel_size": 0.2, "parts": "all"}
    with pytest.raises(ValueError, match=r"structure.svg' is already there"):
        mf.export_structure(*arguments, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["structure.svg"]
    mf.export_structure(*arguments, overwrite=True, **options)
    assert (tmp_path / "structure.svg").read_text() != "mine"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"formats": "step"}, "'step' is no format here; choose from stl, 3mf"),
        ({"formats": []}, "no format"),
        ({"pixel_size": 0.0}, "pixel_size is 0"),
        ({"thickness": None}, "thickness in mm"),
        ({"thickness": -1.0}, "thickness is -1"),
        ({"frame": -1.0}, "frame is -1"),
        ({"parts": "one"}, "2 parts .* 'largest'"),
        ({"parts": "two"}, "parts is 'two'"),
        ({"least_width": 0.4}, r"the narrowest place is 0.2 mm wide, 0.2 mm below"),
        ({"displacement": np.zeros((10, 8, 2)), "frame": 1.0}, "no frame"),
        ({"displacement": np.zeros((9, 7, 2))}, r"\(10, 8, 2\) is needed"),
        ({"displacement": np.full((10, 8, 2), np.nan)}, "NaN at solid"),
        ({"folder": "/proc/nowhere"}, "cannot write into"),
    ],
)
def test_wrong_input_is_refused_and_leaves_nothing(letter, tmp_path, changes, said):
    arguments = {"folder": tmp_path, "parts": "all", **LENGTHS, **changes}
    with pytest.raises(ValueError, match=said):
        mf.export_structure(letter, **arguments)
    assert not list(tmp_path.iterdir())


def test_narrow_pixels_are_written_if_they_may(letter, tmp_path):
    made = mf.export_structure(
        letter, tmp_path, "svg", pixel_size=0.2, parts="all", least_width=0.4, allow_narrow=True
    )
    assert "narrower than 0.4 mm" in "\n".join(made.lines())


@pytest.mark.parametrize(("package", "kind"), [("manifold3d", "stl"), ("ezdxf", "dxf")])
def test_a_missing_package_names_the_extra(letter, tmp_path, monkeypatch, package, kind):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ValueError, match=r"pip install 'metafast\[export\]'"):
        mf.export_structure(letter, tmp_path, kind, parts="all", **LENGTHS)
    assert not list(tmp_path.iterdir())


def test_a_deformed_shape_has_the_area_of_its_pixels(letter, tmp_path):
    """Straight outlines bend between the corners; pixels stay quadrilaterals."""
    rng = np.random.default_rng(0)
    moved = 0.03 * rng.standard_normal((10, 8, 2))
    made = mf.export_structure(
        letter, tmp_path, "stl", parts="largest", displacement=moved, **LENGTHS
    )
    solid = letter.astype(bool)
    solid[8, 6] = False
    i, j = np.indices((10, 8))
    places = np.stack([0.2 * j, 0.2 * (9 - i)], axis=2) + moved
    corners = [places[1:, :-1], places[1:, 1:], places[:-1, 1:], places[:-1, :-1]]
    area = sum(
        0.5 * (a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
        for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
    )[solid].sum()
    mesh = trimesh.load(made.paths[0])
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(5.0 * area, rel=1e-6)


def test_a_sheet_holds_the_cells_from_the_top_left():
    cells = np.arange(1, 6)[:, None, None] * np.ones((5, 4, 4), int) % 2
    cells[:, 0, 0] = 1
    sheet = mf.cell_sheet(cells, 3, 2)
    assert sheet.shape == (4 + 2 + 4, 3 * 4 + 2 * 2)
    np.testing.assert_array_equal(sheet[:4, 6:10], cells[1])
    np.testing.assert_array_equal(sheet[6:, :4], cells[3])
    assert sheet.sum() == cells.sum()
    np.testing.assert_array_equal(mf.cell_sheet(cells[0]), cells[0])
    assert mf.cell_sheet(cells).shape == (2 * 4 + 1, 3 * 4 + 2)
    with pytest.raises(ValueError, match="columns is 0"):
        mf.cell_sheet(cells, 0)
