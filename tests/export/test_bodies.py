"""Bodies of triangles: closed, exact, few triangles, none without area."""

import shutil
import subprocess

import numpy as np
import pytest
import trimesh

from metafast.export.rings import CUT, Grid
from metafast.export.shape import Shape, Sizes
from metafast.export.solid import drawn_out
from metafast.export.stl import write_stl
from metafast.export.three_mf import write_3mf
from metafast.export.tracing import outlines_of
from metafast.export.triangles import without_flat


def surface(body):
    return trimesh.Trimesh(body.points, body.triangles, process=False)


def read_3mf(path):
    """Points, triangles and unit of a 3MF file by its reference library, in strict mode."""
    lib3mf = pytest.importorskip("lib3mf")
    model = lib3mf.get_wrapper().CreateModel()
    reader = model.QueryReader("3mf")
    reader.SetStrictModeActive(True)
    reader.ReadFromFile(str(path))
    assert reader.GetWarningCount() == 0
    objects = model.GetMeshObjects()
    assert objects.Count() == 1
    objects.MoveNext()
    mesh = objects.GetCurrentMeshObject()
    assert mesh.IsManifoldAndOriented()
    points = [list(each.Coordinates) for each in mesh.GetVertices()]
    triangles = [list(each.Indices) for each in mesh.GetTriangleIndices()]
    return trimesh.Trimesh(points, triangles, process=False), model.GetUnit()


def test_a_body_is_closed_exact_and_has_the_fewest_triangles(letter):
    shape = Shape(letter, Sizes(0.2, 5.0), "all")
    mesh, outlines = surface(shape.body), shape.outlines
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    assert mesh.volume == pytest.approx(letter.sum() * 0.04 * 5.0, rel=1e-12)
    np.testing.assert_allclose(mesh.bounds, [[0.2, 0.0, 0.0], [1.4, 1.8, 5.0]], rtol=1e-15)
    assert mesh.body_count == outlines.part_count == 2
    holes = int(outlines.holes.sum())
    fewest = 4 * (len(outlines.nodes) + holes - outlines.part_count)
    assert len(mesh.faces) == fewest


def test_random_pictures_give_closed_bodies(noise):
    outlines = outlines_of(noise)
    mesh = surface(drawn_out(noise, outlines, Grid.of(noise.shape, 0.2), 3.0))
    assert mesh.is_watertight
    assert mesh.is_winding_consistent
    volume = (noise.sum() - CUT**2 * outlines.contact_count) * 0.04 * 3.0
    assert mesh.volume == pytest.approx(volume, rel=1e-12)
    assert abs(volume / (noise.sum() * 0.04 * 3.0) - 1.0) < 1e-6
    assert mesh.body_count == outlines.part_count
    assert mesh.area_faces.min() > 0.0


def test_strips_of_a_wide_body_meet():
    """Without corner contacts, so that the picture is cut."""
    coarse = np.random.default_rng(2).random((12, 150)) < 0.6
    solid = coarse.repeat(5, axis=0).repeat(5, axis=1)
    solid[:, ::5] = solid[::5] = True
    outlines = outlines_of(solid)
    assert outlines.contact_count == 0
    mesh = surface(drawn_out(solid, outlines, Grid.of(solid.shape, 1.0), 2.0))
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(2.0 * solid.sum(), rel=1e-12)
    assert mesh.area_faces.min() > 0.1
    fewest = 4 * (len(outlines.nodes) + int(outlines.holes.sum()) - 1)
    assert fewest < len(mesh.faces) < 1.1 * fewest


@pytest.mark.parametrize("frame", [0.0, 1.5])
def test_a_base_plate_lies_under_the_picture_and_its_frame(letter, frame):
    shape = Shape(letter, Sizes(0.2, 5.0, frame, 1.0), "all")
    mesh = surface(shape.body)
    assert mesh.is_watertight
    assert mesh.body_count == 1
    inner, outer = (1.4, 1.8), (1.4 + 2 * frame, 1.8 + 2 * frame)
    area, around = outer[0] * outer[1], outer[0] * outer[1] - inner[0] * inner[1]
    assert mesh.volume == pytest.approx(area * 1.0 + (around + letter.sum() * 0.04) * 5.0, rel=1e-9)
    np.testing.assert_allclose(mesh.bounds, [[0.0, 0.0, 0.0], [*outer, 6.0]], atol=1e-12)


def test_flat_triangles_go_by_flips():
    """A row of points on one side of a triangle, cut into a fan with flat members."""
    points = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [3.0, 0.0], [1.5, 2.0]])
    triangles = np.array([[0, 1, 2], [0, 2, 3], [0, 3, 4]])
    found = without_flat(triangles, points)
    a, b, c = (points[found[:, k]] for k in range(3))
    area = 0.5 * ((b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0])
    np.testing.assert_allclose(np.sort(area), 1.0)


def test_files_hold_the_body(letter, tmp_path):
    body = Shape(letter, Sizes(0.2, 5.0), "largest").body
    volume = (letter.sum() - 1) * 0.04 * 5.0
    write_stl(tmp_path / "a.stl", body)
    write_3mf(tmp_path / "a.3mf", body)
    mesh = trimesh.load(tmp_path / "a.stl")
    assert mesh.is_watertight
    assert mesh.body_count == 1
    assert mesh.volume == pytest.approx(volume, rel=1e-6)
    np.testing.assert_allclose(mesh.bounds, [[0.2, 0.0, 0.0], [1.2, 1.8, 5.0]], rtol=1e-7)
    # the upper bar of the F points to the right
    top = mesh.vertices[mesh.vertices[:, 1] > 1.5]
    assert top[:, 0].max() == pytest.approx(1.2)
    normals = np.frombuffer((tmp_path / "a.stl").read_bytes()[84:], np.uint8).reshape(-1, 50)
    normals = normals[:, :12].copy().view("<f4")
    np.testing.assert_allclose(normals, trimesh.load(tmp_path / "a.stl").face_normals, atol=1e-6)
    mesh, unit = read_3mf(tmp_path / "a.3mf")
    assert unit == 1  # millimetre
    assert mesh.volume == pytest.approx(volume, rel=1e-6)
    assert len(mesh.faces) == len(body.triangles)


def test_points_that_single_precision_cannot_tell_apart_are_refused(tmp_path):
    pixels = np.ones((2, 3), dtype=int)
    pixels[0, 1] = pixels[1, 2] = 0
    body = Shape(pixels, Sizes(1.0, 1.0), "all").body
    far = body._replace(points=body.points + 1e5)
    with pytest.raises(ValueError, match="write 3MF"):
        write_stl(tmp_path / "far.stl", far)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("prusa-slicer") is None, reason="there is no prusa-slicer")
@pytest.mark.parametrize("kind", ["stl", "3mf"])
def test_prusa_slicer_slices_without_a_repair(kind, tmp_path, noise):
    body = Shape(noise[:, :100], Sizes(0.8, 3.0), "largest").body
    path = tmp_path / f"body.{kind}"
    (write_stl if kind == "stl" else write_3mf)(path, body)
    command = ["prusa-slicer", "--export-gcode", "--output", tmp_path / "body.gcode", path]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    said = (done.stdout + done.stderr).lower()
    assert "repair" not in said
    assert "error" not in said
    info = subprocess.run(["prusa-slicer", "--info", path], capture_output=True, text=True)
    assert "manifold = yes" in info.stdout
