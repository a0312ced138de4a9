"""Studies: order of the runs, what belongs to which run, the hash of the content."""

import json
from dataclasses import replace

import numpy as np
import pytest

import metafast as mf

LINEAR = {"kinematics": "linear", "swap_rounds": 0}
PROBLEM = """\
[size]
rows = 2
cols = 6

[parameters]
rise = 0.05
push = 0.1

[[supports]]
place = "left"
u_x = 0
u_y = 0

[[supports]]
place = "right"
u_x = "-push"

[[targets]]
place = "top"
u_y = { csv = "rise.csv" }

[design]
smoothing = 0.5
candidates = 4
"""


@pytest.fixture
def problem(tmp_path):
    np.savetxt(
        tmp_path / "rise.csv", [[0, 0], [3, 0.05], [6, 0.0]], "%g", ",", header="x,u_y", comments=""
    )
    (tmp_path / "push.toml").write_text(PROBLEM)
    return tmp_path / "push.toml"


def test_the_first_axis_varies_slowest(study):
    runs = study.runs()
    assert [run.number for run in runs] == [1, 2, 3, 4]
    assert [tuple(run.values.values()) for run in runs] == [
        (0.05, 1), (0.05, 1000), (0.1, 1), (0.1, 1000)
    ]  # fmt: skip
    assert runs[1].parameters == {"rows": 1, "cols": 3, "compression": 0.05}
    assert runs[1].options == {"kinematics": "linear", "swap_rounds": 0, "refine": 1000}
    assert [run.folder for run in runs[::3]] == ["run_0001", "run_0004"]


def test_a_file_says_what_python_does(study):
    grid = {"compression": [0.05, 0.1], "refine": np.array([1, 1000])}
    size = {"rows": 1, "cols": 3}
    same = mf.Study(
        "two sizes", "bridge", grid, size, LINEAR, {"compression": "cell widths"}, "for the tests"
    )
    assert same == study
    assert same.content == study.content


def test_a_run_has_the_options_of_the_problem_file_and_those_of_the_study_go_before(problem):
    study = mf.Study(
        "push", problem, {"push": [0.1, "2*rise"], "smoothing": [0, 1]}, options=LINEAR
    )
    file, options = study.runs()[3].read(study.problem)
    assert (options.candidates, options.smoothing, options.kinematics) == (4, 1, "linear")
    assert np.nanmin(file.problem.prescribed) == -0.1
    assert file.source.changes == {"push": "2*rise"}


def test_size_is_rows_and_cols():
    study = mf.Study("sizes", "smiley", {"size": [4, 6]})
    assert [run.read("smiley")[0].problem.rows for run in study.runs()] == [4, 6]
    assert study.runs()[1].values == {"size": 6}
    assert study.runs()[1].parameters == {"rows": 6, "cols": 6}
    fixed = mf.Study("fixed", "smiley", {"mesh": [1]}, {"size": 4})
    assert fixed.runs()[0].parameters == {"rows": 4, "cols": 4}


def test_an_option_may_have_its_default():
    study = mf.Study("floors", "bridge", {"least_side_solid": [None, 0.2]}, {"rows": 2, "cols": 6})
    floors = [run.read("bridge")[1].side_floors for run in study.runs()]
    assert floors == [mf.DesignOptions().side_floors, (0.2,)]


def test_a_problem_is_found_beside_the_study(problem, tmp_path, monkeypatch):
    (tmp_path / "study.toml").write_text('problem = "push.toml"\n[grid]\npush = [0.1, 0.2]\n')
    monkeypatch.chdir(tmp_path.parent)
    study = mf.Study.load(tmp_path / "study.toml")
    assert study.name == "study"
    assert study.runs()[0].read(study.problem)[0].problem.rows == 2


def test_the_content_is_all_that_results_depend_on(problem):
    study = mf.Study("push", problem, {"push": [0.1, 0.2]}, options=LINEAR)
    same = mf.Study("other", problem, {"push": [0.1, 0.2]}, options=LINEAR, units={"push": "mm"})
    assert same.content == study.content
    others = [
        replace(study, grid={"push": [0.1, 0.3]}),
        replace(study, options={**LINEAR, "refine": 2}),
        replace(study, parameters={"rise": 0.1}),
    ]
    problem.write_text(PROBLEM.replace("push = 0.1", "push = 0.3"))
    others.append(replace(study))
    problem.write_text(PROBLEM)
    assert replace(study).content == study.content
    table = problem.parent / "rise.csv"
    table.write_text(table.read_text().replace("0.05", "0.04"))
    others.append(replace(study))
    contents = [study.content, *(other.content for other in others)]
    assert len({*contents}) == 6


def test_a_study_stays_as_it_was_checked():
    grid = {"swap_rounds": [0, 1]}
    study = mf.Study("rounds", "bridge", grid)
    grid["swap_rounds"].append(-1)
    assert study.grid == {"swap_rounds": (0, 1)}
    assert json.loads(json.dumps(study.grid)) == {"swap_rounds": [0, 1]}
