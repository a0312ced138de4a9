"""Designs in a thread: progress, both loops, cancelling, failures, and the files of the result."""

import io
import zipfile

import numpy as np
import pytest

import metafast as mf
from metafast.app.downloads import archived, exported
from metafast.app.drawing import Drawing, Side
from metafast.app.run import DesignRun, is_designing
from metafast.export.options import FORMATS

ARCH = np.array([[0.0, 0.0], [3.0, 0.1], [6.0, 0.0]])
FAST = {"kinematics": "linear", "correction_rounds": 0, "swap_rounds": 1}
WAIT = 240  # seconds


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("drawn") / "drawn.toml"
    path.write_text(Drawing(2, 6, Side("held"), Side("pushed", 0.2), Side(), ARCH).text())
    return mf.read_problem(path)


@pytest.fixture(scope="module")
def run(file):
    made = DesignRun(file, **FAST)
    made.start()
    assert made.wait(WAIT)
    return made


def test_a_run_is_a_design_with_both_loops(run, file):
    assert (run.state, run.error) == ("done", "")
    assert run.share == 1.0
    assert {"stages", "windows"} <= {*run.steps}
    assert run.open_loop.errors.pixels == run.made.errors.open_loop
    assert run.made.errors.pixels < run.made.errors.open_loop
    np.testing.assert_array_equal(run.made.pixels, mf.design(file, **FAST).pixels)
    assert [*run.pictures] == ["open loop", "closed loop"]
    assert all(each.startswith(b"\x89PNG") for each in run.pictures.values())
    assert not is_designing()


def test_cancelling_keeps_the_best_structure_so_far(file, monkeypatch):
    run = DesignRun(file, kinematics="linear", correction_rounds=0, swap_rounds=5)
    work = run._design

    def cancelled_in_the_closed_loop(folder):
        class Event:
            asked = False

            def is_set(self):
                return "windows" in run.steps and not self.asked

            def clear(self):
                self.asked = True

        run._cancelled = Event()
        return work(folder)

    monkeypatch.setattr(run, "_design", cancelled_in_the_closed_loop)
    run.start()
    with pytest.raises(ValueError, match="at work already"):
        DesignRun(file).start()
    assert run.wait(WAIT)
    assert run.state == "cancelled"
    assert run.made.interrupted
    assert any("best structure so far" in line for line in run.warnings)


def test_cancelling_before_there_is_a_structure_says_so(file):
    run = DesignRun(file, **FAST)
    run.cancel()
    run.start()
    assert run.wait(WAIT)
    assert run.state == "cancelled"
    assert run.made is None
    assert "nothing to keep" in run.error


def test_a_failure_is_told_and_leaves_the_way_free(file):
    run = DesignRun(file, candidates=0)
    run.start()
    assert run.wait(WAIT)
    assert run.state == "failed"
    assert "candidates is 0" in run.error
    assert not is_designing()


@pytest.mark.parametrize("kind", FORMATS)
def test_every_export_can_be_downloaded(run, kind, tmp_path):
    name, data = exported(run.made, kind, young=2000.0)
    assert name == f"drawing.{kind}"
    (path,) = run.made.export(tmp_path, kind, young=2000.0).paths
    if kind not in ("3mf", "dxf"):  # these hold the time
        assert path.read_bytes() == data


def test_several_files_come_as_an_archive(run):
    name, data = exported(run.made, "stl", deformed=True)
    assert name == "drawing_stl.zip"
    assert zipfile.ZipFile(io.BytesIO(data)).namelist() == ["drawing.stl", "drawing_deformed.stl"]


def test_the_archive_opens_again(run, tmp_path):
    name, data = archived(run.made)
    assert name == "drawing.zip"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {"design.h5", "report.html", "problem.toml"} <= {*archive.namelist()}
        archive.extractall(tmp_path)
    again = mf.Design.load(tmp_path)
    np.testing.assert_array_equal(again.pixels, run.made.pixels)
    problem = mf.read_problem(tmp_path / "problem.toml").problem
    np.testing.assert_array_equal(problem.target, again.problem.target)
