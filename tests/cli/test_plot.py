"""Figures of designs on the command line."""

import numpy as np
import pytest
from PIL import Image

import metafast as mf
from metafast.pipeline.design_file import write_parts


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Directory of a small design."""
    place = tmp_path_factory.mktemp("runs") / "bridge"
    place.mkdir()
    problem = mf.problems.bridge(1, 4, compression=0.1, amplitude=0.05)
    database = mf.CellDatabase.default().subset(slice(0, None, 200))
    made = mf.design(problem, database, kinematics="linear", swap_rounds=0)
    write_parts(made, place / "design.h5")
    return place


def test_figures_of_a_design_are_listed(run, folder, capsys):
    assert run("plot", folder) == 0
    text = capsys.readouterr().out
    for name in ("problem", "fields", "structure", "deformed", "convergence", "property-cloud"):
        assert name in text
    assert "load-path" not in text
    assert "verification" not in text


def test_a_figure_is_written_beside_the_design(run, folder, capsys):
    assert run("plot", folder, "--figure", "deformed", "--width", "single") == 0
    written = folder / "deformed.pdf"
    assert str(written) in capsys.readouterr().out
    assert written.read_bytes().startswith(b"%PDF")
    assert run("plot", folder / "design.h5", "--figure", "deformed") == 2
    assert "is already there" in capsys.readouterr().err
    assert run("plot", folder, "--figure", "deformed", "--overwrite") == 0


def test_options_reach_the_figure(run, folder, tmp_path, capsys):
    output = tmp_path / "x.svg"
    options = ("--component", "x", "--no-title", "--output", output)
    assert run("plot", folder, "--figure", "deformed", *options) == 0
    text = output.read_text()
    assert "deformed at true scale" not in text
    output = tmp_path / "x.png"
    arguments = ("--figure", "structure", "--width", "60mm", "--output", output)
    assert run("plot", folder, *arguments) == 0
    with Image.open(output) as picture:
        assert picture.size[0] == pytest.approx(60 / 25.4 * 300, abs=1)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--figure", "load-path"), "there is no figure 'load-path' of this design"),
        (("--figure", "pixels"), "figure is 'pixels'; use one of 'problem'"),
        (("--figure", "structure", "--output", "a.eps"), "as .png, .svg or .pdf"),
        (("--figure", "structure", "--component", "x"), "has no option 'component'"),
        (("--figure", "fields", "--width", "wide"), "--width"),
        (("--figure", "fields", "--width", "2mm"), "width is 2"),
    ],
)
def test_what_cannot_be_drawn_is_refused(run, folder, capsys, arguments, message):
    before = sorted(folder.iterdir())
    assert run("plot", folder, *arguments) == 2
    assert message in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


def test_a_verification_beside_the_design_is_a_figure(run, folder, tmp_path, capsys):
    made = mf.Design.load(folder)
    mf.verify(made, refine=1, laws="neo-hookean", outside=False).save(folder)
    assert run("plot", folder) == 0
    assert "verification" in capsys.readouterr().out
    output = tmp_path / "paths.svg"
    assert run("plot", folder, "--figure", "verification", "--output", output) == 0
    assert "neo-hookean, 1 x 1" in output.read_text()


def test_other_commands_take_a_width(run, tmp_path, capsys):
    database = mf.CellDatabase.default().subset(slice(0, None, 2000))
    database.save(tmp_path / "cells.h5")
    for width, mm in (("single", 89), ("10cm", 100)):
        output = tmp_path / f"{width}.png"
        assert (
            run("database", "plot", tmp_path / "cells.h5", "--output", output, "--width", width)
            == 0
        )
        with Image.open(output) as picture:
            assert picture.size[0] == pytest.approx(mm / 25.4 * 300, abs=1)
            assert np.asarray(picture.convert("L")).min() < 200
    assert run("problem", "draw", "arch", "--output", tmp_path / "a.pdf", "--width", "single") == 0
    assert b"/MediaBox [ 0 0 252" in (tmp_path / "a.pdf").read_bytes()
    capsys.readouterr()
