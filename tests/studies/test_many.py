"""Designs of many problems: order, failures, arguments; the same on Dask workers."""

import os
import signal

import pytest

import metafast as mf

QUICK = {"kinematics": "linear", "swap_rounds": 0}


def arch(compression):
    return mf.problems.bridge(1, 3, compression=compression)


def test_the_order_is_kept_and_a_failure_has_its_place(cells, quiet):
    file = mf.read_problem("bridge", rows=1, cols=2, compression=0.1)
    told = []
    first, failed, last = mf.design_many(
        [arch(0.1), arch(3.0), file],
        cells,
        options=mf.DesignOptions(swap_rounds=0, fine_mesh=1),
        progress=lambda *call: told.append(call),
    )
    assert first.problem.cols == 3
    assert last.problem.cols == 2
    assert last.source == file.source
    assert isinstance(failed, mf.FailedDesign)
    assert (failed.problem, failed.error) == ("bridge", "NoEquilibriumError")
    assert str(failed).startswith("NoEquilibriumError: no property field was found")
    assert [call for call in told if call[0] == "designs"] == [
        ("designs", done, 3, "") for done in (1, 2, 3)
    ]
    alone = mf.design(arch(0.1), cells, swap_rounds=0, fine_mesh=1)
    assert (first.pixels == alone.pixels).all()


def test_options_of_a_problem_file_hold(cells, quiet, tmp_path):
    text = mf.read_problem("bridge", rows=1, cols=3).text
    (tmp_path / "mine.toml").write_text(
        f'{text}\n[design]\nkinematics = "linear"\ncandidates = 3\n'
    )
    file = mf.read_problem(tmp_path / "mine.toml", rows=1, cols=3, compression=0.1)
    (made,) = mf.design_many([file], cells, swap_rounds=0, smoothing=0.0)
    assert (made.options.candidates, made.options.kinematics) == (3, "linear")
    assert made.options.smoothing == 0.0


def test_nothing_to_design(cells):
    assert mf.design_many([], cells) == []


@pytest.mark.parametrize(
    ("problems", "options", "error", "message"),
    [
        ("bridge", {}, ValueError, "problems is a str; a list of Problem or ProblemFile"),
        (arch(0.1), {}, ValueError, "problems is a Problem; a list of Problem"),
        ([arch(0.1), 3], {}, ValueError, r"problems\[1\]: problem is a int; a Problem is needed"),
        ([arch(0.1)], {"refine": 0}, ValueError, "refine is 0"),
        ([arch(0.1)], {"refin": 1}, TypeError, "design_many has no option 'refin'"),
        ([arch(0.1)], {"options": 3}, ValueError, r"problems\[0\]: options is a int"),
        ([arch(0.1)], {"database": 3}, ValueError, "database is a int"),
        ([arch(0.1)], {"threads": 0}, ValueError, "threads is 0"),
        ([arch(0.1)], {"client": 3}, ValueError, r"client is 3; a dask\.distributed\.Client"),
        ([arch(0.1)], {"progress": 3}, ValueError, "progress"),
    ],
)
def test_wrong_arguments_are_named_before_any_design(problems, options, error, message):
    with pytest.raises(error, match=message):
        mf.design_many(problems, **options)


@pytest.fixture(scope="module")
def client():
    dask = pytest.importorskip("distributed")
    with (
        dask.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        dask.Client(cluster) as client,
    ):
        yield client


@pytest.mark.slow  # each worker imports and compiles
def test_a_killed_worker_changes_nothing(client, study, done, cells, tmp_path):
    victim = next(iter(client.run(os.getpid).values()))
    killed_at = []

    def kill(stage, finished, _total, _note=""):
        if stage == "runs" and not killed_at:
            os.kill(victim, signal.SIGKILL)
            killed_at.append(finished)

    result = mf.run_study(study, tmp_path, cells, client=client, progress=kill)
    assert killed_at == [0]
    assert victim not in client.run(os.getpid).values()
    assert [str(row.failure) for row in result.rows] == [str(row.failure) for row in done.rows]
    for number in (1, 3):
        here, there = done.design(number), result.design(number)
        assert (there.pixels == here.pixels).all()
        assert str(there.errors) == str(here.errors)


@pytest.mark.slow
def test_workers_keep_the_order(client, cells):
    problems = [arch(0.1), mf.problems.bridge(1, 2, compression=0.1)]
    made = mf.design_many(problems, cells, client=client, threads=1, **QUICK)
    assert [each.problem.cols for each in made] == [3, 2]
