"""Interactive report of a design: one file that loads nothing, with the design's own numbers."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from reference.load_cases import squeezed_and_pressed
from reference.pages import Page, figure_of, frames_of, numbers, require_nothing_from_outside

import metafast as mf
from metafast.pipeline.units import Units
from metafast.report.cell_facts import cell_facts

SECTIONS = ["body", "deformation", "path", "properties", "map", "tables", "pictures"]
SMALL = {"swap_rounds": 0, "correction_rounds": 0}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


@pytest.fixture(scope="module")
def made():
    return mf.design(mf.problems.bridge(2, 5, compression=0.1, amplitude=0.05), **SMALL)


@pytest.fixture(scope="module")
def path(made, tmp_path_factory):
    pytest.importorskip("plotly", reason="plotly is not installed; pip install 'metafast[report]'")
    return made.report(tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def text(path):
    return path.read_text(encoding="utf-8")


def test_the_page_loads_nothing_and_has_every_section(text):
    require_nothing_from_outside(text)
    page = Page(text)
    assert [name for name in page.identifiers if name in SECTIONS] == SECTIONS
    assert all(picture["alt"] for picture in page.pictures)
    assert "@media print" in page.styles
    for name in SECTIONS[:5]:
        assert f'aria-labelledby="{name}"' in text
        figure_of(text, f"figure-{name}")


def test_pictures_that_figures_replace_are_beside_the_page(path, text):
    files = {file.stem for file in path.parent.glob("*.png")}
    assert {"structure", "linear_and_finite", "fields", "deformed", "convergence"} <= files
    assert len(Page(text).pictures) == 3


def test_summary_and_tables_are_on_the_page(made, text):
    assert f"RRMSE {made.errors.headline:.4f} at every pixel" in text
    assert "any base material of the same Poisson&#x27;s ratio deforms alike" in text
    assert re.search(r"linear elasticity as in the paper</td><td>[\d.]+<", text)


def test_boxes_and_colours_have_the_numbers_of_the_cells(made, text):
    data, layout = figure_of(text, "figure-body")
    (boxes,) = [trace["text"] for trace in data if trace["name"] == "cells"]
    coloured = {trace["name"]: numbers(trace["z"]) for trace in data if trace["name"] != "cells"}
    database = mf.CellDatabase.default()
    blocks = made.pixels.reshape(2, 50, 5, 50).swapaxes(1, 2)
    checked = 0
    for r, c in np.ndindex(2, 5):
        row, box = int(made.assembly.cells[r, c]), boxes[r][c]
        assert box.startswith(f"<b>row {r}, column {c}</b>, database row {row}<br>")
        assert f"candidate {made.assembly.labels[r, c] + 1} of 10" in box
        assert f"<b>{row}</b>" in box
        wanted = made.field.properties[r, c]
        if not (blocks[r, c] == database.take([row])[0]).all():
            continue  # a bar was added
        own = database.properties[row]
        for k, name in enumerate(("C11", "C12", "C22", "C33")):
            assert f"{name}: wanted {wanted[k]:.4g}, has {own[k]:.4g} E" in box
            assert coloured[f"{name} / E"][r, c] == pytest.approx(own[k], rel=1e-6)
        checked += 1
    assert checked
    assert layout["images"][0]["source"].startswith("data:image/png;base64,")
    names = [button["label"] for button in layout["updatemenus"][0]["buttons"]]
    assert names == list(coloured)


def test_mesh_moves_from_rest_to_what_was_solved(made, text):
    frames = frames_of(text, "figure-deformation")
    assert [frame["name"] for frame in frames] == [f"{k / 10:.1f}" for k in range(11)]
    data, layout = figure_of(text, "figure-deformation")
    panels = [k for k, trace in enumerate(data) if trace["name"] == "nodes"]
    r, c = np.divmod(np.arange(18), 6)
    for frame, share in ((frames[0], 0.0), (frames[-1], 1.0)):
        for k, u in zip(
            panels, (made.response.linear_displacement, made.response.displacement), strict=True
        ):
            x, y = numbers(frame["data"][k]["x"]), numbers(frame["data"][k]["y"])
            np.testing.assert_allclose(x, c + share * u[r, c, 0], atol=1e-6)
            np.testing.assert_allclose(y, 2 - r + share * u[r, c, 1], atol=1e-6)
    steps = layout["sliders"][0]["steps"]
    assert [step["args"][0] for step in steps] == [[frame["name"]] for frame in frames]
    titles = [note["text"] for note in layout["annotations"]]
    assert titles == [
        f"linear elasticity (RRMSE {made.response.linear_rrmse:.4f})",
        f"finite deformation, neo-hookean (RRMSE {made.response.rrmse:.4f})",
    ]


def test_load_path_has_the_equilibria(made, text):
    data, _ = figure_of(text, "figure-path")
    steps = np.sort(made.response.path, order="load")
    for name in ("reaction", "energy", "rrmse"):
        (trace,) = [trace for trace in data if trace["name"] == name]
        np.testing.assert_allclose(numbers(trace["x"]), [0.0, *steps["load"]])
        np.testing.assert_allclose(numbers(trace["y"])[1:], steps[name])


def test_property_space_and_map_have_the_chosen_cells(made, text):
    data, _ = figure_of(text, "figure-properties")
    facts = cell_facts(made)
    chosen = [trace for trace in data if trace["name"].startswith("chosen")]
    for trace, k in zip(chosen, (1, 2, 3), strict=True):
        np.testing.assert_allclose(numbers(trace["x"]), facts.own[..., 0].ravel(), rtol=1e-6)
        np.testing.assert_allclose(numbers(trace["y"]), facts.own[..., k].ravel(), rtol=1e-6)
    data, _ = figure_of(text, "figure-map")
    rows = numbers(data[1]["customdata"])[:, 2]
    assert (rows == made.assembly.cells.ravel()).all()
    assert len(numbers(data[0]["x"])) >= 2500


def test_the_page_is_the_same_each_time(made, path, text, tmp_path):
    """Pictures may differ in their metadata; scripts may not."""
    assert Page(made.report(tmp_path).read_text(encoding="utf-8")).script == Page(text).script


def test_linear_designs_have_one_panel_and_no_path(made, path, tmp_path):
    linear = replace(made, response=mf.solve_structure(made.pixels, made.problem, made.phases))
    text = linear.report(tmp_path).read_text(encoding="utf-8")
    assert "figure-path" not in text
    data, _ = figure_of(text, "figure-deformation")
    assert sum(trace["name"] == "nodes" for trace in data) == 1


def test_units_load_cases_and_designs_of_unknown_cells(made, path, tmp_path):
    known = replace(made, units=Units(2000.0, 10.0, 5.0))
    text = known.report(tmp_path).read_text(encoding="utf-8")
    names = [trace["name"] for trace in figure_of(text, "figure-body")[0]]
    assert "von Mises, MPa" in names
    own, relative = cell_facts(known), cell_facts(made)
    np.testing.assert_allclose(own.von_mises, 2000.0 * relative.von_mises, rtol=1e-5)
    squeezed, pressed = squeezed_and_pressed(2, 3, push=0.02)
    both = mf.load_cases("both", [replace(squeezed, name="</script><i>"), pressed])
    several = mf.design(both, kinematics="linear", **SMALL)
    text = several.report(tmp_path).read_text(encoding="utf-8")
    assert np.shape(figure_of(text, "figure-body")[0][-1]["text"]) == (2, 3)
    notes = [note["text"] for note in figure_of(text, "figure-deformation")[1]["annotations"]]
    assert notes[1:] == ["</script><i>", "pressed"]
    assert "</script><i>" not in text
    unknown = replace(made, provenance={"phases": made.provenance["phases"]})
    text = unknown.report(tmp_path).read_text(encoding="utf-8")
    assert "database=" in text
    assert "figure-map" not in text


def test_maps_of_a_given_encoder_and_database(made, path, tmp_path):
    class Blur:
        def encode(self, cells):
            return cells.reshape(len(cells), 10, 5, 10, 5).mean((2, 4)).reshape(len(cells), -1)

    database = mf.CellDatabase.default()
    unknown = replace(made, provenance={"phases": made.provenance["phases"]})
    text = unknown.report(tmp_path, database=database, encoder=Blur()).read_text(encoding="utf-8")
    assert "latent space of Blur" in text
    with pytest.raises(ValueError, match=r"has 5 cells and the design was made from 100000"):
        made.report(tmp_path, database=database.subset(slice(5)))
    with pytest.raises(ValueError, match=r"database is 'mine'; a metafast\.CellDatabase"):
        made.report(tmp_path, database="mine")
    with pytest.raises(ValueError, match=r"encoder is a str without a method encode"):
        made.report(tmp_path, encoder="mine")


def test_without_plotly_the_report_is_static_and_names_the_cure(made, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "plotly", None)
    monkeypatch.setitem(sys.modules, "plotly.graph_objects", None)
    text = made.report(tmp_path).read_text(encoding="utf-8")
    require_nothing_from_outside(text)
    assert "needs plotly, which is not installed; pip install &#x27;metafast[report]&#x27;" in text
    page = Page(text)
    assert not page.script
    assert len(page.pictures) == len(list(tmp_path.glob("*.png")))


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; apt-get install chromium")
def test_a_browser_opens_the_file_without_errors(path, tmp_path):
    """Every figure is drawn, with no network; whatever is written to the console is an error."""
    options = ("--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr")
    options += (f"--user-data-dir={tmp_path}", "--virtual-time-budget=10000")
    unreachable = "--host-resolver-rules=MAP * ~NOTFOUND"
    run = subprocess.run(
        [CHROMIUM, *options, unreachable, "--dump-dom", path.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ":CONSOLE" not in run.stderr, run.stderr
    for name in SECTIONS[:5]:
        drawn = run.stdout.partition(f'id="figure-{name}"')[2]
        assert "main-svg" in drawn[:3000]
    assert run.stdout.count('class="trace') > 0


@pytest.mark.slow
def test_a_body_of_the_smileys_size_takes_10_megabytes_at_most(made, path, tmp_path):
    problem, database = mf.problems.smiley(), mf.CellDatabase.default()
    n = problem.rows
    rng = np.random.default_rng(0)
    candidates = rng.integers(0, len(database), (n, n, 10))
    labels = rng.integers(0, 10, (n, n))
    cells = np.take_along_axis(candidates, labels[..., None], 2)[..., 0]
    assembly = replace(made.assembly, cells=cells, candidates=candidates, labels=labels)
    blocks = database.take(cells.ravel()).reshape(n, n, 50, 50)
    pixels = np.ascontiguousarray(blocks.swapaxes(1, 2)).reshape(50 * n, 50 * n)

    def moved(step):
        r, c = np.mgrid[: step * n + 1, : step * n + 1] / step
        return np.stack([0.3 * np.sin(c / 9) * np.cos(r / 7), 0.4 * np.cos(c / 11)], axis=-1)

    u = moved(1)
    response = replace(
        made.response,
        displacement=u,
        linear_displacement=0.8 * u,
        nodal_displacement=moved(50),
        solid=pixels > 0,
    )
    large = replace(
        made,
        problem=problem,
        field=replace(made.field, properties=database.properties[cells], displacement=u),
        aim=problem.target,
        certified=assembly,
        assembly=assembly,
        pixels=pixels,
        predicted=u,
        fine_displacement=u,
        response=response,
    )
    text = large.report(tmp_path)
    assert text.stat().st_size <= 10e6
    require_nothing_from_outside(text.read_text(encoding="utf-8"))
