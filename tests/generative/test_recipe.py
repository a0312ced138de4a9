"""Recipes: one call from seeds to a model, interrupted anywhere and resumed to the same weights."""

from dataclasses import replace

import pytest

import metafast as mf
from metafast.generative.checkpoint import model_fingerprint
from metafast.generative.recipe import RECIPES, Growth, TrainingRecipe, run_recipe

STAGE = mf.TrainingConfig(epochs=1, batch=32, hidden=48, held_out=0.2)
TINY = TrainingRecipe(
    growths=(
        Growth(size=150, seeds=8, iterations=3, seed=0),
        Growth(size=120, seeds=8, iterations=3, seed=7),
    ),
    stages=(
        replace(STAGE, shifts=True),
        replace(STAGE, epochs=2, kl_weight=0.2, learning_rate=2e-3),
    ),
)


class Stop(Exception):
    """Ends a run from within, as a lost machine would."""


def stopping(at):
    """Progress that raises once a task named like `at` is more than half done."""

    def report(stage, done, total, _note=""):
        if stage.startswith(at) and done > 0.5 * total:
            raise Stop

    return report


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    heard = []
    result = run_recipe(TINY, folder, progress=lambda *said: heard.append(said))
    return result, folder, heard


def test_every_growth_and_stage_is_done(uninterrupted):
    result, folder, heard = uninterrupted
    cells = mf.CellDatabase.load(folder / "cells.h5")
    parts = [mf.CellDatabase.load(folder / f"cells_{k}.h5") for k in (1, 2)]
    assert [len(part) for part in parts] == [150, 120]
    assert 150 < len(cells) <= 270
    last = result.vae.provenance
    assert (last["epochs"], last["start"]["epochs"]) == (2, 1)
    assert (last["config"]["kl_weight"], last["start"]["config"]["kl_weight"]) == (0.2, 1.0)
    assert last["config"]["hidden"] == 48
    assert len(result.history) == 2
    begun = {what.partition(":")[0] for what, *_ in heard}
    assert begun == {"database 1 of 2", "database 2 of 2", "stage 1 of 2", "stage 2 of 2"}


def test_a_recipe_that_is_done_is_not_done_again(uninterrupted):
    result, folder, _ = uninterrupted
    heard = []
    again = run_recipe(TINY, folder, progress=lambda *said: heard.append(said))
    assert not heard
    assert model_fingerprint(again.vae) == model_fingerprint(result.vae)
    assert again.history.tobytes() == result.history.tobytes()
    assert again.vae.provenance == result.vae.provenance


def test_an_interrupted_recipe_ends_with_the_same_weights(uninterrupted, tmp_path):
    """Stopped while cells grow, between databases, in each stage and after an epoch of one."""
    result, _, _ = uninterrupted
    for at in (
        "database 1 of 2: growing",
        "database 2 of 2",
        "stage 1 of 2",
        "stage 2 of 2: training",
    ):
        with pytest.raises(Stop):
            run_recipe(TINY, tmp_path, progress=stopping(at))
    assert (tmp_path / "stage_2.pt").exists(), "it was stopped within a stage"
    again = run_recipe(TINY, tmp_path)
    assert model_fingerprint(again.vae) == model_fingerprint(result.vae)
    assert again.history.tobytes() == result.history.tobytes()


def test_a_folder_belongs_to_one_recipe(uninterrupted, tmp_path):
    _, folder, _ = uninterrupted
    with pytest.raises(ValueError, match="the work of another recipe"):
        run_recipe(replace(TINY, stages=TINY.stages[:1]), folder)
    with pytest.raises(ValueError, match="no stages"):
        run_recipe(TrainingRecipe(TINY.growths, ()), tmp_path)


def test_only_one_process_grows_cells(tmp_path, monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(ValueError, match="without torchrun first"):
        run_recipe(TINY, tmp_path)


def test_the_default_recipe_trains_on_the_cells_of_the_default_database():
    recipe = RECIPES["default"]
    provenance = mf.CellDatabase.default().provenance
    first = recipe.growths[0]
    assert (first.seeds, first.iterations, first.seed) == tuple(
        provenance[name] for name in ("seeds", "iterations", "seed")
    )
    assert len({growth.seed for growth in recipe.growths}) == len(recipe.growths)
    assert {stage.hidden for stage in recipe.stages} == {recipe.stages[0].hidden}
