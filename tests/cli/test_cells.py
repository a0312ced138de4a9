"""Cells on the command line: what is read, shown, written, relabelled and decoded."""

import csv

import numpy as np
import pytest
from PIL import Image

import metafast as mf
from metafast.database import read_cells


def frames(n=3):
    """Frames of three different widths."""
    cells = np.ones((n, 10, 10), np.uint8)
    for k in range(n):
        cells[k, 1 + k : 9 - k, 2:8] = 0
    return cells


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "png"
    folder.mkdir()
    for k, cell in enumerate(frames()):
        Image.fromarray(255 - 255 * cell).save(folder / f"cell_{k}.png")
    return folder


def test_homogenize_shows_all_stiffnesses_and_constants_with_units(run, pictures, capsys):
    assert run("homogenize", pictures) == 0
    shown = capsys.readouterr()
    for heading in ("C11/E", "C13/E", "C23/E", "E1/E", "nu12", "G12/E", "cell_2"):
        assert heading in shown.out
    assert shown.err == ""
    constants = mf.engineering_constants(mf.homogenize(frames()))
    assert f"{constants.nu12[1]:.6g}" in shown.out
    assert run("homogenize", pictures, "--young", "1800") == 0
    shown = capsys.readouterr().out
    assert "C11 MPa" in shown
    assert f"{1800 * constants.E2[1]:.6g}" in shown


def test_homogenize_writes_a_table(run, pictures, tmp_path, capsys):
    output = tmp_path / "c.csv"
    assert run("homogenize", pictures, "--young", "1800", "--output", output) == 0
    with output.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    c = mf.homogenize(frames(), mf.Material(young=1800.0))
    constants = mf.engineering_constants(c)
    assert [row["cell"] for row in rows] == [f"cell_{k}.png" for k in range(3)]
    for k, row in enumerate(rows):
        assert float(row["C12 [MPa]"]) == c[k, 0, 1]
        assert float(row["C23 [MPa]"]) == c[k, 1, 2]
        assert float(row["E1 [MPa]"]) == constants.E1[k]
        assert float(row["nu12"]) == constants.nu12[k]
        assert float(row["volume"]) == frames()[k].mean()
    assert run("homogenize", pictures, "--output", tmp_path / "c.xyz") == 2
    assert "can be written as .csv or .npy, but the name is 'c.xyz'" in capsys.readouterr().err


def test_what_is_read_how_is_said_once_and_doubts_are_warned_of(run, tmp_path, capsys):
    np.save(tmp_path / "last.npy", np.moveaxis(frames(), 0, 2))
    assert run("homogenize", tmp_path / "last.npy") == 0
    assert capsys.readouterr().out.count("is taken as 3 cells of 10x10 pixels") == 1
    np.save(tmp_path / "inverted.npy", 1 - frames())
    assert run("homogenize", tmp_path / "inverted.npy") == 0
    assert "--solid black" in capsys.readouterr().err
    assert run("homogenize", tmp_path / "inverted.npy", "--solid", "black") == 0
    assert capsys.readouterr().err == ""
    np.save(tmp_path / "corner.npy", np.kron(np.eye(2, dtype=int), np.ones((5, 5), int)))
    assert run("homogenize", tmp_path / "corner.npy") == 0
    assert "touches only at corners in 1 of 1 cells" in capsys.readouterr().err
    assert run("homogenize", tmp_path / "corner.npy", "--corners", "refuse") == 2


@pytest.mark.parametrize("name", ["wide", "empty", "objects.npy", "missing.png", "cells.xyz"])
def test_what_is_no_cell_is_one_line(run, tmp_path, capsys, name):
    (tmp_path / "empty").mkdir()
    (tmp_path / "wide").mkdir()
    Image.new("L", (10, 10), 120).save(tmp_path / "wide" / "a.png")
    np.save(tmp_path / "objects.npy", np.array([1, None], object), allow_pickle=True)
    (tmp_path / "cells.xyz").touch()
    for command in (("homogenize",), ("database", "import")):
        output = tmp_path / ("x.h5" if command[0] == "database" else "x.csv")
        assert run(*command, tmp_path / name, "--output", output) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ")
        assert error.count("\n") == 1
        assert not output.exists()


def test_import_relabel_and_plot(run, pictures, tmp_path, capsys):
    made, other = tmp_path / "a.h5", tmp_path / "b.h5"
    assert run("database", "import", pictures, "--only-orthotropic", "--output", made) == 0
    assert run("database", "relabel", made, "--material", "PLA", "--output", other) == 0
    assert "young=3000" in capsys.readouterr().out
    found = mf.CellDatabase.load(other)
    expected = mf.CellDatabase(frames(), phases=mf.Material.named("PLA"))
    np.testing.assert_allclose(found.properties, expected.properties, rtol=1e-12)
    assert (found.cells == frames()).all()
    assert run("database", "merge", made, other, "--output", tmp_path / "m.h5") == 2
    assert "metafast database relabel" in capsys.readouterr().err
    back = ("--young", 1, "--poisson", 0.49, "--output", tmp_path / "c.h5")
    assert run("database", "relabel", other, *back) == 0
    same = mf.CellDatabase.load(tmp_path / "c.h5").properties
    np.testing.assert_allclose(same, mf.CellDatabase.load(made).properties, rtol=1e-12)
    capsys.readouterr()
    assert run("database", "relabel", other, "--output", tmp_path / "d.h5") == 2
    assert "labelled for this already; give --material" in capsys.readouterr().err
    assert run("database", "plot", other, "--absolute", "--output", tmp_path / "p.png") == 0
    assert run("database", "plot", other, "--output", tmp_path / "p.xyz") == 2
    assert "written as .png, .svg or .pdf" in capsys.readouterr().err


def test_latent_commands_write_their_cells(run, tmp_path, capsys):
    few = ("latent", "sample", "--count", 2, "--rounds", 0, "--cells")
    assert run(*few, tmp_path / "cells", "--output", tmp_path / "p.png") == 0
    names = [path.name for path in sorted((tmp_path / "cells").iterdir())]
    assert names == ["cell_0.png", "cell_1.png"]
    walk = ("latent", "interpolate", "--first", 10, "--last", 2000, "--steps", 4, "--cells")
    assert run(*walk, tmp_path / "walk.h5") == 0
    assert "1 of 4 cells are in pieces" in capsys.readouterr().out
    made = mf.CellDatabase.load(tmp_path / "walk.h5")
    again = mf.CellDatabase(made.cells, phases=made.phases)
    np.testing.assert_allclose(made.properties, again.properties, atol=1e-12)
    for arguments, message in (
        (few[:-1], "nothing would be written; give --output"),
        ((*few, tmp_path / "c.xyz"), "the cells can be written as"),
        ((*few, tmp_path / "cells"), "is not an empty folder"),
        ((*few, tmp_path / "walk.h5"), "is already there"),
        (("latent", "traverse", "--output", tmp_path / "t.xyz"), "written as .png, .svg or .pdf"),
        (("latent", "map", "--output", tmp_path / "t.xyz"), "written as .png, .svg or .pdf"),
    ):
        assert run(*arguments) == 2
        assert message in capsys.readouterr().err
    cells = read_cells(tmp_path / "cells").cells
    assert cells.shape == (2, 50, 50)
    assert 0 < cells.mean() < 1


def test_inverse_designs_and_writes_cells(run, tmp_path, capsys):
    few = ("--pixels", 12, "--iterations", 6, "--cells", tmp_path / "cells.h5")
    picture = ("--output", tmp_path / "p.png")
    assert run("inverse", "0.4,0.1,0.4,0.1", "0.3,-,0.5,-", *few, *picture) == 0
    made = mf.CellDatabase.load(tmp_path / "cells.h5")
    wanted = [[0.4, 0.1, 0.4, 0.1], [0.3, np.nan, 0.5, np.nan]]
    found = mf.inverse_homogenize(wanted, pixels=12, iterations=6)
    np.testing.assert_array_equal(made.cells, found.cells)
    np.testing.assert_array_equal(made.properties, found.properties)
    assert f"{found.properties[1, 2]:.5g}" in capsys.readouterr().out
    assert (tmp_path / "p.png").exists()
    for target, message in (("0.3,0.1", "four numbers"), ("a,b,c,d", "four numbers")):
        assert run("inverse", target, "--cells", tmp_path / "x.npy") == 2
        assert message in capsys.readouterr().err
