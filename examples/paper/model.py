"""Figs. 4 to 6: property space, training history, reconstructed and random cells."""

from __future__ import annotations

from typing import Any

import numpy as np

import metafast as mf
from metafast.plotting import plot_cell_rows, plot_property_cloud, plot_training
from paper.setting import Setting

_COLUMNS = 20


def property_space(setting: Setting) -> dict[str, Any]:
    """Fig. 4: properties of the database, the boundary shaded."""
    cells = setting.database if setting.small else setting.every_cell
    plot_property_cloud(cells.properties, path=setting.path("fig04_property_space"))
    return {"properties": cells.properties}


def training(setting: Setting, cells: int = 10_000, epochs: int = 30) -> dict[str, Any]:
    """Fig. 5: a model trained by the paper's recipe, on fewer cells and for fewer epochs.

    Batches of 32, RMSprop, Eq. 6 with weights of 1. The state after every epoch is kept beside the
    figure, so that a second call only draws.
    """
    if setting.small:
        cells, epochs = 1000, 3
    rows = np.random.default_rng(0).choice(len(setting.every_cell), cells, replace=False)
    config = mf.TrainingConfig(
        epochs=epochs, batch=32, optimizer="rmsprop", kl_weight=1.0, regression_weight=1.0
    )
    result = mf.train_vae(
        setting.every_cell.subset(np.sort(rows)),
        config,
        checkpoint=setting.folder / f"fig05_training_{cells}.pt",
    )
    words = f"RMSprop, batches of 32, loss of Eq. 6: {cells:,} cells of the database"
    plot_training(result, title=words, path=setting.path("fig05_training"))
    return {"history": result.history}


def cells(setting: Setting) -> dict[str, Any]:
    """Fig. 6: cells, their reconstructions and random cells, before threshold and repair."""
    vae, count = setting.vae, 2 * _COLUMNS if setting.small else 5 * _COLUMNS
    shown = setting.database.take(setting.random_rows(2 * _COLUMNS))
    rebuilt = vae.decode(vae.encode(shown))
    random = mf.latent.sample(vae, count, seed=3, rounds=0, join=False)
    grey = vae.decode(random.z)
    wrong = {level: float(((rebuilt > level) != shown).mean()) for level in (0.5, 0.9)}
    clear, whole = float(random.clear.mean()), float(random.connected.mean())
    rows = [shown[:_COLUMNS], shown[_COLUMNS:], rebuilt[:_COLUMNS], rebuilt[_COLUMNS:]]
    rows += [grey[k : k + _COLUMNS] for k in range(0, count, _COLUMNS)]
    labels = ["(a) database", "", "(b) rebuilt", "", "(c) random", *(len(rows) - 5) * [""]]
    title = (
        f"Of the pixels of (b), {wrong[0.5]:.1%} are wrong at a threshold of 0.5 and "
        f"{wrong[0.9]:.1%} at 0.9; of {count} random points (c), {clear:.0%} are decoded clearly "
        f"and {whole:.0%} to cells in one piece"
    )
    plot_cell_rows(rows, labels, title=title, path=setting.path("fig06_cells"))
    return {"cells": shown, "rebuilt": rebuilt, "wrong": wrong, "clear": clear, "whole": whole}
