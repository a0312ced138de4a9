"""Designs that end early: the best structure so far comes back, is on disk, and can go on."""

from dataclasses import astuple, replace

import numpy as np
import pytest
from reference.reopened import reopened

import metafast as mf
from metafast.pipeline.design_file import PARTIAL_NAME

PROBLEM = mf.problems.bridge(2, 6, compression=0.2)
FAST = {"kinematics": "linear", "correction_rounds": 1, "swap_rounds": 2}
FINITE = {"swap_rounds": 2, "tolerance": 1e-4, "candidates": 5}


class Stop:
    """Progress that interrupts once, at the n-th report of a stage."""

    def __init__(self, stage=None, count=1):
        self.stage, self.left, self.seen = stage, count, []

    def __call__(self, stage, done, total, note=""):
        self.seen.append(stage)
        if stage == self.stage:
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt


def design(progress=None, problem=PROBLEM, **options):
    return mf.design(problem, progress=progress or Stop(), **options)


@pytest.fixture(scope="module")
def whole():
    return design(**FAST)


@pytest.fixture(scope="module")
def finite():
    """A design on two meshes, and the stages of its reports."""
    stop = Stop()
    return design(stop, **FINITE), stop.seen


def test_before_the_first_structure_there_is_nothing_to_keep(tmp_path):
    path = tmp_path / PARTIAL_NAME
    for stage in ("stages", "macro optimisation", "assembly", "structure"):
        with pytest.raises(KeyboardInterrupt, match="before the first structure was solved"):
            design(Stop(stage), checkpoint=path, **FAST)
    assert not path.exists()


def test_an_interrupt_at_the_end_of_a_stage_leaves_the_best_structure(whole):
    """Two reports a stage: ten until the first structure, eight of a corrected target, the rest."""
    with pytest.raises(KeyboardInterrupt):
        design(Stop("stages", 10), **FAST)
    ends = []
    for count in (11, 15, 18, 19, 20, 21, 22):
        with pytest.warns(RuntimeWarning, match="interrupted: the design ends early"):
            made = design(Stop("stages", count), **FAST)
        assert made.interrupted
        assert made.errors.open_loop == whole.errors.open_loop
        assert made.errors.pixels == made.problem.rrmse(made.response.displacement)
        ends.append(made.errors.pixels)
    assert ends == sorted(ends, reverse=True)
    assert ends[-1] == whole.errors.pixels < ends[0]


@pytest.mark.slow
def test_an_interrupt_within_the_finite_loops_leaves_their_best(finite, tmp_path):
    whole, seen = finite
    with pytest.warns(RuntimeWarning, match="interrupted"):
        made = design(Stop("structure", int(0.7 * seen.count("structure"))), **FINITE)
    assert made.errors.pixels in [row.pixels for row in made.trace.swaps if row.kept]
    assert made.errors.open_loop == whole.errors.open_loop
    made.save(tmp_path)
    assert mf.Design.load(tmp_path).interrupted
    assert "ended early" in (tmp_path / "report.html").read_text()
    assert not whole.interrupted


@pytest.mark.parametrize("kinematics", ["linear", "finite"])
def test_a_start_with_no_rounds_is_the_same_design(kinematics, whole, finite, tmp_path):
    made = whole if kinematics == "linear" else finite[0]
    reopened(made, tmp_path)
    for start in (made, tmp_path):
        again = design(start=start, swap_rounds=0)
        for name in ("pixels", "aim", "predicted", "fine_displacement"):
            np.testing.assert_array_equal(getattr(again, name), getattr(made, name))
        np.testing.assert_array_equal(again.assembly.cells, made.assembly.cells)
        np.testing.assert_array_equal(astuple(again.errors), astuple(made.errors))
        assert again.trace.swaps[1:] == made.trace.swaps[1:]
        assert again.trace.corrections == made.trace.corrections
        assert replace(again.options, swap_rounds=None) == replace(made.options, swap_rounds=None)
        assert again.certified.energy == made.certified.energy


def test_going_on_lowers_the_error_and_adds_its_rounds(whole):
    before = design(**FAST | {"swap_rounds": 0, "correction_rounds": 0})
    after = design(start=before, swap_rounds=2)
    assert after.errors.pixels < before.errors.pixels == after.errors.open_loop
    assert after.trace.swaps[0] == before.trace.swaps[0]
    assert 1 <= len(after.trace.swaps) - len(before.trace.swaps) <= 2
    assert after.certified is before.certified
    once = design(**FAST | {"swap_rounds": 2, "correction_rounds": 0})
    assert (after.pixels == once.pixels).all(), "a loop from a start is the loop at one go"


def test_more_candidates_are_selected_anew_after_the_starts_own_cells(whole):
    more = design(start=whole, candidates=12, swap_rounds=1, edge_weight=0.2)
    assert more.assembly.candidates.shape == (2, 6, 13)
    np.testing.assert_array_equal(more.assembly.candidates[..., 0], whole.assembly.cells)
    assert more.errors.pixels <= whole.errors.pixels
    assert more.assembly.lower_bound <= more.assembly.energy


def test_the_file_of_a_killed_run_can_be_started_from(tmp_path, monkeypatch):
    """A run that ends without a word, as by SIGKILL, after its second better structure."""
    from metafast.pipeline import best_so_far

    class Killed(BaseException):
        pass

    written = []

    def write(made, path):
        write_parts(made, path)
        written.append(made)
        if len(written) == 2:
            raise Killed

    write_parts = best_so_far.write_parts
    monkeypatch.setattr(best_so_far, "write_parts", write)
    with pytest.raises(Killed):
        design(checkpoint=tmp_path / PARTIAL_NAME, **FAST | {"correction_rounds": 0})
    monkeypatch.undo()
    left = mf.Design.load(tmp_path)
    assert left.interrupted
    assert left.errors.pixels == written[-1].errors.pixels < left.errors.open_loop
    on = design(start=tmp_path, checkpoint=tmp_path / PARTIAL_NAME)
    assert on.errors.pixels <= left.errors.pixels
    assert not on.interrupted
    on.save(tmp_path)
    assert sorted(path.suffix for path in tmp_path.glob("*.h5")) == [".h5"]
    assert not (tmp_path / PARTIAL_NAME).exists()


def test_a_full_disk_does_not_end_a_design(tmp_path, monkeypatch):
    from metafast.pipeline import best_so_far

    def full(*_):
        raise ValueError("no space left")

    monkeypatch.setattr(best_so_far, "write_parts", full)
    with pytest.warns(RuntimeWarning, match="no longer written: no space left"):
        made = design(checkpoint=tmp_path / PARTIAL_NAME, **FAST)
    assert not made.interrupted


def test_starts_that_do_not_fit_are_refused(whole, tmp_path):
    cases = [
        ({"problem": mf.problems.bridge(2, 6, compression=0.1)}, "other supports and targets than"),
        ({"problem": mf.problems.bridge(2, 7)}, "other body and supports"),
        ({"problem": replace(PROBLEM, forces=0.01 * ~PROBLEM.fixed)}, "other forces than"),
        ({"kinematics": "finite"}, "kinematics is 'finite', but the start was designed with 'lin"),
        ({"start": tmp_path}, "there is no design at"),
    ]
    for changes, message in cases:
        with pytest.raises(ValueError, match=message):
            design(**{"start": whole} | changes)
    database = mf.CellDatabase.default()
    other = database.subset(np.arange(len(database))[::-1])
    with pytest.raises(ValueError, match="are not those that the start was made of"):
        mf.design(PROBLEM, other, start=whole)
    with pytest.raises(ValueError, match="cannot write"):
        design(checkpoint=tmp_path, **FAST)
