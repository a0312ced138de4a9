"""The pages without a browser: widgets are set, callbacks run, and what is shown is looked at."""

import asyncio
import io
import sys

import numpy as np
import pytest
import trimesh

import metafast as mf

pytest.importorskip("panel", reason="pip install 'metafast[app]'")
pytest.importorskip("torch", reason="pip install torch")

from metafast.app import cells
from metafast.app.cells import shared_database, shared_map
from metafast.app.database_page import DatabasePage
from metafast.app.design_page import DesignPage
from metafast.app.latent_page import ARROW, LatentPage
from metafast.app.page import Page
from metafast.app.problem_form import DRAWN, SHIPPED, UPLOADED, uploaded_text
from metafast.export.options import FORMATS
from metafast.problems.file import shipped_problems, shipped_text

LIMIT = 100  # milliseconds from the slider to the cell


@pytest.fixture
def page():
    return DesignPage()


@pytest.fixture(scope="module")
def latent():
    made = LatentPage()
    made.load()
    return made


def test_a_drawn_arch_is_designed_and_downloaded(page, tmp_path):
    draw = page.problem.draw
    draw.rows.value, draw.cols.value = 2, 6
    draw.pushes["right"].value = 0.2
    draw.plot.source.data = {"x": [0, 3, 6], "y": [2, 2 + 5 * 0.1, 2]}  # magnified five times
    page.options.kinematics.value = "linear"
    page.options.corrections.value, page.options.swaps.value = 0, 1
    file = page.problem.file
    assert file.options == {"kinematics": "linear", "correction_rounds": 0, "swap_rounds": 1}
    assert file.problem.target[0, 3, 1] == pytest.approx(0.1)
    page.press()
    assert page.button.disabled
    assert not page.stop.disabled
    assert page.run.wait(240)
    page.refresh()
    result = page.result
    assert not page.button.disabled
    assert page.message.object == ""
    assert f"{result.made.errors.pixels:.4f}" in result.view[0].object
    assert f"{result.made.errors.open_loop:.4f}" in result.view[0].object
    assert {*result.buttons} == {*FORMATS, "everything"}

    body = trimesh.load(io.BytesIO(download(result, "stl")), file_type="stl")
    assert body.is_watertight
    np.testing.assert_allclose(body.extents, [60.0, 20.0, 5.0], atol=0.5)
    assert download(result, "inp").startswith(b"inp needs Young's modulus")
    assert result.buttons["inp"].filename == "no_inp.txt"
    result.lengths["young"].value = 2000.0
    assert b"*ELASTIC" in download(result, "inp").upper()
    assert result.buttons["inp"].filename == "drawing.inp"
    assert result.message.object == ""

    again = DesignPage()  # a page that is loaded anew has the latest design
    assert again.result.made is result.made
    assert not again.button.disabled

    (tmp_path / "saved.toml").write_text(page.problem.text)
    saved = mf.design(mf.read_problem(tmp_path / "saved.toml"))  # as on the command line
    np.testing.assert_array_equal(saved.pixels, result.made.pixels)


def download(result, kind):
    return asyncio.run(result.buttons[kind].callback()).read()


@pytest.mark.parametrize("name", shipped_problems())
def test_every_shipped_problem_is_shown_with_its_parameters(page, name):
    page.problem.origin.value = SHIPPED
    page.problem.name.value = name
    expected = mf.read_problem(name)
    assert page.problem.fault == ""
    assert page.problem.text == shipped_text(name)
    np.testing.assert_array_equal(page.problem.file.problem.target, expected.problem.target)
    assert page.problem.picture.object.startswith(b"\x89PNG")


def test_parameters_of_a_shipped_problem_count(page):
    page.problem.origin.value = SHIPPED
    assert page.problem.name.value == "bridge"
    fields = page.problem.parameters
    fields["cols"].value, fields["compression"].value = 12, "0.5"
    assert page.problem.file.source.changes["cols"] == 12
    expected = mf.read_problem("bridge", cols=12, compression=0.5).problem
    np.testing.assert_array_equal(page.problem.file.problem.target, expected.target)
    fields["compression"].value = "a lot"
    assert page.problem.file is None
    assert "compression" in page.problem.message.object
    page.press()
    assert page.run is None
    assert "compression" in page.message.object


def test_an_uploaded_problem_file_is_read(page):
    page.problem.origin.value = UPLOADED
    assert "no file came" in page.problem.fault
    page.problem.upload.filename = "mine.toml"
    page.problem.upload.value = shipped_text("arch").replace('name = "arch"', "").encode()
    assert page.problem.file.problem.name == "mine"
    page.problem.upload.value = b"[size]\nrows = 2\ncolumns = 3\n"
    assert page.problem.fault.startswith("mine.toml, line 3, size.columns: ")
    page.problem.upload.value = b"name = '<script>'\n[size]\nrows = 0"
    assert "<script>" not in page.problem.message.object


@pytest.mark.parametrize(
    ("contents", "message"),
    [
        (b"\x80\x04\x95", "not UTF-8"),
        (b"#" * 300_000, "bytes"),
        (b"[[targets]]\nplace = 'top'\nu_y = { csv = '/etc/hostname' }\n", "names another one"),
        (b"[body]\npng = 'body.png'\n", "names another one"),
        (b"[cells]\nrib = { png = 'rib.png' }\n", "names another one"),
    ],
)
def test_uploads_are_text_of_one_file(contents, message):
    with pytest.raises(ValueError, match=message):
        uploaded_text(contents)


def test_large_bodies_are_for_the_command_line(page):
    page.problem.origin.value = SHIPPED
    page.problem.name.value = "bridge"
    page.problem.parameters["rows"].value = 200
    assert "use metafast design" in page.problem.fault


def test_drawing_follows_the_body(page):
    draw = page.problem.draw
    draw.plot.source.data = {"x": [0, 8, 16, None], "y": [4, 5, 4, None]}  # one is half made
    assert page.problem.file.problem.target[0, 8, 1] == pytest.approx(0.2)
    draw.cols.value = 8
    np.testing.assert_allclose(draw.plot.points, [[0, 0], [4, 0.2], [8, 0]], atol=1e-12)
    draw.scale.value = 1
    np.testing.assert_allclose(draw.plot.source.data["y"], [4, 4.2, 4])
    draw.plot.tapped(0.5, 0.5)
    assert page.problem.file.problem.present.all()  # taps are for the curve
    draw.tap.value = "cells"
    draw.plot.tapped(0.5, 0.5)
    draw.plot.tapped(99.0, 0.5)
    assert {*zip(*np.nonzero(~page.problem.file.problem.present), strict=True)} == {(3, 0)}
    draw.plot.tapped(0.5, 0.5)
    assert page.problem.file.problem.present.all()
    draw.way.value = "expression"
    draw.expression.value = "0.1*x"
    np.testing.assert_allclose(page.problem.file.problem.target[0, 1:8, 1], 0.1 * np.arange(1, 8))
    draw.expression.value = "0.1*x*"
    assert page.problem.file is None
    draw.rows.value = None
    assert "rows" in page.problem.fault
    page.problem.origin.value = SHIPPED
    page.problem.origin.value = DRAWN
    assert "rows" in page.problem.fault


def test_a_click_in_the_cloud_shows_the_nearest_cell():
    chosen = []
    page = DatabasePage(lambda end, row: chosen.append((end, row)))
    page.load()
    database = shared_database()
    row = int(page._rows[777])
    page.tap(*database.properties[row, [0, 2]])
    shown = page.row.value
    np.testing.assert_allclose(
        database.properties[shown, [0, 2]], database.properties[row, [0, 2]], atol=1e-9
    )
    for value in database.properties[shown]:
        assert f"{value:.4f}" in page.cell.object
    assert f"Cell {shown}" in page.cell.object
    page.upward.value = "poisson"
    assert page.plot.yaxis[0].axis_label == "C12/C22"
    page.first.clicks += 1
    page.last.clicks += 1
    assert chosen == [("first", shown), ("last", shown)]


def test_cells_along_the_way_are_homogenized_in_time(latent):
    vae, took = shared_map().vae, []
    for place in np.linspace(0.0, 1.0, 21):
        latent.slider.value = float(place)
        took.append(latent.milliseconds)
    assert np.median(took) < LIMIT
    ends = vae.encode(shared_database().take([latent.first.value, latent.last.value]))
    latent.slider.value = 0.5
    cell = mf.latent.decode_cells(vae, ends.mean(axis=0)[None]).cells
    for value in mf.homogenize(cell, vae.phases)[0][[0, 0, 1, 2], [0, 1, 1, 2]]:
        assert f"{value:.4f}" in latent.cell.object


def test_the_way_follows_an_arrow(latent):
    found = shared_map()
    latent.way.value, latent.property.value, latent.length.value = ARROW, "C33", 2.0
    arrow = mf.latent.property_arrow(found.z, found.properties, "C33")
    np.testing.assert_allclose(latent._end - latent._start, 2.0 * arrow)
    line = np.stack([latent._line.data["x"], latent._line.data["y"]], 1)
    np.testing.assert_allclose(line, found.project(np.stack([latent._start, latent._end])))
    np.testing.assert_allclose(found.project(found.z), found.plane, atol=1e-6)
    latent.tap(*found.plane[10])
    assert latent.first.value == found.rows[10]
    np.testing.assert_allclose(latent._start, found.z[10], atol=1e-5)


def test_without_torch_the_latent_page_says_what_to_install(monkeypatch):
    monkeypatch.setattr(cells, "_map", mf.CellVAE.default)
    monkeypatch.setitem(sys.modules, "torch", None)
    page = LatentPage()
    page.load()
    assert "pip install torch" in page.message.object
    page.slider.value = 0.5
    page.tap(0.0, 0.0)
    assert page.cell.object == ""


def test_tabs_load_when_they_are_opened():
    page = Page()
    assert page.latent._map is None
    page.load(2)
    page.database.row.value = 1234
    page._walk("last", page.database.row.value)
    page.load(1)
    assert page.latent.last.value == 1234
    assert "homogenized in" in page.latent.cell.object
