"""``metafast study``: table, picture, failures, what is refused, Ctrl-C."""

import re

import pytest
from reference.studies import STUDY

import metafast as mf
from metafast.studies import many

pytestmark = pytest.mark.filterwarnings("ignore:the cells at hand cannot do this")


@pytest.fixture
def files(tmp_path):
    """A study file and a database of few cells."""
    (tmp_path / "study.toml").write_text(STUDY.replace("[0.05, 0.1]", "[0.1]"))
    mf.CellDatabase.default().subset(slice(0, None, 200)).save(tmp_path / "cells.h5")
    return tmp_path


def test_a_study_is_run_and_goes_on(run, files, capsys):
    command = ("study", files / "study.toml", "--output", files / "runs" / "sizes")
    command += ("--database", files / "cells.h5", "--threads", 1)
    assert run(*command) == 0
    out = capsys.readouterr().out
    assert "two sizes: 2 runs" in out
    assert "linear" in out
    assert "finer" not in out  # no run has a second mesh
    assert re.search(r"│ 2 +│ +0\.1 │ +1000 │.*failed", out)
    assert "run 2: MemoryError: " in out
    assert "table.csv, study.png" in out
    folder = files / "runs" / "sizes"
    assert {path.name for path in folder.iterdir()} == {
        "study.json", "table.csv", "study.png", "run_0001", "run_0002"
    }  # fmt: skip
    table = (folder / "table.csv").read_bytes()
    assert run(*command) == 0
    assert (folder / "table.csv").read_bytes() == table
    text = (files / "study.toml").read_text()
    (files / "study.toml").write_text(text.replace("[1, 1000]", "[1000]"))
    assert run(*command) == 2
    assert "belongs to the study 'two sizes'" in capsys.readouterr().err
    assert run(*command[:3], files / "failed", *command[4:]) == 2
    captured = capsys.readouterr()
    assert "run 1: MemoryError: " in captured.out
    assert "error: no design could be made; the table has the messages" in captured.err


def test_ctrl_c_says_how_to_go_on(run, files, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(many, "design", interrupted)
    output = files / "runs"
    assert run("study", files / "study.toml", "--output", output) == 130
    assert re.search(
        "0 of 2 runs are finished in .* goes on with the rest", capsys.readouterr().err
    )


def test_wrong_files_and_options_are_named_and_leave_nothing(run, files, capsys):
    output = files / "new"
    assert run("study", files / "none.toml", "--output", output) == 2
    assert "does not exist; check the path" in capsys.readouterr().err
    text = (files / "study.toml").read_text()
    (files / "typo.toml").write_text(text.replace("refine", "refin"))
    assert run("study", files / "typo.toml", "--output", output) == 2
    assert capsys.readouterr().err.startswith("error: typo.toml, line 7, grid.refin: ")
    nowhere = ("--scheduler", "nonsense")
    assert run("study", files / "study.toml", "--output", output, *nowhere) == 2
    assert "there is no Dask scheduler at 'nonsense'" in capsys.readouterr().err
    assert run("study", files / "study.toml", "--output", output, "--threads", 0) == 2
    assert "threads is 0" in capsys.readouterr().err
    assert not output.exists()
