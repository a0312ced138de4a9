"""Recipes of models: the cells to grow and the stages of training, resumable as a whole.

``metafast train --recipe default --output model.h5`` makes a model like the one that ships. Its
first stage maximises the evidence lower bound; the later ones weaken the KL term and strengthen the
regressor at falling rates. Training with a weak KL term from the beginning does worse on published
cells, in pixels and in properties.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType

from metafast._base.files import atomic_write, require_writable_directory
from metafast._base.progress import Progress, silent
from metafast.database import CellDatabase, build_database, merge_databases
from metafast.generative.config import Device, TrainingConfig
from metafast.generative.result import TrainingResult
from metafast.generative.train import train_vae
from metafast.generative.workers import Workers, is_first_process, process_count


@dataclass(frozen=True)
class Growth:
    """Options of `build_database` for a part of the training cells.

    Parameters
    ----------
    size, seeds, iterations, seed : int
        As in `build_database`.
    """

    size: int
    seeds: int
    iterations: int
    seed: int


@dataclass(frozen=True)
class TrainingRecipe:
    """Training cells and training stages of a model.

    Parameters
    ----------
    growths : tuple of Growth
        Databases to grow; the model is trained on their distinct cells.
    stages : tuple of TrainingConfig
        Training runs, each of which starts from the model of the one before.
    """

    growths: tuple[Growth, ...]
    stages: tuple[TrainingConfig, ...]

    def to_json(self) -> str:
        """Recipe as JSON."""
        return json.dumps(asdict(self), indent=2)


_FIRST = TrainingConfig(epochs=12, batch=2048, hidden=768, shifts=True)
_SECOND = replace(
    _FIRST, epochs=16, batch=4096, kl_weight=0.2, regression_weight=300.0, learning_rate=8e-3
)
_THIRD = replace(_SECOND, epochs=3, regression_weight=600.0, learning_rate=3e-3)
_FOURTH = replace(_THIRD, kl_weight=0.1, regression_weight=1000.0, learning_rate=2e-3)

RECIPES: Mapping[str, TrainingRecipe] = MappingProxyType(
    {
        "default": TrainingRecipe(
            growths=(
                Growth(size=250_000, seeds=1400, iterations=200, seed=0),
                Growth(size=750_000, seeds=4200, iterations=200, seed=7),
            ),
            stages=(_FIRST, _SECOND, _THIRD, _FOURTH),
        )
    }
)


def run_recipe(
    recipe: TrainingRecipe,
    folder: str | os.PathLike[str],
    *,
    device: Device = "auto",
    threads: int = 1,
    progress: Progress = silent,
) -> TrainingResult:
    """Make a model by a recipe, or continue where an earlier call was interrupted.

    Databases and the state after every epoch are kept in a folder. The same recipe with the same
    folder does only what is left, and ends with the same weights as without the interruption.

    Parameters
    ----------
    recipe : TrainingRecipe
    folder : path
        Created if necessary.
    device : {"auto", "cpu", "cuda"}
        Device to train on.
    threads : int
        CPU threads per process for training; databases grow on all.
    progress : callable, optional
        Called as ``progress(stage, done, total)``, or with a note as fourth argument.

    Returns
    -------
    TrainingResult
        Model and history of the last stage.

    Raises
    ------
    ValueError
        If the folder belongs to another recipe or cannot be written, or several processes were
        started before the cells have grown.
    """
    if not recipe.stages:
        raise ValueError("the recipe has no stages; give at least one TrainingConfig")
    place = require_writable_directory(folder)
    _claim(place / "recipe.json", recipe)
    cells = _training_cells(recipe, place, progress)
    stages = [replace(stage, device=device, threads=threads) for stage in recipe.stages]
    group = Workers.join_group(stages[0])  # for all stages
    result: TrainingResult | None = None
    for k, stage in enumerate(stages, start=1):
        result = train_vae(
            cells,
            stage,
            start=result.vae if result else None,
            checkpoint=place / f"stage_{k}.pt",
            progress=_prefixed(progress, f"stage {k} of {len(stages)}"),
        )
    group.close()
    assert result is not None
    return result


def _claim(path: Path, recipe: TrainingRecipe) -> None:
    """Write the recipe to its folder, or check that the folder belongs to it."""
    if path.exists():
        if path.read_text() != recipe.to_json():
            raise ValueError(
                f"{str(path.parent)!r} holds the work of another recipe; choose another folder or "
                "delete it"
            )
    elif is_first_process():
        with atomic_write(path) as partial:
            partial.write_text(recipe.to_json())


def _training_cells(recipe: TrainingRecipe, place: Path, progress: Progress) -> CellDatabase:
    """Distinct cells of all growths, from the folder where they are already there."""
    whole = place / "cells.h5"
    if whole.exists():
        return CellDatabase.load(whole)
    if process_count() > 1:
        raise ValueError(
            f"there is no {str(whole)!r} yet, and only one process can grow the cells; run the "
            "same command without torchrun first, and interrupt it when training begins"
        )
    parts = []
    for k, growth in enumerate(recipe.growths, start=1):
        path = place / f"cells_{k}.h5"
        if not path.exists():
            build_database(
                **asdict(growth),
                checkpoint=place / f"cells_{k}.state.npz",
                progress=_prefixed(progress, f"database {k} of {len(recipe.growths)}"),
            ).save(path)
        parts.append(CellDatabase.load(path))
    (merge_databases(parts) if len(parts) > 1 else parts[0]).save(whole)
    return CellDatabase.load(whole)


def _prefixed(progress: Progress, prefix: str) -> Progress:
    """Progress reports with a prefix."""

    def report(stage: str, done: int, total: int, note: str = "", /) -> None:
        progress(f"{prefix}: {stage}", done, total, note)

    return report
