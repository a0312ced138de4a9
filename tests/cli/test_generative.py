"""``metafast train`` and ``metafast latent`` from the command line."""

import subprocess
import sys
from dataclasses import fields

from metafast.database import CellDatabase
from metafast.generative import CellVAE, TrainingConfig
from metafast.generative.recipe import Growth, TrainingRecipe


def test_train_and_walk_the_latent_space(run, tmp_path, capsys):
    """All commands of the generative model on a small database, and what they refuse."""
    file, model = tmp_path / "cells.h5", tmp_path / "vae.h5"
    CellDatabase.default().subset(slice(0, None, 50)).save(file)
    command = ("train", "--database", file, "--epochs", 1, "--output", model)
    assert run(*command) == 0
    assert "written to" in capsys.readouterr().out
    assert run(*command) == 2
    assert "is already there" in capsys.readouterr().err
    more = ("train", "--database", file, "--epochs", 1, "--start", model, "--kl-weight", 0.5)
    more += ("--regression-weight", 50, "--shifts", "--corrections", 1)
    assert run(*more, "--output", tmp_path / "more.h5") == 0
    capsys.readouterr()
    config = CellVAE.load(tmp_path / "more.h5").provenance["config"]
    assert (config["kl_weight"], config["regression_weight"]) == (0.5, 50.0)
    assert (config["hidden"], config["shifts"], config["corrections"]) == (512, True, 1)
    assert config["learning_rate"] == 0.25 * 8e-3
    assert run(*more, "--latent", 8, "--output", tmp_path / "bad.h5") == 2
    assert "latent 16 instead of 8" in capsys.readouterr().err
    for walk in (
        ("sample", "--count", 3, "--rounds", 1),
        ("traverse", "--join"),
        ("arrow", "C33", "--method", "slope"),
        ("arrow", "poisson", "--method", "ascend", "--steps", 3, "--overwrite"),
        ("arrow", "C11", "--method", "local", "--rising", "--steps", 3, "--overwrite"),
        ("interpolate",),
        ("map",),
    ):
        picture = tmp_path / f"{walk[0]}.png"
        given = () if walk[0] == "sample" else ("--database", file)
        given += ("--model", model) if walk[0] != "arrow" else ()  # else the one that ships
        assert run("latent", *walk, *given, "--output", picture) == 0
        assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert "connected" in capsys.readouterr().out
    bad = ("latent", "arrow", "colour", "--database", file, "--model", model)
    assert run(*bad, "--output", tmp_path / "no.png") == 2
    assert "name is 'colour'; use one of 'C11'" in capsys.readouterr().err
    bad = ("latent", "arrow", "C11", "--method", "best", "--output", tmp_path / "no.png")
    assert run(*bad) == 2
    assert "use 'means', 'slope', 'local' or 'ascend'" in capsys.readouterr().err
    bad = ("latent", "traverse", "--cell", 10**6, "--database", file, "--model", model)
    assert run(*bad, "--output", tmp_path / "no.png") == 2
    assert "no row of the database" in capsys.readouterr().err
    assert not (tmp_path / "no.png").exists()


def test_a_recipe_is_one_command(run, tmp_path, capsys, monkeypatch):
    stages = (TrainingConfig(epochs=1, batch=32, hidden=40, held_out=0.2),) * 2
    recipe = TrainingRecipe((Growth(size=120, seeds=8, iterations=2, seed=0),), stages)
    monkeypatch.setattr("metafast.generative.recipe.RECIPES", {"tiny": recipe})
    model = tmp_path / "vae.h5"
    command = ("train", "--recipe", "tiny", "--output", model)
    for more, said in (
        (("--epochs", 3), "leave all but --device and --threads out"),
        (("--start", "default"), "leave --database and --start out"),
        (("--database", model), "leave --database and --start out"),
    ):
        assert run(*command, *more) == 2
        assert said in " ".join(capsys.readouterr().err.split())
    assert run("train", "--recipe", "best", "--output", model) == 2
    assert "recipe is 'best'; use one of tiny" in capsys.readouterr().err
    assert run(*command, "--device", "cpu") == 0
    assert (tmp_path / "vae.stages" / "stage_2.pt").exists()
    assert CellVAE.load(model).provenance["start"]["config"]["hidden"] == 40


def test_every_training_option_is_a_command_option(run, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert run("train", "--help") == 0
    text = capsys.readouterr().out
    for field in fields(TrainingConfig):
        assert f"--{field.name.replace('_', '-')}" in text
    assert "muon|adam|rmsprop" in text


def test_help_imports_no_torch():
    """It would take seconds."""
    code = "import sys, metafast.cli; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
