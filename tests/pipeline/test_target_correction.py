"""Target correction: the formula, what is kept, and the whole on a small bridge."""

import sys
from dataclasses import dataclass, replace

import numpy as np
import pytest

import metafast as mf
from metafast.pipeline.design_file import read_design
from metafast.pipeline.target_correction import correct_targets, corrected
from metafast.report.tables import correction_rows, error_rows
from metafast.structure.supports import NotCarriedError

PROBLEM = mf.problems.bridge(3, 8, compression=0.3)


@dataclass
class Body:
    """A body that does what a function makes of the target it was designed for."""

    wanted: mf.Problem
    answer: object

    def __post_init__(self):
        self.displacement = self.answer(self.wanted.target)
        self.rrmse = PROBLEM.rrmse(self.displacement)
        self.structure = self.field = self
        self.response = self


def made_by(answer):
    first = Body(PROBLEM, answer)
    return correct_targets(PROBLEM, first, lambda wanted: Body(wanted, answer), 3)


def test_the_target_moves_by_a_share_of_the_shortfall():
    made = Body(PROBLEM, lambda target: 0.75 * target)
    wanted = PROBLEM.wanted
    aim = corrected(PROBLEM, made, 0.4).target
    np.testing.assert_allclose(aim[wanted], 1.1 * PROBLEM.target[wanted], rtol=1e-14)
    assert np.isnan(aim[~wanted]).all()


def test_peaks_that_are_flattened_by_a_fifth_come_back():
    """u = 0.8 u_t falls short by 0.2, and by 1 - 0.8 * 0.8 of what is left in every round."""
    best, history = made_by(lambda target: 0.8 * target)
    np.testing.assert_allclose(history["every_pixel"], 0.2 * 0.36 ** np.arange(4), rtol=1e-12)
    assert history["kept"].all()
    assert best.rrmse == history["every_pixel"][-1]


def test_half_as_much_is_tried_when_the_body_overshoots():
    """u = u_t + 3 (u_t - target) is exact at first; from 0.9 of it every share is too much."""
    target = PROBLEM.target
    best, history = made_by(lambda aim: 0.9 * target - 3.0 * (aim - target))
    assert not history["kept"][1:].any()
    assert history["share"].tolist() == [0.0, 0.8, 0.4, 0.2]
    assert best.wanted is PROBLEM
    assert best.rrmse == pytest.approx(0.1)


def test_a_body_that_falls_apart_is_thrown_away():
    first = Body(PROBLEM, lambda target: 0.9 * target)

    def apart(_):
        raise NotCarriedError("nothing is held")

    best, history = correct_targets(PROBLEM, first, apart, 2)
    assert best is first
    assert np.isinf(history["every_pixel"][1:]).all()
    assert history["share"].tolist() == [0.0, 0.8, 0.4]


@pytest.mark.parametrize("error", [ValueError("outside"), np.linalg.LinAlgError("singular")])
def test_a_target_that_nothing_can_do_is_thrown_away(error):
    first = Body(PROBLEM, lambda target: 0.9 * target)

    def refuse(_):
        raise error

    best, history = correct_targets(PROBLEM, first, refuse, 1)
    assert best is first
    assert history["kept"].tolist() == [True, False]


def test_what_is_there_is_kept_when_memory_ends():
    first = Body(PROBLEM, lambda target: 0.9 * target)

    def full(_):
        raise MemoryError("no room")

    with pytest.warns(RuntimeWarning, match="no more targets are tried: no room"):
        best, history = correct_targets(PROBLEM, first, full, 2)
    assert best is first
    assert len(history) == 1


def test_an_exact_body_is_not_designed_again():
    _, history = made_by(lambda target: target.copy())
    assert len(history) == 1


@pytest.fixture(scope="module")
def bridge():
    return mf.design(PROBLEM, target_rounds=2, refine_rounds=0)


def test_the_best_of_all_targets_is_kept(bridge):
    plain = mf.design(PROBLEM, refine_rounds=0)
    errors = bridge.corrections["every_pixel"]
    assert len(errors) == 3
    assert errors[0] == plain.response.rrmse
    assert bridge.response.rrmse == errors.min()
    assert bridge.open_loop_error == errors[0]
    assert (plain.aim[PROBLEM.wanted] == PROBLEM.target[PROBLEM.wanted]).all()
    assert len(plain.corrections) == 1


def test_macro_errors_are_by_the_aim_and_pixels_by_the_problem(bridge):
    """Designing for the corrected target, as if it were a problem of its own, gives the same."""
    own = mf.design(replace(PROBLEM, target=bridge.aim), refine_rounds=0)
    assert (own.pixels == bridge.pixels).all()
    assert bridge.errors["macro optimum"] == own.errors["macro optimum"] == own.field.rrmse
    name = "macro with the cells' own properties"
    assert bridge.errors[name] == own.errors[name]
    assert bridge.response.rrmse == PROBLEM.rrmse(own.response.displacement)


def test_the_closed_loop_goes_on_from_the_best(bridge, tmp_path):
    closed = mf.design(PROBLEM, refine_rounds=1)
    assert closed.corrections.tobytes() == bridge.corrections.tobytes()
    assert closed.rounds["every_pixel"][0] == bridge.response.rrmse
    assert closed.response.rrmse <= bridge.response.rrmse
    back = read_design(closed.save(tmp_path) / "design.h5")
    assert back.corrections.tobytes() == closed.corrections.tobytes()
    np.testing.assert_array_equal(back.aim, closed.aim)
    assert back.options["target_rounds"] == 2


def test_a_design_ends_without_swaps_if_their_fields_do_not_fit(monkeypatch):
    def full(*arguments):
        raise MemoryError("no room")

    monkeypatch.setattr(sys.modules["metafast.pipeline.design"], "with_adjoints", full)
    with pytest.warns(RuntimeWarning, match="the closed loop is left out: no room"):
        made = mf.design(PROBLEM, target_rounds=1, refine_rounds=2)
    assert len(made.rounds) == 1
    assert made.response.rrmse == made.corrections["every_pixel"].min()


def test_progress_ends_when_a_target_cannot_be_met(monkeypatch):
    """Corrected targets that no body can follow: the stages still end."""
    from metafast.pipeline.open_loop import TwoStages

    told, run = [], TwoStages.run

    def only_the_first(self, wanted, *, adjoint):
        if wanted is not PROBLEM:
            raise NotCarriedError("nothing is held")
        return run(self, wanted, adjoint=adjoint)

    monkeypatch.setattr(TwoStages, "run", only_the_first)
    made = mf.design(PROBLEM, refine_rounds=1, progress=lambda *a: told.append(a))
    stages = [call[1:] for call in told if call[0] == "stages"]
    assert stages[-1] == (15, 15)
    assert made.corrections["every_pixel"].tolist()[1:] == [np.inf, np.inf]
    assert not made.is_corrected
    assert "by the corrected target" not in str(error_rows(made))


def test_corrected_designs_say_so(bridge):
    assert bridge.is_corrected == bool(bridge.corrections["kept"][1:].any())
    labels = [row[0] for row in error_rows(bridge)]
    assert ("macro optimum (by the corrected target)" in labels) == bridge.is_corrected
    assert "every pixel" in labels
    assert len(correction_rows(bridge)) == 1 + len(bridge.corrections)
