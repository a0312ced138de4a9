"""``metafast export``: designs, databases, families and arrays, and input that is refused."""

import ezdxf
import numpy as np
import pytest
from PIL import Image

import metafast as mf
from metafast.pipeline.design_file import FILE_NAME, write_parts
from metafast.selection import Family


@pytest.fixture(scope="module")
def database():
    return mf.CellDatabase.default().subset(slice(0, 12))


@pytest.fixture(scope="module")
def folder(database, tmp_path_factory):
    """A design, a database, a family and arrays."""
    path = tmp_path_factory.mktemp("sources")
    few = mf.CellDatabase.default().subset(slice(0, None, 500))
    problem = mf.problems.bridge(1, 4, compression=0.1, amplitude=0.05)
    made = mf.design(problem, few, kinematics="linear", swap_rounds=0, correction_rounds=0)
    (path / "run").mkdir()
    write_parts(made, path / "run" / FILE_NAME)  # without pictures and report
    database.save(path / "cells.h5")
    parameter, latents = np.linspace(0.1, 0.9, 12), np.zeros((12, 2))
    parts = database.cells, database.properties, np.arange(12)
    Family(mf.Gradation.isotropic_like(), parameter, latents, *parts).save(path / "family.h5")
    np.save(path / "cell.npy", database.cells[3])
    np.savez(path / "cells.npz", cells=database.cells)
    (path / "other.h5").write_bytes(b"not HDF5")
    return path


def picture(path):
    with Image.open(path) as image:
        return (np.asarray(image) == 0).astype(np.uint8)


def test_a_design_is_written_beside_itself(run, folder, capsys):
    command = ("export", folder / "run", "--png", "--svg", "--csv", "--cell-size", "1cm")
    assert run(*command) == 0
    out = capsys.readouterr().out
    assert "40 x 10 mm" in out
    assert "least solid width" in out
    assert "bridge.svg  " in out
    written = folder / "run" / "export"
    assert {path.name for path in written.iterdir()} == {"bridge.png", "bridge.svg", "bridge.csv"}
    pixels = mf.Design.load(folder / "run").pixels
    np.testing.assert_array_equal(picture(written / "bridge.png"), pixels)
    assert run(*command) == 2
    assert "is already there" in capsys.readouterr().err
    assert run(*command, "--overwrite") == 0


def test_options_reach_the_files(run, folder, tmp_path):
    command = ("export", folder / "run", "--output", tmp_path, "--stl", "--dxf", "--inp")
    lengths = ("--cell-size", "10mm", "--thickness", "5mm", "--frame", "2mm", "--base", "1mm")
    more = ("--young", "3GPa", "--kinematics", "finite", "--order", "quadratic", "--name", "b")
    assert run(*command, *lengths, *more, "--least-width", "0.1mm") == 0
    line = ezdxf.readfile(tmp_path / "b.dxf").modelspace()[0]
    assert np.max(line.get_points("xy"), axis=0).tolist() == [44.0, 14.0]
    deck = (tmp_path / "b.inp").read_text()
    assert "TYPE=CPS8" in deck
    assert "NLGEOM" in deck
    assert "\n3000, " in deck
    heights = np.frombuffer((tmp_path / "b.stl").read_bytes()[84:], np.uint8).reshape(-1, 50)
    heights = heights[:, 12:48].copy().view("<f4").reshape(-1, 3)[:, 2]
    assert {0.0, 1.0, 6.0} <= set(np.round(heights, 6))
    assert (heights.min(), heights.max()) == (0.0, 6.0)


@pytest.mark.parametrize("source", ["cells.h5", "family.h5", "cells.npz"])
def test_cells_are_laid_out_on_a_sheet(run, folder, database, tmp_path, source):
    command = ("export", folder / source, "--output", tmp_path, "--png", "--cell-size", "10mm")
    assert run(*command, "--rows", "3,7-9", "--columns", "2") == 0
    sheet = mf.cell_sheet(database.cells[[3, 7, 8, 9]], 2)
    np.testing.assert_array_equal(picture(tmp_path / "cells.png"), sheet)


def test_a_single_cell_is_written_as_it_is(run, folder, database, tmp_path):
    assert (
        run("export", folder / "cell.npy", "--output", tmp_path, "--png", "--cell-size", "5mm") == 0
    )
    np.testing.assert_array_equal(picture(tmp_path / "cells.png"), database.cells[3])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run",), "no format was asked for; add one of --stl, --3mf"),
        (("run", "--svg"), "give it in mm (--cell-size 10mm"),
        (("run", "--svg", "--cell-size", "0mm"), "--cell-size: '0mm' is not above 0"),
        (("run", "--svg", "--cell-size", "10"), "--cell-size: '10' is not a number with a unit"),
        (("run", "--svg", "--cell-size", "10 kg"), "--cell-size: '10 kg' is not a number"),
        (("run", "--stl", "--cell-size", "9mm"), "--thickness 5mm"),
        (("run", "--svg", "--cell-size", "9mm", "--least-width", "4mm"), "mm below the least"),
        (("run", "--svg", "--cell-size", "9mm", "--rows", "1"), "--rows and --columns choose"),
        (("run", "--svg", "--cell-size", "9mm", "--output", "/proc/no"), "cannot write into"),
        (("cells.h5", "--svg"), "add --cell-size 10mm"),
        (("cells.h5", "--vtu", "--cell-size", "9mm"), "--vtu need displacements, stresses"),
        (("cells.h5", "--svg", "--cell-size", "9mm", "--rows", "12"), "beyond the 12 cells"),
        (("cells.h5", "--svg", "--cell-size", "9mm", "--rows", "a"), "--rows came with 'a'"),
        (("cells.h5", "--svg", "--cell-size", "9mm", "--rows", "0-999999999999"), "beyond the 12"),
        (("cells.h5", "--svg", "--cell-size", "9mm", "--rows", "5-3"), "ends before it starts"),
        (("cells.h5", "--svg", "--cell-size", "9mm", "--rows", "\u00b2"), "--rows came with"),
        (("cells.h5", "--svg", "--cell-size", "9mm", "--young", "3GPa"), "--young need"),
        (
            ("cells.h5", "--svg", "--cell-size", "9mm", "--young", "x"),
            "is not a number with a unit",
        ),
        (("other.h5", "--svg", "--cell-size", "9mm"), "cannot be read"),
        (("none", "--svg", "--cell-size", "9mm"), "there is nothing at"),
    ],
)
def test_wrong_input_ends_in_one_clear_line(run, folder, tmp_path, capsys, arguments, message):
    source, *options = arguments
    place = () if "--output" in options else ("--output", tmp_path / "new")
    assert run("export", folder / source, *options, *place) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1
    assert message in lines[0]
    assert not (tmp_path / "new").exists()
