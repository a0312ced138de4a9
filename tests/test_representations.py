"""Results in one line, and as HTML in notebooks: sizes and figures, pictures of pixels."""

import base64
import io
import re
import warnings
from dataclasses import dataclass, replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import metafast as mf
from metafast._base.html import cell_table, picture, spread, table, titled
from metafast._base.one_line import one_line

LONGEST = 300  # characters


@dataclass
class Result:
    values: object
    empty: object = ()
    none: object = None
    text: str = "a"
    share: float = 1 / 3
    nothing: float = float("nan")
    rows: object = (1, 2)
    long: object = "b" * 100
    _hidden: int = 1

    __repr__ = one_line


def test_arrays_are_told_by_their_shape():
    text = "Result(values=<2x3 float64>, text='a', share=0.3333, rows=<2 tuple items>, long=<str>)"
    assert repr(Result(np.zeros((2, 3)))) == text
    assert "values=<4 records>" in repr(Result(np.zeros(4, dtype=[("a", int)])))
    assert "values=<Result>" in repr(Result(Result(np.zeros(9)), empty=0))
    assert "values" not in repr(Result(np.zeros(0)))


@pytest.fixture(scope="module")
def made():
    problem = mf.problems.bridge(rows=2, cols=4, compression=0.1, amplitude=0.05)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return mf.design(problem, kinematics="linear", swap_rounds=0)


def pictures(text):
    """Pictures in HTML, as arrays of greys."""
    found = re.findall(r'src="data:image/png;base64,([^"]*)"', text)
    return [np.asarray(Image.open(io.BytesIO(base64.b64decode(each)))) for each in found]


def well_formed(text):
    """HTML whose elements are all closed, as pictures need not be."""
    return ElementTree.fromstring(re.sub(r"(<img [^>]*)>", r"\1/>", text))


def test_a_design_is_one_line(made):
    line = repr(made)
    assert f"RRMSE {made.errors.headline:.4f}" in line
    assert line.startswith("Design('bridge', 2 x 4 cells, 100x200 pixels, ")
    assert "proved optimal" in line
    parts = (made.problem, made.field, made.certified, made.response, made.trace)
    for each in (made, *parts):
        text = repr(each)
        assert "\n" not in text
        assert len(text) <= LONGEST
        assert type(each).__name__ in text
    assert (
        repr(made.problem) == f"Problem('bridge', 2x4 cells, {made.problem.wanted.sum()} targets)"
    )


def test_a_design_in_a_notebook_has_its_pixels_and_errors(made):
    text = made._repr_html_()
    well_formed(text)
    (shown,) = pictures(text)
    np.testing.assert_array_equal(shown < 128, made.pixels.astype(bool))
    assert f"{made.errors.pixels:.4f}" in text


def test_loads_and_cases_are_named():
    assert "forces" in repr(mf.problems.gripper())
    squeezed = mf.problems.bridge()
    cases = mf.load_cases("two", [squeezed, replace(squeezed, name="again")])
    assert "2 load cases" in repr(cases)


def test_a_database_shows_cells_from_soft_to_stiff():
    database = mf.CellDatabase.default().subset(slice(0, None, 1000))
    text = database._repr_html_()
    root = well_formed(text)
    rows = [int(each.text) for each in root.findall(".//tr")[1].findall("td")]
    assert len(rows) == 8
    stiffness = database.properties[rows, 0]
    assert (np.diff(stiffness) >= 0).all()
    assert stiffness[0] == database.properties[:, 0].min()
    for row, shown in zip(rows, pictures(text), strict=True):
        np.testing.assert_array_equal(shown < 128, database.take([row])[0].astype(bool))


def test_families_decoded_and_read_cells_have_pictures(tmp_path):
    database = mf.CellDatabase.default().subset(slice(0, None, 10000))
    count = len(database)
    gradation = mf.Gradation.isotropic_like(database.phases.solid)
    parameter = np.linspace(0.1, 0.5, count)
    rows = np.arange(count)
    family = mf.Family(
        gradation, parameter, np.zeros((count, 2)), database.cells, database.properties, rows
    )
    yes = np.ones(count, dtype=bool)
    decoded = mf.DecodedCells(
        np.zeros((count, 2)), database.cells, np.full(count, 0.9), database.properties, *[yes] * 3
    )
    np.save(tmp_path / "cells.npy", database.cells)
    read = mf.read_cells(tmp_path / "cells.npy")
    inverse = mf.InverseResult(
        database.cells, database.properties, np.zeros(count), yes, np.zeros((1, count))
    )
    for each in (family, decoded, read, inverse):
        text = each._repr_html_()
        well_formed(text)
        assert len(pictures(text)) == 8
        assert "\n" not in repr(each)
        assert len(repr(each)) <= LONGEST


def test_large_pictures_are_scaled_down_and_text_is_escaped():
    (shown,) = pictures(picture(np.ones((3000, 1500)), 100))
    assert shown.shape == (1200, 600)
    assert "&lt;b&gt;" in table([("<b>", "1")])
    assert "&lt;b&gt;" in titled("<b>")
    assert "&lt;b&gt;" in cell_table(np.ones((1, 2, 2)), {"<b>": [1.0]})


@pytest.mark.parametrize("count", [1, 2, 8, 9, 1000])
def test_shown_cells_include_both_ends(count):
    shown = spread(count)
    assert shown[0] == 0
    assert shown[-1] == count - 1
    assert len(shown) == min(count, 8)
