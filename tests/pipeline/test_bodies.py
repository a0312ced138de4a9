"""Designs of bodies with holes and passive cells, linear and at finite deformation."""

from dataclasses import asdict

import numpy as np
import pytest
from reference.problems import with_body
from reference.reopened import reopened

import metafast as mf
from metafast.assembly.body_cells import body_properties
from metafast.macro import macro_model
from metafast.pipeline.presentation import tables_of

BODY = np.zeros((3, 8), int)
BODY[1, 3:5] = -1  # a hole
BODY[0, :2] = -1  # a corner cut off
BODY[[1, 2], [7, 7]] = 1, 2  # solid, and given
GIVEN = np.ones((1, 50, 50), int)
GIVEN[0, 15:35, 15:35] = 0
PROBLEM = with_body(mf.problems.bridge(3, 8, compression=0.2, amplitude=0.1), BODY, GIVEN)


@pytest.fixture(scope="module", params=["linear", "finite"])
def made(request):
    linear = request.param == "linear"
    options = {"correction_rounds": 1} if linear else {"correction_rounds": 0, "tolerance": 0.001}
    options |= {"candidates": 5, "swap_rounds": 1, "fine_mesh": 1}
    return mf.design(PROBLEM, kinematics=request.param, **options)


def test_pixels_are_those_of_the_body(made):
    blocks = made.pixels.reshape(3, 50, 8, 50).transpose(0, 2, 1, 3)
    assert not blocks[BODY == -1].any()
    assert blocks[BODY == 1].all()
    assert (blocks[BODY == 2] == GIVEN).all()
    assert blocks[BODY == 0].any(axis=(1, 2)).all()
    assert ((made.assembly.cells >= 0) == (BODY == 0)).all()


def test_the_loop_swaps_designed_cells_only_and_helps(made):
    assert made.errors.pixels < made.errors.open_loop
    assert not made.assembly.labels[BODY != 0].any()
    assert sum(row.swaps for row in made.trace.swaps if row.kept) > 0


def test_figures_are_those_of_new_solutions(made):
    database = mf.CellDatabase.default()
    kinematics = made.options.kinematics
    again = mf.solve_structure(made.pixels, PROBLEM, database.phases, kinematics=kinematics)
    assert made.errors.pixels == pytest.approx(again.rrmse, abs=1e-6)
    assert (np.isfinite(again.displacement[..., 0]) == PROBLEM.nodes).all()
    model = macro_model(PROBLEM, 1, kinematics)
    own = model.macro_nodes(model.solve(body_properties(database, made.assembly.cells, PROBLEM)))
    np.testing.assert_allclose(made.predicted, own, atol=1e-9)
    assert made.certified.lower_bound <= made.certified.energy
    assert made.certified.optimal


def test_files_and_reports(made, tmp_path):
    back = mf.Design.load(made.save(tmp_path))
    assert (back.problem.body == BODY).all()
    assert (back.problem.given == GIVEN).all()
    assert (back.pixels == made.pixels).all()
    np.testing.assert_equal(asdict(back.errors), asdict(made.errors))
    assert (
        "3 x 8 cells (18 designed, 2 passive, 4 absent)" in (tmp_path / "report.html").read_text()
    )
    rows = dict(next(table.rows for table in tables_of(made) if table.title == "assembly"))
    assert rows["sides across which no solid meets"] == "0"


def test_a_body_of_designed_cells_only_gives_the_same_design():
    plain = mf.problems.bridge(2, 5, compression=0.2)
    body = mf.Problem(plain.name, plain.prescribed, plain.target, np.zeros((2, 5), int))
    first, second = (mf.design(p, kinematics="linear", swap_rounds=1) for p in (plain, body))
    assert (first.pixels == second.pixels).all()
    assert (first.response.displacement == second.response.displacement).all()
    np.testing.assert_equal(asdict(first.errors), asdict(second.errors))


def test_files_without_bodies_are_still_read(tmp_path):
    """Files that were written before problems had bodies."""
    import h5py

    from metafast._base.sealed import seal

    made = mf.design(mf.problems.bridge(1, 4), kinematics="linear", swap_rounds=0)
    reopened(made, tmp_path)
    path = tmp_path / "design.h5"
    with h5py.File(path, "r+") as file:
        for name in ("body", "given"):
            del file["problem"].attrs[name]
    seal(path, "metafast-design-3")
    assert mf.Design.load(path).problem.body is None


def test_given_cells_of_another_size_are_refused():
    problem = with_body(mf.problems.bridge(3, 8), BODY, GIVEN[:, :48, :48])
    with pytest.raises(ValueError, match="given cells have 48 pixels a side, and the database's"):
        mf.design(problem, kinematics="linear", swap_rounds=0)


@pytest.mark.slow
def test_the_cloak_hides_a_hole_at_every_pixel():
    """Outside, a bare hole makes a difference of a fifth, a cloaked one of a twentieth."""
    hidden = mf.problems.cloak()
    phases = mf.CellDatabase.default().phases
    base = np.tile(hidden.given[0], (9, 9))
    plate = mf.solve_structure(base, mf.Problem("plate", hidden.prescribed, hidden.target), phases)
    bare = base * np.kron(hidden.present, np.ones((50, 50), int))
    hole = mf.solve_structure(bare, hidden, phases)
    made = mf.design(hidden, kinematics="linear", correction_rounds=1)
    whole = plate.displacement[hidden.wanted]

    def deviation(response):
        change = response.displacement[hidden.wanted] - whole
        return np.linalg.norm(change) / np.linalg.norm(whole)

    assert deviation(hole) > 0.2
    assert deviation(made.response) < 0.05
