"""Runs of a study: the table, going on, what is refused, failures, Ctrl-C."""

import csv
import shutil
from dataclasses import replace

import numpy as np
import pytest
from reference.studies import STUDY

import metafast as mf
from metafast.studies import many

FILES = {"design.h5", "report.html", "run.json"}


def without_seconds(rows):
    """Rows as text, where NaN is equal to itself, without the one thing that varies."""
    return [str(replace(row, seconds=0.0)) for row in rows]


def copied(done, tmp_path):
    """A copy of the folder of a study that is done."""
    return shutil.copytree(done.directory, tmp_path / "copy")


def test_each_run_is_the_design_by_itself(done, study, cells, quiet):
    alone = mf.design(
        mf.read_problem("bridge", rows=1, cols=3, compression=0.1),
        cells,
        kinematics="linear",
        swap_rounds=0,
    )
    made = done.design(3)
    assert (made.pixels == alone.pixels).all()
    row = done.rows[2]
    assert row.values == {"compression": 0.1, "refine": 1}
    errors = alone.errors
    assert (row.macro, row.own_cells, row.pixels) == (errors.macro, errors.own_cells, errors.pixels)
    assert row.headline == row.pixels == row.linear
    assert np.isnan(row.fine)
    assert row.solid_share == alone.solid_share
    assert row.swaps == 0
    assert row.seconds == sum(made.trace.seconds.values()) > 0
    assert {path.name for path in (done.directory / "run_0003").iterdir()} >= FILES


def test_a_design_that_fails_is_a_row_with_its_message(done):
    assert [bool(row.failure) for row in done.rows] == [False, True, False, True]
    assert done.rows[1].failure.startswith("MemoryError: ")
    assert "smaller refine" in done.rows[1].failure
    assert np.isnan(done.rows[1].pixels)
    assert done.failed == (done.rows[1], done.rows[3])
    assert {path.name for path in (done.directory / "run_0002").iterdir()} == {"run.json"}
    with pytest.raises(ValueError, match="run 2 has no design: MemoryError: "):
        done.design(2)
    with pytest.raises(ValueError, match="run 5 is not in the table"):
        done.design(5)
    assert done.best.pixels == min(done.rows[0].pixels, done.rows[2].pixels)
    with pytest.raises(ValueError, match="the study has no design"):
        _ = replace(done, rows=done.failed).best


def test_the_table_is_a_file(done):
    with (done.directory / "table.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [*rows[0]][:4] == ["run", "compression", "refine", "rrmse_macro"]
    assert [row["run"] for row in rows] == ["1", "2", "3", "4"]
    assert float(rows[2]["rrmse_every_pixel"]) == done.rows[2].pixels
    assert rows[2]["rrmse_finer_mesh"] == rows[2]["failure"] == ""
    assert rows[3]["failure"] == done.rows[3].failure
    assert rows[3]["rrmse_macro"] == ""
    table = done.table
    assert list(table) == list(rows[0])
    assert table["compression"] == [0.05, 0.05, 0.1, 0.1]
    assert table["rrmse_every_pixel"][0] == done.rows[0].pixels


def test_a_second_call_makes_nothing_and_gives_the_same_table(
    done, study, cells, tmp_path, monkeypatch
):
    folder, told = copied(done, tmp_path), []
    before = (folder / "table.csv").read_bytes()
    monkeypatch.delattr(many, "design")
    again = mf.run_study(study, folder, cells, progress=lambda *call: told.append(call))
    assert (folder / "table.csv").read_bytes() == before
    assert str(again.rows) == str(done.rows)
    assert told == [("runs", 4, 4, "")]


def test_what_was_deleted_is_made_again(done, study, cells, tmp_path, quiet):
    folder, told = copied(done, tmp_path), []
    shutil.rmtree(folder / "run_0003")
    (folder / "table.csv").unlink()
    (folder / "study.png").unlink()
    assert [row.number for row in mf.StudyResult.load(folder).rows] == [1, 2, 4]
    again = mf.run_study(study, folder, cells, threads=1, progress=lambda *call: told.append(call))
    runs = [call for call in told if call[0] == "runs"]
    assert runs == [("runs", 3, 4, ""), ("runs", 4, 4, "compression = 0.1, refine = 1")]
    assert without_seconds(again.rows) == without_seconds(done.rows)
    assert (again.design(3).pixels == done.design(3).pixels).all()
    assert (folder / "table.csv").is_file()
    assert (folder / "study.png").is_file()
    assert str(mf.StudyResult.load(folder).rows) == str(again.rows)
    assert not list(folder.glob(".*"))


def test_ctrl_c_leaves_what_is_finished(study, cells, done, tmp_path, quiet, monkeypatch):
    design, calls = many.design, []

    def interrupted(*arguments, **options):
        calls.append(arguments)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return design(*arguments, **options)

    monkeypatch.setattr(many, "design", interrupted)
    with pytest.raises(
        KeyboardInterrupt, match=r"2 of 4 runs are finished .* goes on with the rest"
    ):
        mf.run_study(study, tmp_path, cells)
    assert {path.name for path in tmp_path.iterdir()} == {"study.json", "run_0001", "run_0002"}
    again = mf.run_study(study, tmp_path, cells)
    assert len(calls) == 5
    assert without_seconds(again.rows) == without_seconds(done.rows)


def test_a_design_that_ends_early_is_not_a_finished_run(study, cells, done, tmp_path, monkeypatch):
    early = replace(done.design(1), interrupted=True)
    monkeypatch.setattr(many, "design", lambda *_, **__: early)
    with pytest.raises(KeyboardInterrupt, match="0 of 4 runs are finished"):
        mf.run_study(study, tmp_path, cells)
    assert {path.name for path in tmp_path.iterdir()} == {"study.json"}


def test_another_study_is_refused(done, study, cells, tmp_path):
    folder = copied(done, tmp_path)
    other = replace(study, name="other", options={**study.options, "smoothing": 0.0})
    with pytest.raises(ValueError, match="belongs to the study 'two sizes', whose problem, grid"):
        mf.run_study(other, folder, cells)
    with pytest.raises(ValueError, match="was begun with other cells; give the same database"):
        mf.run_study(study, folder)
    with pytest.raises(ValueError, match="was begun with other cells"):
        mf.run_study(study, folder, cells.subset(slice(1, None)))
    renamed = mf.run_study(replace(study, name="renamed"), folder, cells)
    assert str(renamed.rows) == str(done.rows)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.tex").touch()
    with pytest.raises(ValueError, match="holds something that is no study; name a new directory"):
        mf.run_study(study, tmp_path / "full", cells)


def test_damage_is_found(done, study, cells, tmp_path):
    folder = copied(done, tmp_path)
    (folder / "run_0001" / "design.h5").unlink()
    with pytest.raises(ValueError, match=r"has no design\.h5; delete the folder .*run_0001'"):
        mf.run_study(study, folder, cells)
    shutil.rmtree(folder / "run_0001")
    row = folder / "run_0003" / "run.json"
    text = row.read_text()
    for wrong in (text[:-20], text.replace('"swaps": 0', '"swaps": 1'), "[]", "{}"):
        assert wrong != text
        row.write_text(wrong)
        with pytest.raises(ValueError, match=r"not readable .* delete the folder .*run_0003'"):
            mf.StudyResult.load(folder)
    row.write_text((folder / "run_0002" / "run.json").read_text())
    with pytest.raises(ValueError, match=r"holds another run, .*1000"):
        mf.run_study(study, folder, cells)
    row.write_text(text)
    (folder / "study.json").write_text("{}")
    with pytest.raises(ValueError, match=r"study\.json' is not readable .* name a new directory"):
        mf.run_study(study, folder, cells)
    with pytest.raises(ValueError, match="is not readable"):
        mf.StudyResult.load(tmp_path / "nowhere")


def test_values_that_the_problem_refuses_together_are_a_row(cells, tmp_path, quiet):
    text = mf.read_problem("bridge").text
    place = '[[targets]]\nplace = { node = ["first + second", 1] }\nu_y = 0.01\n'
    head = "[parameters]\nfirst = 1\nsecond = 0\n"
    path = tmp_path / "mine.toml"
    path.write_text(text[: text.index("[[targets]]")].replace("[parameters]\n", head) + place)
    size = {"rows": 1, "cols": 4}
    grid = {"first": [1, 3], "second": [0, 2]}  # 3 + 2 lies outside
    study = mf.Study("together", path, grid, size, {"kinematics": "linear", "swap_rounds": 0})
    result = mf.run_study(study, tmp_path / "runs", cells)
    assert [row.number for row in result.rows] == [1, 2, 3, 4]
    assert [row.number for row in result.failed][-1] == 4
    assert "ValueError: mine.toml, line" in result.rows[3].failure


def test_arguments_are_checked_first(study, cells, tmp_path):
    with pytest.raises(ValueError, match="study is a str; a Study is needed"):
        mf.run_study(STUDY, tmp_path / "a")
    with pytest.raises(ValueError, match=r"client is 'here'; a dask\.distributed\.Client"):
        mf.run_study(study, tmp_path / "a", client="here")
    with pytest.raises(ValueError, match="threads is 0"):
        mf.run_study(study, tmp_path / "a", cells, threads=0)
    with pytest.raises(ValueError, match="database is a int; a CellDatabase is needed"):
        mf.run_study(study, tmp_path / "a", 3)
    assert not (tmp_path / "a").exists()
