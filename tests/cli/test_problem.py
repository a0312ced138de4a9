"""``metafast problem`` and designs from problem files."""

import json
import tomllib
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import metafast as mf

EXAMPLES = Path(__file__).parents[2] / "examples"
ARCH = """\
name = "arch"
about = "rises when it is pushed"

[size]
rows = 2
cols = 8

[parameters]
push = 0.2

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
u_y = "0.5*push*sin(pi*x/L)"

[design]
kinematics = "linear"
correction_rounds = 0
swap_rounds = 3
"""


@pytest.fixture
def arch(tmp_path):
    path = tmp_path / "arch.toml"
    path.write_text(ARCH)
    return path


def test_a_problem_file_is_designed_and_comes_back_from_the_design(run, arch, tmp_path, capsys):
    output = tmp_path / "runs" / "arch"
    small = ("--set", "push=0.1", "--rows", 3, "--swap-rounds", 0)
    assert run("design", arch, *small, "--output", output) == 0
    assert "arch, 3 x 8 cells: RRMSE" in capsys.readouterr().out
    made = mf.Design.load(output)
    assert (made.options.kinematics, made.options.swap_rounds) == ("linear", 0)
    assert np.nanmin(made.problem.prescribed) == -0.1
    assert made.source.text == ARCH
    assert made.source.changes == {"rows": 3, "push": "0.1"}
    again = mf.read_problem(arch, **made.source.changes).problem
    np.testing.assert_array_equal(again.target, made.problem.target)
    assert run("problem", "show", output) == 0
    out = capsys.readouterr().out
    assert out.endswith(ARCH)
    assert "# changed: push = 0.1\n" in out


class Interrupting:
    """Wrapper of a design that Ctrl-C meets at the n-th report of a stage's beginning or end."""

    def __init__(self, count):
        self.left, self.design = count, mf.design

    def __call__(self, *arguments, progress, **options):
        def report(stage, *_):
            self.left -= stage == "stages"
            if stage == "stages" and self.left == 0:
                raise KeyboardInterrupt

        return self.design(*arguments, progress=report, **options)


def test_ctrl_c_leaves_the_best_structure_to_start_from(run, arch, tmp_path, monkeypatch, capsys):
    import metafast.pipeline

    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    with monkeypatch.context() as patch:
        patch.setattr(metafast.pipeline, "design", Interrupting(9))
        assert run("design", arch, "--output", first) == 130
        error = capsys.readouterr().err
        assert error.endswith("solved, so there is nothing to keep\n")
        assert not first.exists()
        patch.setattr(metafast.pipeline, "design", Interrupting(11))
        assert run("design", arch, "--output", first) == 130
    error = capsys.readouterr().err
    assert "warning: interrupted: the design ends early" in error
    assert f"add --start {first} and another" in error
    assert sorted(path.name for path in first.glob("*.h5")) == ["design.h5"]
    assert run("design", arch, "--start", first, "--output", second) == 0
    assert mf.Design.load(second).errors.pixels < mf.Design.load(first).errors.pixels
    third.mkdir()
    (first / "design.h5").rename(third / "partial.h5")  # a run that was killed
    assert run("design", arch, "--output", third) == 2
    assert "add --start" in capsys.readouterr().err
    assert run("design", arch, "--start", third, "--swap-rounds", 0, "--output", third) == 0
    assert sorted(path.name for path in third.glob("*.h5")) == ["design.h5"]


def test_check_says_what_is_asked_for(run, arch, capsys):
    assert run("problem", "check", arch, "--cols", 20) == 0
    out = capsys.readouterr().out
    assert "no fault found" in out
    assert "2 x 20 cells" in out
    assert "-0.2 to 0 cells" in out
    assert run("problem", "check", "l_bracket") == 0
    assert "80 designed, 64 absent" in capsys.readouterr().out


def test_a_picture_is_drawn_and_not_replaced(run, arch, tmp_path, capsys):
    picture = tmp_path / "arch.png"
    assert run("problem", "draw", arch, "--output", picture) == 0
    assert picture.stat().st_size > 5000
    assert run("problem", "draw", arch, "--output", picture) == 2
    assert "is already there" in capsys.readouterr().err
    assert run("problem", "draw", arch, "--output", tmp_path / "arch.xyz") == 2
    assert "as .png, .svg or .pdf" in capsys.readouterr().err


def test_the_schema_is_json(run, capsys):
    assert run("problem", "schema") == 0
    assert json.loads(capsys.readouterr().out)["properties"]["size"]


def test_the_schema_of_studies_knows_options_and_what_the_shipped_one_has(run, capsys):
    assert run("problem", "schema", "--study") == 0
    made = json.loads(capsys.readouterr().out)
    assert set(made["required"]) == {"problem", "grid"}
    assert made["additionalProperties"] is False
    grid, design = made["$defs"]["Grid"], made["$defs"]["Design"]
    assert set(grid["properties"]) == set(design["properties"])
    assert set(design["properties"]) == {field.name for field in fields(mf.DesignOptions)}
    assert grid["properties"]["candidates"]["type"] == "array"
    study = tomllib.loads((EXAMPLES / "study.toml").read_text())
    assert set(study) <= set(made["properties"])
    assert set(study.get("design", {})) <= set(design["properties"])
    for name, values in study["grid"].items():
        assert isinstance(values, list)
        if name not in grid["properties"]:
            assert grid["additionalProperties"]["type"] == "array"


def test_shipped_problems_are_listed_and_shown(run, capsys):
    assert run("problem", "list") == 0
    assert "smiley" in capsys.readouterr().out
    for name in ("bridge", "cloak"):
        assert run("problem", "show", name) == 0
        assert f'name = "{name}"' in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "push"), "--set came with 'push'; NAME=VALUE is needed"),
        (("--set", "pusch=1"), "'pusch' is no parameter; did you mean 'push'"),
        (("--set", "push=1+"), "is no expression"),
        (("--set", "push=0"), "all targets are zero"),
        (("--material", "PLB"), "the material 'PLB' is not known; use one of PLA"),
        (("--poisson", "1.5"), "poisson is 1.5"),
        (("--database", "no.h5"), "no database at"),
        (("--rows", "0"), "rows is 0"),
    ],
)
def test_bad_input_leaves_no_folder(run, arch, tmp_path, capsys, arguments, message):
    output = tmp_path / "new" / "folder"
    assert run("design", arch, *arguments, "--output", output) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not output.parent.exists()


def test_a_design_that_fails_leaves_no_folder(run, arch, tmp_path, monkeypatch, capsys):
    import metafast.pipeline

    def fails(*_, **__):
        raise ValueError("no luck")

    monkeypatch.setattr(metafast.pipeline, "design", fails)
    output = tmp_path / "new" / "folder"
    assert run("design", arch, "--output", output) == 2
    assert not output.parent.exists()
    output.mkdir(parents=True)
    assert run("design", arch, "--output", output) == 2
    assert output.exists()
    assert capsys.readouterr().err == "error: no luck\n" * 2
