"""Target correction: the formula, which attempt is kept, and the whole on a small bridge."""

from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from reference.reopened import reopened

import metafast as mf
from metafast.pipeline.every_pixel import BodySolver
from metafast.pipeline.open_loop import OpenLoop
from metafast.pipeline.target_correction import correct_targets, corrected, error_of
from metafast.report.tables import correction_rows, error_rows
from metafast.structure.supports import NotCarriedError


def linear_design(*arguments, **options):
    """A design for small displacements, which takes a fraction of the time."""
    return mf.design(*arguments, **({"kinematics": "linear"} | options))


PROBLEM = mf.problems.bridge(3, 8, compression=0.3)


@dataclass
class Response:
    """An attempt, its field, body and response in one: moves as a function makes of its aim."""

    aim: mf.Problem
    answer: object
    finer = None
    predicted = None

    def __post_init__(self):
        self.displacement = self.answer(self.aim.target)
        self.rrmse = PROBLEM.rrmse(self.displacement)
        self.body = self.field = self.response = self


def attempts(answer, rounds=3, again=None, goal=0.0):
    first, trace = Response(PROBLEM, answer), mf.Trace()
    again = again or (lambda aim, best: Response(aim, answer))
    return first, correct_targets(PROBLEM, first, again, rounds, goal, trace), trace.corrections


def test_the_target_moves_by_a_share_of_the_shortfall():
    first = Response(PROBLEM, lambda target: 0.75 * target)
    wanted = PROBLEM.wanted
    aim = corrected(PROBLEM, first, 0.4).target
    np.testing.assert_allclose(aim[wanted], 1.1 * PROBLEM.target[wanted], rtol=1e-14)
    assert np.isnan(aim[~wanted]).all()


def test_aims_of_swaps_leave_out_what_properties_do_not_tell():
    """With u = own + gap the aim is the target less the gap, however far the cells are from it."""
    gap, target = 0.3 * PROBLEM.target[:, ::-1], PROBLEM.target
    first = Response(PROBLEM.aiming_at(1.1 * target), lambda aim: 0.7 * aim + gap)
    first.predicted = 0.7 * first.aim.target
    wanted = PROBLEM.wanted
    exact = corrected(PROBLEM, first, 1.0).target
    np.testing.assert_allclose(exact[wanted], (target - gap)[wanted], rtol=1e-13)
    half = corrected(PROBLEM, first, 0.5).target
    np.testing.assert_allclose(half[wanted], (0.5 * (exact + 1.1 * target))[wanted], rtol=1e-13)


def test_swaps_by_properties_end_after_two_failures():
    first, trace = Response(PROBLEM, lambda target: 0.9 * target), mf.Trace()
    first.predicted = first.displacement

    def worse(aim, _):
        return Response(aim, lambda _: 0.5 * PROBLEM.target)

    assert correct_targets(PROBLEM, first, worse, 9, 0.0, trace) is first
    assert [row.share for row in trace.corrections] == [0.0, 1.0, 0.5]


def test_the_finer_mesh_has_its_say():
    """An attempt that is better on its own mesh and worse on the finer one is not kept."""

    class Finer:
        def of(self, labels):
            return 0.5 * PROBLEM.target[PROBLEM.wanted]

    first = Response(PROBLEM, lambda target: 0.9 * target)
    better = Response(PROBLEM, lambda target: target)
    first.finer = better.finer = Finer()
    first.assembly = better.assembly = SimpleNamespace(labels=None)
    assert error_of(PROBLEM, first) == pytest.approx(0.4 / 1.5)
    assert error_of(PROBLEM, better) == pytest.approx(0.5 / 1.5)
    trace = mf.Trace()
    assert correct_targets(PROBLEM, first, lambda *_: better, 1, 0.0, trace) is first
    assert [row.kept for row in trace.corrections] == [True, False]


def test_peaks_that_are_flattened_by_a_fifth_come_back():
    """u = 0.8 u_t falls short by 0.2, and by 1 - 0.8 * 0.8 of what is left in every round."""
    _, best, rounds = attempts(lambda target: 0.8 * target)
    errors = [row.pixels for row in rounds]
    np.testing.assert_allclose(errors, 0.2 * 0.36 ** np.arange(4), rtol=1e-12)
    assert all(row.kept for row in rounds)
    assert best.rrmse == errors[-1]


def test_half_as_much_is_tried_when_the_body_overshoots():
    """u = u_t + 3 (u_t - target) is exact at first; from 0.9 of it every share is too much."""
    target = PROBLEM.target
    first, best, rounds = attempts(lambda aim: 0.9 * target - 3.0 * (aim - target))
    assert not any(row.kept for row in rounds[1:])
    assert [row.share for row in rounds] == [0.0, 0.8, 0.4, 0.2]
    assert best is first
    assert best.rrmse == pytest.approx(0.1)


@pytest.mark.parametrize(
    "error",
    [NotCarriedError("nothing is held"), ValueError("outside"), np.linalg.LinAlgError("singular")],
)
def test_a_target_that_nothing_can_do_is_rejected(error):
    def refuse(*_):
        raise error

    first, best, rounds = attempts(lambda target: 0.9 * target, 2, refuse)
    assert best is first
    assert [row.kept for row in rounds] == [True, False, False]
    assert [row.pixels for row in rounds[1:]] == [np.inf, np.inf]
    assert [row.share for row in rounds] == [0.0, 0.8, 0.4]


def test_the_best_attempt_is_kept_when_memory_ends():
    def full(*_):
        raise MemoryError("no room")

    with pytest.warns(RuntimeWarning, match="no more targets are tried: no room"):
        first, best, rounds = attempts(lambda target: 0.9 * target, 2, full)
    assert best is first
    assert len(rounds) == 1


def test_an_exact_body_is_not_designed_again():
    *_, rounds = attempts(lambda target: target.copy())
    assert len(rounds) == 1


def test_a_body_that_meets_the_goal_is_not_designed_again():
    *_, rounds = attempts(lambda target: 0.8 * target, goal=0.1)
    assert [row.pixels <= 0.1 for row in rounds] == [False, True]


@pytest.fixture(scope="module")
def bridge():
    return linear_design(PROBLEM, correction_rounds=2, swap_rounds=0)


def test_the_best_of_all_targets_is_kept(bridge):
    plain = linear_design(PROBLEM, swap_rounds=0)
    errors = [row.pixels for row in bridge.trace.corrections]
    assert len(errors) == 3
    assert errors[0] == plain.response.rrmse == bridge.errors.open_loop
    assert bridge.response.rrmse == min(errors)
    assert (plain.aim[PROBLEM.wanted] == PROBLEM.target[PROBLEM.wanted]).all()
    assert not plain.is_corrected
    assert len(plain.trace.corrections) == 1


def test_macro_errors_are_by_the_aim_and_pixels_by_the_problem(bridge):
    """Designing for the corrected target, as if it were a problem of its own, gives the same."""
    own = linear_design(replace(PROBLEM, target=bridge.aim), swap_rounds=0)
    assert (own.pixels == bridge.pixels).all()
    assert bridge.errors.macro == own.errors.macro == own.field.rrmse
    assert bridge.errors.own_cells == own.errors.own_cells
    assert bridge.response.rrmse == PROBLEM.rrmse(own.response.displacement)


def test_the_closed_loop_continues_from_the_best(bridge, tmp_path):
    closed = linear_design(PROBLEM, swap_rounds=1)
    assert closed.trace.corrections == bridge.trace.corrections
    assert closed.trace.swaps[0].pixels == bridge.response.rrmse
    assert closed.response.rrmse <= bridge.response.rrmse
    back = reopened(closed, tmp_path)
    assert back.trace.corrections == closed.trace.corrections
    np.testing.assert_array_equal(back.aim, closed.aim)
    assert back.options.corrections == 2


def test_a_design_ends_without_swaps_if_their_fields_do_not_fit(monkeypatch):
    def full(*_):
        raise MemoryError("no room")

    monkeypatch.setattr(BodySolver, "with_adjoints", full)
    with pytest.warns(RuntimeWarning, match="the closed loop is left out: no room"):
        result = linear_design(PROBLEM, correction_rounds=1, swap_rounds=2)
    assert len(result.trace.swaps) == 1
    assert result.response.rrmse == min(row.pixels for row in result.trace.corrections)


def test_progress_ends_when_a_target_cannot_be_met(monkeypatch):
    """Corrected targets that no body can follow: the stages still end."""
    calls, run = [], OpenLoop.run

    def only_the_first(self, aim):
        if aim is not PROBLEM:
            raise NotCarriedError("nothing is held")
        return run(self, aim)

    monkeypatch.setattr(OpenLoop, "run", only_the_first)
    result = linear_design(PROBLEM, swap_rounds=1, progress=lambda *a: calls.append(a))
    stages = [call[1:3] for call in calls if call[0] == "stages"]
    done, total = stages[-1]
    assert done == total
    assert [row.pixels for row in result.trace.corrections[1:]] == [np.inf, np.inf]
    assert not result.is_corrected
    assert "corrected target" not in str(error_rows(result.errors, corrected=False))


def test_corrected_designs_say_so(bridge):
    assert bridge.is_corrected == any(row.kept for row in bridge.trace.corrections[1:])
    labels = [row[0] for row in error_rows(bridge.errors, corrected=True)]
    assert "macro optimum (relative to the corrected target)" in labels
    assert "every pixel" in labels
    assert len(correction_rows(bridge.trace.corrections)) == 4
