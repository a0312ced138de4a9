"""Every pixel of a picture on the command line, and the report of a design anew."""

import numpy as np
import pytest
from PIL import Image

import metafast as mf
from metafast.pipeline.design_file import write_parts

PROBLEM = mf.problems.bridge(1, 3, compression=0.1, amplitude=0.05)
SIZE = ("--rows", 1, "--cols", 3, "--set", "compression=0.1", "--set", "amplitude=0.05")


@pytest.fixture(scope="module")
def made():
    database = mf.CellDatabase.default().subset(slice(0, None, 200))
    return mf.design(PROBLEM, database, kinematics="linear", swap_rounds=0)


@pytest.fixture
def picture(made, tmp_path):
    """Picture of the structure, solid black."""
    path = tmp_path / "body.png"
    Image.fromarray(np.where(made.pixels, 0, 255).astype(np.uint8)).save(path)
    return path


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_a_picture_is_solved_as_its_pixels_are(run, made, picture, tmp_path, capsys, kinematics):
    table = tmp_path / "u.csv"
    assert (
        run("solve", picture, "bridge", *SIZE, "--kinematics", kinematics, "--output", table) == 0
    )
    response = mf.solve_structure(made.pixels, PROBLEM, kinematics=kinematics)
    text = capsys.readouterr().out
    assert f"{response.rrmse:.4f}" in text
    assert ("stable at the full load" in text) == (kinematics == "finite")
    written = np.loadtxt(table, delimiter=",", skiprows=1)
    np.testing.assert_array_equal(written[:, 2:].reshape(2, 4, 2), response.displacement)
    assert written[-1, :2].tolist() == [1, 3]


def test_greys_are_divided_where_asked_and_a_design_has_its_pixels(run, made, tmp_path, capsys):
    path = tmp_path / "grey.png"
    Image.fromarray(np.where(made.pixels, 100, 255).astype(np.uint8)).save(path)
    assert run("solve", path, "bridge", *SIZE) == 2
    assert "--threshold 128" in capsys.readouterr().err
    write_parts(made, tmp_path / "design.h5")
    tables = [tmp_path / "grey.csv", tmp_path / "file.csv", tmp_path / "folder.csv"]
    options = (*SIZE, "--kinematics", "linear", "--output")
    assert run("solve", path, "bridge", "--threshold", 128, *options, tables[0]) == 0
    assert run("solve", tmp_path / "design.h5", "bridge", *options, tables[1]) == 0
    assert run("solve", tmp_path, "bridge", *options, tables[2]) == 0
    assert len({table.read_text() for table in tables}) == 1


def test_what_is_no_structure_of_the_problem_is_refused(run, picture, tmp_path, capsys):
    cells = tmp_path / "cells.npy"
    np.save(cells, np.ones((3, 50, 50), np.uint8))
    table = tmp_path / "u.csv"
    for arguments, message in (
        ((cells, "bridge", *SIZE), "holds 3 pictures; one of the whole structure is needed"),
        ((picture, "bridge"), "pixels"),
        ((picture, "bridge", *SIZE, "--output", tmp_path / "u.xyz"), ".csv"),
        ((picture, "bridge", *SIZE, "--law", "hooke"), "--law"),
    ):
        assert run("solve", *arguments) == 2
        assert message in capsys.readouterr().err
    assert not table.exists()


@pytest.mark.filterwarnings("ignore:the report is without pictures")
def test_a_report_is_written_anew(run, made, tmp_path, capsys):
    write_parts(made, tmp_path / "design.h5")
    assert run("report", tmp_path) == 0
    page = tmp_path / "report.html"
    assert str(page) in capsys.readouterr().out
    assert "1 x 3 cells" in page.read_text(encoding="utf-8")
    assert run("report", tmp_path / "design.h5") == 2
    assert "is already there" in capsys.readouterr().err
    assert run("report", tmp_path, "--overwrite") == 0
    assert run("report", tmp_path, "--output", tmp_path / "elsewhere") == 0
    assert (tmp_path / "elsewhere" / "report.html").is_file()
