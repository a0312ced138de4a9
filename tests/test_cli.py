"""The command line: what it writes, and that bad input ends in one clear line."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metafast import cli
from metafast.database import CellDatabase, growth
from metafast.export import read_design
from metafast.generative import CellVAE


def run(monkeypatch, *arguments):
    """Run the command line in this process; returns the exit status."""
    monkeypatch.setattr(sys, "argv", ["metafast", *map(str, arguments)])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    return stop.value.code


def test_design_writes_and_does_not_overwrite(monkeypatch, tmp_path, capsys):
    folder = tmp_path / "out"
    small = ("design", "bridge", "--rows", "2", "--cols", "8", "--output", folder)
    small += ("--target-rounds", "1", "--refine-rounds", "1")
    assert run(monkeypatch, *small) == 0
    out = capsys.readouterr().out
    assert "every pixel" in out
    assert "gap" in out
    assert "open loop" in out
    assert "target correction" in out
    made = read_design(folder / "design.h5")
    assert made.problem.cols == 8
    before = (folder / "design.h5").read_bytes()
    assert run(monkeypatch, *small) == 2
    assert "is already there" in capsys.readouterr().err
    assert (folder / "design.h5").read_bytes() == before
    assert run(monkeypatch, *small, "--overwrite") == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("design", "tower", "--output", "{tmp}"), "unknown problem 'tower'; choose one of"),
        (("design", "bridge", "--output", "/proc/nowhere"), "cannot write into"),
        (("design", "bridge", "--output", "{tmp}", "--database", "{tmp}/no.h5"), "no database at"),
        (("design", "bridge", "--output", "{tmp}", "--rows", "0"), "rows is 0"),
        (("design", "smiley", "--output", "{tmp}", "--rows", "20"), "square"),
        (("homogenize", "{tmp}/no.npy"), "does not exist"),
        (("database", "info", "{tmp}/no.h5"), "no database at"),
        (("database", "build", "--output", "{tmp}/x.h5", "--size", "0"), "size is 0"),
        (("database", "build", "--output", "{tmp}"), "it is a directory"),
        (("database", "build", "--output", "/dev/null"), "no regular file"),
        (("database", "build", "--output", "{tmp}/x.h5", "--size", "9", "--keep", "10"), "--keep"),
        (
            ("database", "build", "--output", "{tmp}/x.h5", "--checkpoint", "{tmp}/no/c.npz"),
            "there is no directory",
        ),
        (("design", "bridge", "--output", "{tmp}", "--edge-weight", "nan"), "edge_weight is nan"),
    ],
)
def test_bad_input_is_one_line_without_traceback(monkeypatch, tmp_path, capsys, arguments, message):
    filled = [str(a).replace("{tmp}", str(tmp_path)) for a in arguments]
    assert run(monkeypatch, *filled) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("*.h5"))


def test_usage_errors_show_themselves(monkeypatch, capsys):
    assert run(monkeypatch, "design", "bridge") == 2
    assert "--output" in capsys.readouterr().err
    assert run(monkeypatch, "design", "--help") == 0
    assert "smiley" in capsys.readouterr().out


def test_homogenize_writes_what_the_api_returns(monkeypatch, tmp_path, capsys):
    import metafast as mf

    cells = np.random.default_rng(0).random((3, 10, 10)) < 0.8
    np.save(tmp_path / "cells.npy", cells)
    output = tmp_path / "c.npy"
    arguments = ("homogenize", tmp_path / "cells.npy", "--poisson", "0.3", "--output", output)
    assert run(monkeypatch, *arguments) == 0
    expected = mf.homogenize(cells, mf.Material(poisson=0.3))
    np.testing.assert_array_equal(np.load(output), expected)
    assert f"{expected[1, 0, 0]:.6g}" in capsys.readouterr().out
    second = ("--void-young", "0.2", "--void-poisson", "0.1", "--overwrite")
    assert run(monkeypatch, *arguments, *second) == 0
    expected = mf.homogenize(cells, mf.Material(poisson=0.3), void_material=mf.Material(0.2, 0.1))
    np.testing.assert_array_equal(np.load(output), expected)
    assert run(monkeypatch, "homogenize", tmp_path / "cells.npy", "--void-poisson", "0.1") == 2
    assert "--void-poisson needs --void-young" in capsys.readouterr().err
    np.save(tmp_path / "grey.npy", cells * 0.5)
    assert run(monkeypatch, "homogenize", tmp_path / "grey.npy") == 2
    assert "not binary" in capsys.readouterr().err
    (tmp_path / "text.npy").write_text("no numbers")
    assert run(monkeypatch, "homogenize", tmp_path / "text.npy") == 2
    assert "does not hold the array" in capsys.readouterr().err


def test_assemble_writes_the_labels_and_goes_on_from_them(monkeypatch, tmp_path, capsys):
    from reference.grid_mrf import random_tables

    import metafast as mf

    costs = dict(zip(("unary", "horizontal", "vertical"), random_tables(3, 9, 8, 5), strict=True))
    tables, output = tmp_path / "tables.npz", tmp_path / "labels.npy"
    np.savez(tables, **costs)
    arguments = ("assemble", tables, "--output", output)
    assert run(monkeypatch, *arguments) == 0
    shown = capsys.readouterr().out
    assert "9x8 nodes" in shown
    assert "proved optimal" in shown
    expected = mf.solve_mrf(**costs)
    np.testing.assert_array_equal(np.load(output), expected.labels)
    assert run(monkeypatch, *arguments) == 2
    assert "--overwrite" in capsys.readouterr().err
    again = ("--initial", output, "--overwrite", "--max-iterations", 0, "--threads", 1)
    assert run(monkeypatch, *arguments, *again) == 0
    np.testing.assert_array_equal(np.load(output), expected.labels)
    np.savez(tables, unary=costs["unary"])
    assert run(monkeypatch, "assemble", tables) == 2
    assert "'horizontal'" in capsys.readouterr().err


def test_assemble_keeps_the_best_so_far_on_ctrl_c(monkeypatch, tmp_path, capsys):
    from dataclasses import replace

    from reference.grid_mrf import random_tables

    import metafast.assembly as assembly

    costs = dict(zip(("unary", "horizontal", "vertical"), random_tables(3, 5, 5, 3), strict=True))
    np.savez(tmp_path / "tables.npz", **costs)
    solve = assembly.solve_mrf
    monkeypatch.setattr(
        assembly, "solve_mrf", lambda *a, **k: replace(solve(*a, **k), interrupted=True)
    )
    output = tmp_path / "labels.npy"
    assert run(monkeypatch, "assemble", tmp_path / "tables.npz", "--output", output) == 130
    assert np.load(output).shape == (5, 5)
    assert "interrupted" in capsys.readouterr().err


def test_database_build_and_info(monkeypatch, tmp_path, capsys):
    path = tmp_path / "cells.h5"
    arguments = ("database", "build", "--output", path, "--size", 300, "--seeds", 100)
    assert run(monkeypatch, *arguments, "--iterations", 3, "--keep", 200) == 0
    assert run(monkeypatch, "database", "info", path) == 0
    out = capsys.readouterr().out
    assert "200 cells" in out
    assert "seed: 0" in out


def test_the_installed_command_runs():
    environment = {**os.environ, "NO_COLOR": "1"}
    result = subprocess.run(
        [sys.executable, "-m", "metafast", "--help"], capture_output=True, text=True,
        env=environment, check=False,
    )  # fmt: skip
    assert result.returncode == 0
    assert "design" in result.stdout


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=300))
def test_any_file_that_is_no_database_is_refused(tmp_path_factory, data):
    import metafast as mf

    path = tmp_path_factory.mktemp("files") / "cells.h5"
    path.write_bytes(data)
    with pytest.raises(ValueError, match="not a readable metafast database"):
        mf.CellDatabase.open(path)


def test_results_are_not_replaced_unasked(monkeypatch, tmp_path, capsys):
    cells = tmp_path / "cells.npy"
    np.save(cells, np.ones((2, 4, 4)))
    for arguments in (
        ("homogenize", cells, "--output", tmp_path / "kept.npy"),
        ("database", "build", "--size", 50, "--seeds", 50, "--output", tmp_path / "kept.h5"),
    ):
        arguments[-1].write_text("precious")
        assert run(monkeypatch, *arguments) == 2
        assert "is already there" in capsys.readouterr().err
        assert arguments[-1].read_text() == "precious"
        assert run(monkeypatch, *arguments, "--overwrite") == 0
        assert arguments[-1].read_bytes()[:8] != b"precious"
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


def test_an_impossible_target_is_said(monkeypatch, tmp_path, capsys):
    arguments = ("design", "bridge", "--rows", 1, "--cols", 2, "--amplitude", 50)
    assert run(monkeypatch, *arguments, "--output", tmp_path / "out") == 0
    assert "cannot do this" in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(signal, "SIGINT") or os.name == "nt", reason="needs POSIX signals")
def test_ctrl_c_says_so_and_leaves_no_partial_file(tmp_path):
    command = [sys.executable, "-m", "metafast", "database", "build", "--seeds", "8"]
    process = subprocess.Popen(
        [*command, "--output", str(tmp_path / "x.h5"), "--checkpoint", str(tmp_path / "c.npz")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 240
    while not (tmp_path / "c.npz").exists() and time.monotonic() < deadline:
        time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in error
    assert "Traceback" not in error
    assert [path.name for path in tmp_path.iterdir()] == ["c.npz"]


def test_the_full_database_goes_to_the_cache(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path / "cache"))
    assert run(monkeypatch, "database", "info", "full") == 2
    assert "metafast database build" in capsys.readouterr().err
    state = tmp_path / "mine.npz"
    small = ("database", "build", "--size", "80", "--seeds", "4", "--iterations", "2")
    assert run(monkeypatch, *small, "--checkpoint", state) == 0
    assert state.exists(), "a checkpoint that the user named is the user's"
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["full_database.h5"]
    assert run(monkeypatch, *small) == 2
    assert "already there" in capsys.readouterr().err
    assert run(monkeypatch, *small, "--overwrite") == 0
    assert [p.name for p in (tmp_path / "cache").iterdir()] == ["full_database.h5"]
    assert run(monkeypatch, "database", "info", "full") == 0
    assert "80 cells" in capsys.readouterr().out


def test_an_interrupted_build_goes_on_where_it_was(monkeypatch, tmp_path, capsys):
    small = ("database", "build", "--size", "1200", "--seeds", "4", "--iterations", "30")
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path / "whole"))
    assert run(monkeypatch, *small) == 0
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path / "parts"))
    rounds = []
    inner = growth._grow

    def interrupted(*arguments):
        rounds.append(0)
        if len(rounds) == 15:
            raise KeyboardInterrupt
        inner(*arguments)

    monkeypatch.setattr(growth, "_grow", interrupted)
    assert run(monkeypatch, *small) == 130
    assert [p.name for p in (tmp_path / "parts").iterdir()] == ["full_database.state.npz"]
    assert run(monkeypatch, *small) == 0
    assert len(rounds) < 2 * 30, "it must not begin anew"
    whole, parts = (
        CellDatabase.open(tmp_path / n / "full_database.h5") for n in ("whole", "parts")
    )
    assert (whole.cells == parts.cells).all()
    assert (whole.properties == parts.properties).all()


def test_train_and_walk_the_latent_space(monkeypatch, tmp_path, capsys):
    """All commands of the generative model on a small database, and what they refuse."""
    file, model = tmp_path / "cells.h5", tmp_path / "vae.h5"
    CellDatabase.default().subset(slice(0, None, 50)).save(file)
    command = ("train", "--database", file, "--epochs", 1, "--output", model)
    assert run(monkeypatch, *command) == 0
    assert "written to" in capsys.readouterr().out
    assert run(monkeypatch, *command) == 2
    assert "is already there" in capsys.readouterr().err
    more = ("train", "--database", file, "--epochs", 1, "--start", model, "--kl-weight", 0.5)
    more += ("--hidden", 528, "--regression-weight", 50, "--shifts")
    assert run(monkeypatch, *more, "--output", tmp_path / "more.h5") == 0
    capsys.readouterr()
    config = CellVAE.load(tmp_path / "more.h5").provenance["config"]
    assert (config["kl_weight"], config["regression_weight"]) == (0.5, 50.0)
    assert (config["hidden"], config["shifts"]) == (528, True)
    assert config["learning_rate"] == 0.25 * 8e-3
    assert run(monkeypatch, *more, "--latent", 8, "--output", tmp_path / "bad.h5") == 2
    assert "latent 16 instead of 8" in capsys.readouterr().err
    for walk in (
        ("sample", "--count", 3, "--rounds", 1),
        ("traverse", "--join"),
        ("arrow", "C33"),
        ("interpolate",),
        ("map",),
    ):
        picture = tmp_path / f"{walk[0]}.png"
        given = () if walk[0] == "sample" else ("--database", file)
        given += ("--model", model) if walk[0] != "arrow" else ()  # else the one that ships
        assert run(monkeypatch, "latent", *walk, *given, "--output", picture) == 0
        assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "connected" in capsys.readouterr().out
    bad = ("latent", "arrow", "colour", "--database", file, "--model", model)
    assert run(monkeypatch, *bad, "--output", tmp_path / "no.png") == 2
    assert "name is 'colour'; use one of C11" in capsys.readouterr().err
    bad = ("latent", "traverse", "--cell", 10**6, "--database", file, "--model", model)
    assert run(monkeypatch, *bad, "--output", tmp_path / "no.png") == 2
    assert "no row of the database" in capsys.readouterr().err
    assert not (tmp_path / "no.png").exists()
