"""``metafast verify``: the table, the file and the picture beside the design."""

import numpy as np
import pytest

import metafast as mf


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    problem = mf.problems.bridge(1, 4, compression=0.1, amplitude=0.05)
    made = mf.design(problem, swap_rounds=0, correction_rounds=0)
    return made.save(tmp_path_factory.mktemp("design"))


def test_verify_writes_beside_the_design_and_does_not_overwrite(run, folder, capsys):
    assert run("verify", folder, "--law", "neo-hookean", "--no-outside") == 0
    out = capsys.readouterr().out
    found, made = mf.Verification.load(folder), mf.Design.load(folder)
    assert (folder / "load_path.png").read_bytes()[:4] == b"\x89PNG"
    first, last = out.strip().splitlines()[-2:]
    assert first.startswith(f"bridge, 1 x 4 cells: RRMSE {found.headline:.4f} (neo-hookean")
    assert last == f"written to {folder}: verification.json, load_path.png"
    assert f"{found.solution('neo-hookean', 2).rrmse:.4f}" in out
    coarse = found.solution("neo-hookean", 1)
    np.testing.assert_allclose(coarse.rrmse, made.errors.pixels, rtol=1e-5)
    np.testing.assert_allclose(coarse.largest_strain, made.response.largest_strain, rtol=1e-5)
    assert found.material == str(made.phases.solid)
    assert run("verify", folder, "--no-outside") == 2
    assert "is already there" in capsys.readouterr().err


def test_verify_takes_the_file_other_meshes_and_another_place(run, folder, tmp_path, capsys):
    arguments = ("verify", folder / "design.h5", "--refine", 3, "--law", "neo-hookean")
    assert run(*arguments, "--no-outside", "--output", tmp_path / "there") == 0
    found = mf.Verification.load(tmp_path / "there")
    assert [(each.law, each.refine) for each in found.solutions] == [
        ("linear", 3), ("neo-hookean", 3)
    ]  # fmt: skip
    assert "extrapolated" not in capsys.readouterr().out


def test_verify_needs_a_design(run, tmp_path, capsys):
    assert run("verify", tmp_path) == 2
    assert "there is no design at" in capsys.readouterr().err
