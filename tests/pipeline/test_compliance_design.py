"""Designs of least compliance within a bound on the solid, at every pixel."""

import dataclasses

import numpy as np
import pytest

import metafast as mf
from metafast.assembly.body_cells import body_properties
from metafast.homogenization import properties_of
from metafast.macro import macro_model
from metafast.pipeline.presentation import tables_of
from metafast.report import stiffness_text, summary_lines

BOUND = 0.5


def bracket(**changes):
    """A short clamped beam, loaded along its end."""
    prescribed = np.full((3, 5, 2), np.nan)
    prescribed[:, 0] = 0.0
    tractions = np.zeros((2, 4, 4, 2))
    tractions[:, -1, 1, 1] = -0.0005
    given = {"objective": "compliance", "solid_share": BOUND, "tractions": tractions, **changes}
    return mf.Problem("bracket", prescribed, **given)


PROBLEM = bracket()


@pytest.fixture(scope="module")
def database():
    return mf.CellDatabase.default().subset(slice(None, None, 20))


@pytest.fixture(scope="module", params=["linear", "finite"])
def made(request, database):
    return mf.design(PROBLEM, database, kinematics=request.param, space_nodes=16)


def test_the_bound_holds_in_pixels(made, database):
    blocks = made.pixels.reshape(2, 50, 4, 50).mean(axis=(1, 3))
    assert made.solid_share == pytest.approx(blocks.mean(), rel=1e-12)
    assert 0.9 * BOUND < made.solid_share <= BOUND
    assert 0.98 * BOUND < made.field.solid_share <= 1.0002 * BOUND
    assert made.field.feasible
    shares = database.solid_share[made.assembly.cells]
    np.testing.assert_allclose(shares, blocks, rtol=1e-12)


def test_compliance_is_that_of_new_solutions(made, database):
    kinematics = made.options.kinematics
    again = mf.solve_structure(made.pixels, PROBLEM, database.phases, kinematics=kinematics)
    assert made.compliance.pixels == pytest.approx(again.work, rel=1e-6)
    assert np.isnan(again.rrmse)
    model = macro_model(PROBLEM, 1, kinematics)
    own = model.work(model.solve(body_properties(database, made.assembly.cells, PROBLEM)))
    assert made.compliance.own_cells == pytest.approx(own, rel=1e-8)
    assert 0.5 < made.compliance.macro / made.compliance.pixels < 1.2


def test_more_solid_is_stiffer(database):
    options = {"kinematics": "linear", "space_nodes": 16}
    found = [
        mf.design(bracket(solid_share=bound), database, **options).compliance.pixels
        for bound in (0.5, None)
    ]
    assert found[0] > 1.4 * found[1]
    # the homogeneous solid body is the stiffest there is
    solid = mf.solve_structure(np.ones((100, 200), bool), PROBLEM)
    assert found[1] > 0.999 * solid.work


def test_the_report_has_compliance_in_place_of_errors(made, tmp_path):
    back = mf.Design.load(made.save(tmp_path))
    assert back.compliance == made.compliance
    assert back.problem.objective == "compliance"
    assert back.problem.solid_share == BOUND
    titles = [table.title for table in tables_of(back)]
    assert "compliance, the work of the loads" in titles
    assert "solid share" in titles
    assert not any("RRMSE" in title or title == "closed loop" for title in titles)
    line = summary_lines(
        made.problem, made.errors, made.certified, made.trace, stiffness=stiffness_text(made)
    )[0]
    assert f"compliance {made.compliance.pixels:.4g} E t w^2 at every pixel" in line
    assert f"{made.solid_share:.1%} solid, at most 50.0% asked" in line
    assert "nan" not in line
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "nan" not in text.lower().split("made with")[0][-4000:]
    assert "deforms alike" not in text  # under forces the stiffness itself counts


def test_loops_are_for_displacements(made, database):
    for options in ({"swap_rounds": 2}, {"correction_rounds": 1}, {"property_rounds": 3}):
        with pytest.raises(ValueError, match="asks for the least compliance, and the loops lower"):
            mf.design(PROBLEM, database, **options)
    with pytest.raises(ValueError, match="fine_mesh is 2"):
        mf.design(PROBLEM, database, fine_mesh=2)
    assert made.options.rounds == made.options.corrections == made.options.own_rounds == 0


def test_too_little_solid_is_said(database):
    with pytest.raises(ValueError, match=r"the candidates of least solid have .* raise it"):
        mf.design(bracket(solid_share=0.15), database, kinematics="linear", space_nodes=16)


def test_candidates_with_too_much_solid_lower_the_bound_of_the_macro_stage(database):
    """One candidate each leaves no choice: those nearest to the first optimum have too much."""
    stages = []

    def progress(stage, done, *_):
        if stage == "macro optimisation" and done == 1:
            stages.append(stage)

    options = {"kinematics": "linear", "space_nodes": 16, "candidates": 1, "progress": progress}
    made = mf.design(bracket(solid_share=0.45), database, **options)
    assert len(stages) == 2
    assert made.solid_share <= 0.45
    assert made.field.solid_share < 0.43
    assert made.problem.solid_share == 0.45


def test_displacements_within_a_bound_keep_it_through_the_loops(database):
    target = np.full((3, 5, 2), np.nan)
    target[:, 2, 1], target[:, 4, 1] = -0.1, -0.25
    problem = bracket(objective="displacement", target=target, solid_share=0.55)
    options = {"kinematics": "linear", "property_rounds": 3, "correction_rounds": 0}
    bounded = mf.design(problem, database, swap_rounds=2, **options)
    assert bounded.solid_share <= 0.55
    assert bounded.errors.pixels <= bounded.errors.open_loop
    both = dataclasses.replace(problem, compliance_weight=300.0)
    field = mf.design(both, database, swap_rounds=0, **options).field
    assert field.compliance < bounded.field.compliance
    assert field.rrmse > bounded.field.rrmse


def test_a_family_is_graded_within_the_bound():
    """Frames of every thickness: stiffer than the even field of the frame that has the share."""
    cells = np.ones((21, 50, 50), np.uint8)
    for k in range(21):
        cells[k, 2 + k : 48 - k, 2 + k : 48 - k] = 0
    p, share = properties_of(mf.homogenize(cells)), cells.mean(axis=(1, 2))
    gradation = mf.Gradation(p[:, 0], p, "frames")
    family = mf.Family(gradation, p[:, 0], np.arange(21.0)[:, None], cells, p, np.full(21, -1))
    problem = bracket(solid_share=float(share[8]))
    made = mf.design(problem, family=family, kinematics="linear", smoothing=0.0)
    assert 0.97 * share[8] < made.solid_share <= share[8]
    assert made.field.solid_share == pytest.approx(share[8], rel=2e-3)
    model = macro_model(problem, 1, "linear")
    even = model.work(model.solve(np.tile(p[8], (8, 1))))
    assert made.compliance.macro < 0.98 * even
    assert made.compliance.own_cells < 0.99 * even
    assert made.compliance.pixels == pytest.approx(made.compliance.macro, rel=0.2)


def test_verification_needs_targets(made):
    with pytest.raises(ValueError, match="'bracket' has no targets, whose displacements are what"):
        mf.verify(made, outside=False)
