"""The command line: what it writes, and that bad input ends in one clear line."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from metafast.cli.claims import claimed
from metafast.pipeline import Design


def test_design_writes_and_does_not_overwrite(run, tmp_path, capsys):
    folder = tmp_path / "out"
    small = ("design", "bridge", "--rows", "2", "--cols", "8", "--output", folder)
    small += ("--kinematics", "linear", "--correction-rounds", "1", "--swap-rounds", "1")
    small += ("--encoder", "default")
    assert run(*small) == 0
    out = capsys.readouterr().out
    made = Design.load(folder)
    assert made.problem.cols == 8
    assert made.provenance["encoder"] == "CellVAE"
    first, proof, cost = out.strip().splitlines()[-3:]
    errors = made.errors
    assert first.startswith(f"bridge, 2 x 8 cells: RRMSE {errors.pixels:.4f} at every pixel (")
    assert first.endswith(f"open loop {errors.open_loop:.4f})")
    assert proof.startswith(f"assembly proved optimal (energy {made.certified.energy:.4f})")
    assert cost.endswith(f"written to {folder}: design.h5, report.html")
    before = (folder / "design.h5").read_bytes()
    assert run(*small) == 2
    assert "is already there" in capsys.readouterr().err
    assert (folder / "design.h5").read_bytes() == before
    fast = ("--correction-rounds", "0", "--swap-rounds", "0", "--details")
    assert run(*small, *fast, "--overwrite") == 0
    assert (folder / "design.h5").read_bytes() != before
    out = capsys.readouterr().out
    for title in ("time and memory", "assembly", "closed loop", "RRMSE"):
        assert title in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("design", "tower", "--output", "{tmp}"), "unknown problem 'tower'; choose one of"),
        (("design", "bridge", "--output", "/proc/nowhere"), "cannot write into"),
        (("design", "bridge", "--output", "{tmp}", "--database", "{tmp}/no.h5"), "no database at"),
        (("design", "bridge", "--output", "{tmp}", "--encoder", "{tmp}/no.h5"), "no model at"),
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
        (("design", "bridge", "--output", "{tmp}", "--edge-weight", "nan"), "--edge-weight is nan"),
    ],
)
def test_bad_input_is_one_line_without_traceback(run, tmp_path, capsys, arguments, message):
    filled = [str(a).replace("{tmp}", str(tmp_path)) for a in arguments]
    assert run(*filled) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("*.h5"))


def test_usage_errors_show_themselves(run, capsys):
    assert run("design", "bridge") == 2
    assert "--output" in capsys.readouterr().err
    assert run("design", "--help") == 0
    assert "smiley" in capsys.readouterr().out


def test_homogenize_writes_what_the_api_returns(run, tmp_path, capsys):
    import metafast as mf

    cells = np.random.default_rng(0).random((3, 10, 10)) < 0.8
    np.save(tmp_path / "cells.npy", cells)
    output = tmp_path / "c.npy"
    arguments = ("homogenize", tmp_path / "cells.npy", "--poisson", "0.3", "--output", output)
    assert run(*arguments) == 0
    expected = mf.homogenize(cells, mf.Material(poisson=0.3))
    np.testing.assert_array_equal(np.load(output), expected)
    assert f"{expected[1, 0, 0]:.6g}" in capsys.readouterr().out
    second = ("--void-young", "0.2", "--void-poisson", "0.1", "--overwrite")
    assert run(*arguments, *second) == 0
    expected = mf.homogenize(cells, mf.Phases(mf.Material(poisson=0.3), mf.Material(0.2, 0.1)))
    np.testing.assert_array_equal(np.load(output), expected)
    assert run("homogenize", tmp_path / "cells.npy", "--void-poisson", "0.1") == 2
    assert "--void-poisson needs --void-young" in capsys.readouterr().err
    np.save(tmp_path / "grey.npy", cells * 0.5)
    assert run("homogenize", tmp_path / "grey.npy") == 2
    assert "not binary" in capsys.readouterr().err
    (tmp_path / "text.npy").write_text("no numbers")
    assert run("homogenize", tmp_path / "text.npy") == 2
    assert "holds Python objects or no array of numbers" in capsys.readouterr().err


def test_assemble_writes_the_labels_and_goes_on_from_them(run, tmp_path, capsys):
    from reference.grid_mrf import random_tables

    import metafast as mf

    costs = dict(zip(("unary", "horizontal", "vertical"), random_tables(3, 9, 8, 5), strict=True))
    tables, output = tmp_path / "tables.npz", tmp_path / "labels.npy"
    np.savez(tables, **costs)
    arguments = ("assemble", tables, "--output", output)
    assert run(*arguments) == 0
    shown = capsys.readouterr().out
    assert "9x8 nodes" in shown
    assert "proved optimal" in shown
    expected = mf.solve_mrf(**costs)
    np.testing.assert_array_equal(np.load(output), expected.labels)
    assert run(*arguments) == 2
    assert "--overwrite" in capsys.readouterr().err
    again = ("--initial", output, "--overwrite", "--max-iterations", 0, "--threads", 1)
    assert run(*arguments, *again) == 0
    np.testing.assert_array_equal(np.load(output), expected.labels)
    np.savez(tables, unary=costs["unary"])
    assert run("assemble", tables) == 2
    assert "'horizontal'" in capsys.readouterr().err


def test_assemble_keeps_the_best_so_far_on_ctrl_c(run, monkeypatch, tmp_path, capsys):
    from reference.grid_mrf import random_tables

    import metafast.assembly as assembly

    costs = dict(zip(("unary", "horizontal", "vertical"), random_tables(3, 5, 5, 3), strict=True))
    np.savez(tmp_path / "tables.npz", **costs)
    solve = assembly.solve_mrf

    def interrupted(*costs, **options):
        raise assembly.MrfInterrupted(solve(*costs, **options))

    monkeypatch.setattr(assembly, "solve_mrf", interrupted)
    output = tmp_path / "labels.npy"
    assert run("assemble", tmp_path / "tables.npz", "--output", output) == 130
    assert np.load(output).shape == (5, 5)
    assert "interrupted" in capsys.readouterr().err


def test_the_installed_command_runs():
    environment = {**os.environ, "NO_COLOR": "1"}
    result = subprocess.run(
        [sys.executable, "-m", "metafast", "--help"], capture_output=True, text=True,
        env=environment, check=False,
    )  # fmt: skip
    assert result.returncode == 0
    assert "design" in result.stdout


def test_results_are_not_replaced_unasked(run, tmp_path, capsys):
    cells = tmp_path / "cells.npy"
    np.save(cells, np.ones((2, 4, 4)))
    for arguments in (
        ("homogenize", cells, "--output", tmp_path / "kept.npy"),
        ("database", "build", "--size", 50, "--seeds", 50, "--output", tmp_path / "kept.h5"),
    ):
        arguments[-1].write_text("precious")
        assert run(*arguments) == 2
        assert "is already there" in capsys.readouterr().err
        assert arguments[-1].read_text() == "precious"
        assert run(*arguments, "--overwrite") == 0
        assert arguments[-1].read_bytes()[:8] != b"precious"
    assert not [path for path in tmp_path.iterdir() if "partial" in path.name]


@pytest.mark.parametrize("kinematics", ["linear", pytest.param("finite", marks=pytest.mark.slow)])
def test_an_impossible_target_is_said(run, tmp_path, capsys, kinematics):
    arguments = ("design", "bridge", "--rows", 1, "--cols", 2, "--amplitude", 50)
    arguments += ("--kinematics", kinematics, "--correction-rounds", 0, "--swap-rounds", 0)
    assert run(*arguments, "--output", tmp_path / "out") == 0
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
    _, error = process.communicate(timeout=180)
    assert process.returncode == 130
    assert "interrupted" in error
    assert "Traceback" not in error
    assert [path.name for path in tmp_path.iterdir()] == ["c.npz"]


def test_the_version_is_said(run, capsys):
    import metafast as mf

    assert run("--version") == 0
    assert capsys.readouterr().out.strip() == f"metafast {mf.__version__}"


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize("loading", ["metafast.cli.app", "scipy", "typer"])
def test_ctrl_c_while_modules_load_is_one_line(tmp_path, loading):
    code = f"""
import importlib.abc, os, signal, sys
class Interrupt(importlib.abc.MetaPathFinder):
    def find_spec(self, name, *_):
        if name == {loading!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupt())
sys.argv = ["metafast", "problem", "schema"]
from metafast.cli import main
main()
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 130
    assert ended.stderr == "interrupted: nothing was done yet\n"
    assert ended.stdout == ""


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX locks")
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("database", "build", "--size", "20", "--output", "x.h5"), "x.h5"),
        (("database", "build", "--size", "20", "--output", "x.h5", "--checkpoint", "c"), "c"),
        (("design", "bridge", "--output", "x", "--overwrite"), "x"),
        (("train", "--output", "m.h5"), "m.h5"),
        (("database", "build", "--size", "20"), "full_database.h5"),
    ],
)
def test_two_processes_do_not_write_one_result(run, tmp_path, monkeypatch, capsys, arguments, name):
    code = f"""
from pathlib import Path
from metafast.cli.claims import claimed
with claimed(Path({str(tmp_path / name)!r})):
    print("claimed", flush=True)
    input()
"""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("METAFAST_CACHE", str(tmp_path))
    other = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert other.stdout.readline() == "claimed\n"
    try:
        assert run(*arguments) == 2
        error = capsys.readouterr().err
        assert error.startswith("error: another process is going to write ")
        assert error.count("\n") == 1
        assert not list(tmp_path.iterdir())
    finally:
        other.kill()
        other.communicate()
    with (
        claimed(tmp_path / name),
        pytest.raises(ValueError, match="another process"),
        claimed(tmp_path / name),
    ):
        raise AssertionError
    with claimed(tmp_path / name):
        assert not list(tmp_path.iterdir())
