"""``metafast database`` from the command line: builds, the cache, damaged files."""

from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafast.database import CellDatabase


def test_database_build_and_info(run, tmp_path, capsys):
    path = tmp_path / "cells.h5"
    arguments = ("database", "build", "--output", path, "--size", 300, "--seeds", 100)
    assert run(*arguments, "--iterations", 3, "--keep", 200) == 0
    assert run("database", "info", path) == 0
    out = capsys.readouterr().out
    assert "200 cells" in out
    assert "seed: 0" in out


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_any_file_that_is_no_database_is_refused(tmp_path_factory, data):
    import metafast as mf

    path = tmp_path_factory.mktemp("files") / "cells.h5"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="not a readable metafast database"):
        mf.CellDatabase.load(path)


def test_the_full_database_goes_to_the_cache(run, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path / "cache"))
    assert run("database", "info", "full") == 2
    assert "metafast database build" in capsys.readouterr().err
    state = tmp_path / "mine.npz"
    small = ("database", "build", "--size", "80", "--seeds", "4", "--iterations", "2")
    assert run(*small, "--checkpoint", state) == 0
    assert state.exists(), "a checkpoint that the user named is the user's"
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["full_database.h5"]
    assert run(*small) == 2
    assert "already there" in capsys.readouterr().err
    assert run(*small, "--overwrite", "--no-keep-simple") == 0
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["full_database.h5"]
    assert run("database", "info", "full") == 0
    told = capsys.readouterr().out
    assert "80 cells" in told
    assert "keep_simple: False" in told


def test_an_interrupted_build_goes_on_where_it_was(run, monkeypatch, tmp_path, capsys):
    small = ("database", "build", "--size", "1200", "--seeds", "4", "--iterations", "30")
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path / "whole"))
    assert run(*small) == 0
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path / "parts"))
    rounds = []

    def interrupt(what, *_):
        rounds.extend([what] * what.startswith("growing"))
        if len(rounds) == 15:
            raise KeyboardInterrupt

    @contextmanager
    def bars():
        yield interrupt

    monkeypatch.setattr("metafast._base.progress.progress_bars", bars)
    assert run(*small) == 130
    assert [p.name for p in (tmp_path / "parts").iterdir()] == ["full_database.state.npz"]
    assert run(*small) == 0
    assert len(rounds) < 2 * 30, "it must not begin again"
    whole, parts = (
        CellDatabase.load(tmp_path / n / "full_database.h5") for n in ("whole", "parts")
    )
    assert (whole.cells == parts.cells).all()
    assert (whole.properties == parts.properties).all()
