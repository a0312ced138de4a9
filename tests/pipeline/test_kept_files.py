"""Pictures and tables that a problem file names are in its design, which poses the problem anew."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from reference.reopened import reopened

import metafast as mf
from metafast.problems.file import beside

TEXT = """\
[size]
rows = 2
cols = 5

[parameters]
push = 0.1

[cells]
rib = { png = "pictures/rib.png" }

[body]
png = "../body.png"
passive = [{ place = { box = { x = 0.5, y = 0.5 } }, cell = "rib" }]

[[supports]]
place = "left"
u_x = 0
u_y = 0

[[supports]]
place = "right"
u_x = "-push"
u_y = 0

[[targets]]
place = "top"
u_y = { csv = "rise.csv" }

[design]
kinematics = "linear"
correction_rounds = 0
swap_rounds = 0
candidates = 4
"""
FILES = {"pictures/rib.png", "../body.png", "rise.csv"}


@pytest.fixture
def path(tmp_path):
    """A problem file with files beside it, below it and above it."""
    (tmp_path / "here" / "pictures").mkdir(parents=True)
    Image.new("L", (50, 50), "black").save(tmp_path / "here" / "pictures" / "rib.png")
    body = np.zeros((2, 5), np.uint8)
    body[0, 2] = 255
    Image.fromarray(body).save(tmp_path / "body.png")
    (tmp_path / "here" / "rise.csv").write_text("x,u_y\n0,0\n2.5,0.05\n5,0\n")
    path = tmp_path / "here" / "arch.toml"
    path.write_text(TEXT)
    return path


def same(one, other):
    for name in ("prescribed", "target", "kinds", "given"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


def test_a_design_read_back_poses_its_problem_without_the_files(path, tmp_path):
    file = mf.read_problem(path, push=0.2)
    assert set(file.source.files) == FILES
    database = mf.CellDatabase.default().subset(slice(0, None, 40))
    made = mf.design(file, database)
    back = reopened(made, tmp_path)
    assert back.source == made.source == file.source
    for each in (tmp_path / "body.png", path.parent / "rise.csv", path):
        each.unlink()
    for place in (tmp_path, tmp_path / "design.h5"):
        again = mf.read_problem(place)
        same(again.problem, file.problem)
        assert again.source == file.source
        assert again.options == file.options
    other = mf.read_problem(tmp_path, push=0.3)
    assert np.nanmin(other.problem.prescribed) == -0.3
    assert mf.design(other, database).source.files == file.source.files
    assert sorted(each.name for each in tmp_path.iterdir()) == ["design.h5", "here"]


def test_a_design_without_files_or_text(path, tmp_path):
    made = mf.design(mf.problems.bridge(1, 4), kinematics="linear", swap_rounds=0)
    assert reopened(made, tmp_path).source.files == {}
    with pytest.raises(ValueError, match="is from no problem file"):
        mf.read_problem(tmp_path)
    source = replace(made.source, name="x.toml", text=TEXT, files={"rise.csv": b""})
    assert reopened(replace(made, source=source), tmp_path).source == source
    with pytest.raises(ValueError, match=r"no file 'body.png' beside the problem"):
        mf.read_problem(tmp_path)


def test_files_that_are_too_large_to_keep_are_refused(path, monkeypatch):
    monkeypatch.setattr(beside, "LARGEST", 60)
    with pytest.raises(
        ValueError, match=r"arch.toml, line \d+, .*: with '.*' the files .* 60 bytes"
    ):
        mf.read_problem(path)
