"""Tables, summary and pictures of a design at finite deformation."""

import re
from dataclasses import replace

import numpy as np
import pytest
from reference.pages import Page

import metafast as mf
from metafast.pipeline.presentation import tables_of
from metafast.report import summary_lines


@pytest.fixture(scope="module")
def made():
    problem = mf.problems.bridge(1, 4, compression=0.1, amplitude=0.05)
    return mf.design(problem, swap_rounds=0, correction_rounds=0)


def test_finite_and_linear_errors_stand_side_by_side(made):
    assert made.errors.linear == made.response.linear_rrmse
    rows = dict(tables_of(made)[0].rows)
    assert rows["every pixel"] == f"{made.response.rrmse:.4f}"
    assert rows["every pixel, linear elasticity as in the paper"] == f"{made.errors.linear:.4f}"
    first = summary_lines(made.problem, made.errors, made.certified, made.trace)[0]
    assert f"RRMSE {made.errors.headline:.4f} at every pixel" in first
    assert f"linear {made.errors.linear:.4f}" in first


def test_both_meshes_and_their_limit_are_shown_where_there_are_two(made):
    errors = replace(made.errors, fine=0.123, extrapolated=0.234)
    first = summary_lines(made.problem, errors, made.certified, made.trace)[0]
    assert "RRMSE 0.2340 at every pixel in the limit of fine meshes" in first
    assert f"finer mesh 0.1230; mesh of the loop {errors.pixels:.4f}" in first


def test_stability_and_overlaps_are_in_a_table(made):
    rows = dict(
        next(table.rows for table in tables_of(made) if table.title == "finite deformation")
    )
    assert rows["law of the solid"] == "neo-hookean"
    assert rows["stable at the full load"] == ("yes" if made.response.stable else "NO")
    assert rows["largest strain"] == f"{made.response.largest_strain:.3f}"
    unstable = replace(made, response=replace(made.response, stable=False, critical_load=0.41))
    rows = dict(next(table.rows for table in tables_of(unstable) if "stable" in str(table.rows)))
    assert rows["stable at the full load"] == "NO"
    assert rows["least load with an unstable equilibrium"] == "0.410 of the load"


def test_pictures_of_finite_deformation_are_in_the_report(made, tmp_path):
    text = made.report(tmp_path).read_text()
    pictures = {path.stem for path in tmp_path.glob("*.png")}
    assert {"deformed", "linear_and_finite"} <= pictures
    assert ("equilibria" in pictures) == (len(made.response.path) > 1)
    interactive = 'id="figure-deformation"' in text
    replaced = {"structure", "linear_and_finite", "equilibria"} if interactive else set()
    assert len(Page(text).pictures) == len(pictures - replaced)
    assert re.search(r"linear elasticity as in the paper</td><td>[\d.]+<", text)


def test_linear_designs_have_no_table_of_finite_deformation(made, tmp_path):
    solved = mf.solve_structure(made.pixels, made.problem, made.phases)
    linear = replace(made, response=solved)
    assert "finite deformation" not in [table.title for table in tables_of(linear)]
    linear.report(tmp_path)
    assert not (tmp_path / "linear_and_finite.png").exists()


def test_phases_are_those_of_the_database():
    database = mf.CellDatabase.default().subset(slice(0, None, 200))
    soft = mf.CellDatabase(database.cells[:60], phases=mf.Material(poisson=0.3))
    problem = mf.problems.bridge(1, 4, compression=0.1, amplitude=0.05)
    made = mf.design(problem, soft, swap_rounds=0, kinematics="linear", least_side_solid=0.0)
    assert made.phases == soft.phases
    assert replace(made, provenance={}).phases == mf.Phases()
    found = mf.verify(made, refine=1, laws="neo-hookean", outside=False)
    assert found.material == str(soft.phases.solid)
    assert np.isfinite(found.solution("linear", 1).rrmse)
