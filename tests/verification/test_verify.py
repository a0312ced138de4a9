"""Verification: what it measures, its limits on fine meshes, its file and its messages."""

import json

import numpy as np
import pytest
from reference.structure import random_structure

import metafast as mf
from metafast._base.equilibrium import NoEquilibriumError
from metafast.problems import Problem
from metafast.verification import verify as public
from metafast.verification.extrapolation import extrapolate
from metafast.verification.readings import nodal_reading, rrmse_of_read

SIDE = 10


def arch():
    """A short bridge under a part of its load, so that it is stable."""
    given = mf.problems.bridge(2, 4, amplitude=0.2)
    return Problem("arch", given.prescribed * 0.15, given.target * 0.15)


@pytest.fixture(scope="module")
def pixels():
    return random_structure(2, 4, SIDE, seed=3, solid=0.75)


@pytest.fixture(scope="module")
def verified(pixels):
    return mf.verify(pixels, arch(), mf.Material(poisson=0.3), outside=False)


def test_there_is_a_row_for_each_law_and_mesh(verified):
    rows = [(each.kinematics, each.law, each.refine) for each in verified.solutions]
    kinds = [("linear", "linear"), ("finite", "neo-hookean"), ("finite", "st-venant-kirchhoff")]
    assert rows == [(*kind, mesh) for kind in kinds for mesh in (1, 2)]
    assert all(each.is_solved and each.stable for each in verified.solutions)
    assert [each.law for each in verified.extrapolations] == [law for _, law in kinds]


def test_figures_are_those_of_the_solutions(verified, pixels):
    problem, material = arch(), mf.Material(poisson=0.3)
    for kinematics, law in (("linear", "linear"), ("finite", "st-venant-kirchhoff")):
        options = {"law": law} if kinematics == "finite" else {}
        coarse, fine = (
            mf.solve_structure(
                pixels, problem, material, kinematics=kinematics, refine=mesh, **options
            )
            for mesh in (1, 2)
        )
        row = verified.solution(law, 2)
        assert (row.rrmse, row.largest_strain) == (fine.rrmse, fine.largest_strain)
        assert row.overlapping_nodes == fine.overlapping_nodes
        found, change = verified.extrapolation(law), fine.displacement - coarse.displacement
        first, second = (problem.rrmse(fine.displacement + change / k) for k in (1.0, 3.0))
        assert found.rrmse == pytest.approx(first, rel=1e-12)
        assert found.second_order_rrmse == pytest.approx(second, rel=1e-12)
        reading = nodal_reading(fine.nodal_displacement, problem, 2)
        assert row.node_rrmse == rrmse_of_read(problem, reading)[0]


def test_the_headline_is_finite_neo_hookean_and_extrapolated(verified):
    assert verified.headline == verified.extrapolation("neo-hookean").rrmse
    assert verified.headline_source.startswith("neo-hookean, extrapolated from 1 and 2")


def test_the_load_path_ends_at_the_figure(verified):
    for each in verified.solutions:
        if each.kinematics == "finite":
            assert each.steps["load"][-1] == 1.0
            assert each.steps["rrmse"][-1] == pytest.approx(each.rrmse, rel=1e-12)
            # the energy is the work of the reactions
            load, reaction = (np.r_[0.0, each.steps[k]] for k in ("load", "reaction"))
            work = np.trapezoid(reaction, load)
            assert each.steps["energy"][-1] == pytest.approx(work, rel=0.05)


def test_it_is_written_and_reopens(verified, tmp_path):
    folder = verified.save(tmp_path / "here")
    assert {path.name for path in folder.iterdir()} == {"verification.json", "load_path.png"}
    assert (folder / "load_path.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert mf.Verification.load(folder) == verified
    path = folder / "verification.json"
    data = json.loads(path.read_text())
    assert mf.Verification.load(path).headline == verified.headline
    assert data["format"] == "metafast-verification-2"
    path.write_text(json.dumps(data | {"format": "metafast-verification-9"}))
    with pytest.raises(ValueError, match="verify again"):
        mf.Verification.load(path)
    with pytest.raises(ValueError, match="there is no verification"):
        mf.Verification.load(tmp_path)


def test_tables_say_what_the_figures_mean(verified):
    errors, remarks = verified.tables()
    assert len({len(row) for row in errors.rows}) == 1
    assert [row[1] for row in errors.rows] == ["mesh", *["1", "2", "limit"] * 3]
    said = " ".join(line for (line,) in remarks.rows)
    assert "contact is not modelled" in said
    assert "order 1.00 assumed from meshes 1, 2" in said


def test_a_lost_solution_leaves_the_others(monkeypatch, pixels, tmp_path):
    import metafast.verification.solving as module

    solve = module.solve_structure

    def limited(*arguments, **options):
        if options["refine"] == 3:
            raise MemoryError("60 GiB are needed")
        if options["law"] != "neo-hookean" and options["refine"] == 2:
            raise NoEquilibriumError("slender members collapse", 0.53)
        return solve(*arguments, **options)

    monkeypatch.setattr(module, "solve_structure", limited)
    found = mf.verify(pixels, arch(), refine=(1, 2, 3), outside=False)
    lost = [(each.law, each.refine) for each in found.solutions if not each.is_solved]
    assert lost == [
        ("linear", 3), ("neo-hookean", 3), ("st-venant-kirchhoff", 2), ("st-venant-kirchhoff", 3)
    ]  # fmt: skip
    assert found.solution("st-venant-kirchhoff", 2).load == 0.53
    assert found.extrapolation("st-venant-kirchhoff") is None
    assert found.headline == found.extrapolation("neo-hookean").rrmse < np.inf
    assert mf.Verification.load(found.save(tmp_path)) == found
    rows = {row[:2]: row[2] for row in found.tables()[0].rows}
    assert rows["neo-hookean", "3"] == "no memory"
    assert rows["st-venant-kirchhoff", "2"] == "none"
    # a body that does not reach its load on a mesh has no error to show
    other = mf.verify(pixels, arch(), refine=(1, 2), laws=("st-venant-kirchhoff",), outside=False)
    assert other.headline == np.inf
    assert "collapse" in other.headline_source


def test_scikit_fem_agrees(pixels):
    pytest.importorskip("skfem")
    found = public(pixels, arch(), refine=1, outside="scikit-fem")
    assert [each.law for each in found.judgements] == ["neo-hookean", "st-venant-kirchhoff"]
    for each in found.judgements:
        assert each.difference < 1e-6
        assert each.from_rest
        assert each.rrmse == pytest.approx(found.solution(each.law, 1).rrmse, rel=1e-6)
    assert found.headline == found.solution("neo-hookean", 1).rrmse


def test_judges_without_an_answer_say_why(pixels):
    plane_strain = mf.Material(poisson=0.3, plane="strain")
    found = public(pixels, arch(), plane_strain, refine=1, laws="neo-hookean", outside="torch-fem")
    assert "plane stress only" in found.judgements[0].note
    assert "plane stress only" in str(found.tables()[-1].rows)


def test_readings_are_exact_at_solid_nodes_and_near_at_pores():
    problem = Problem("one", *two_nodes())
    field = np.zeros((2 * SIDE + 1, 2 * SIDE + 1, 2))
    i, j = np.indices(field.shape[:2])
    field[..., 1] = 100.0 * i + j
    assert nodal_reading(field, problem)[1, 1, 1] == 100.0 * SIDE + SIDE
    field[SIDE - 2 : SIDE + 3, SIDE - 3 : SIDE + 4] = np.nan
    assert nodal_reading(field, problem)[1, 1, 1] in (1000 - 300 + SIDE, 1000 + 300 + SIDE)
    field[2:-2, 2:-2] = np.nan
    reading = nodal_reading(field, problem)
    assert np.isnan(reading[1, 1]).all()
    assert rrmse_of_read(problem, reading) == (np.inf, 1)


def two_nodes():
    """Supports of a square of 2x2 cells, and a target in its middle."""
    prescribed = np.full((3, 3, 2), np.nan)
    prescribed[:, 0] = 0.0
    target = np.full((3, 3, 2), np.nan)
    target[1, 1, 1] = 0.5
    return prescribed, target


@pytest.mark.parametrize("order", [1.0, 1.4, 2.0])
def test_three_meshes_show_their_order_and_limit(order):
    problem = Problem("one", *two_nodes())
    limit, error = np.zeros((3, 3, 2)), np.zeros((3, 3, 2))
    limit[1, 1, 1], error[1, 1, 1] = 0.45, -0.1
    fits = {mesh: limit + error / mesh**order for mesh in (1, 2, 4)}
    found = extrapolate(problem, "finite", "neo-hookean", fits, fits)
    assert found.is_observed
    assert found.order == pytest.approx(order)
    assert found.rrmse == pytest.approx(0.1)
    two = extrapolate(problem, "finite", "neo-hookean", {k: fits[k] for k in (2, 4)}, fits)
    assert (two.levels, two.order, two.is_observed) == ((2, 4), 1.0, False)
    if order == 1.0:
        assert two.rrmse == pytest.approx(0.1)
    if order == 2.0:
        assert two.second_order_rrmse == pytest.approx(0.1)
    assert extrapolate(problem, "linear", "linear", {1: fits[1]}, fits) is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"refine": 0}, "refine is 0"),
        ({"refine": ()}, "refine is empty"),
        ({"laws": "hooke"}, "law is 'hooke'"),
        ({"laws": ()}, "laws is empty"),
        ({"outside": "abaqus"}, "the judges are scikit-fem, calculix, torch-fem"),
        ({"outside": 3}, "outside is 3"),
    ],
)
def test_bad_options_are_refused(pixels, options, message):
    with pytest.raises(ValueError, match=message):
        mf.verify(pixels, arch(), **options)


def test_pixels_need_a_problem(pixels):
    with pytest.raises(ValueError, match=r"pixels with a metafast\.Problem"):
        mf.verify(pixels)
