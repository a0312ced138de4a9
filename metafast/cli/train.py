"""``metafast train``."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from metafast.cli.shared import (
    DatabasePath,
    Overwrite,
    console,
    open_database,
    refuse_existing,
    table_of,
)


def train(
    output: Annotated[Path, typer.Option(help="HDF5 file for the model.")],
    database: DatabasePath = None,
    epochs: Annotated[int, typer.Option(help="Passes over the training cells.")] = 16,
    batch: Annotated[int, typer.Option(help="Cells per step.")] = 1024,
    learning_rate: Annotated[
        float | None,
        typer.Option(help="At its peak; the optimiser's by default, less from a start."),
    ] = None,
    optimizer: Annotated[str, typer.Option(help="muon, adam or rmsprop (the paper's).")] = "muon",
    latent: Annotated[
        int | None, typer.Option(help="Latent dimensions; 16, or those of the start.")
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(help="Width of the dense layers; 512, or that of the start.")
    ] = None,
    corrections: Annotated[
        int | None,
        typer.Option(help="Times the encoder's guess is corrected; 2, or those of the start."),
    ] = None,
    kl_weight: Annotated[
        float, typer.Option(help="Of the KL divergence; 1 is the evidence lower bound.")
    ] = 1.0,
    regression_weight: Annotated[
        float, typer.Option(help="Of the squared error of the standardised properties.")
    ] = 100.0,
    shifts: Annotated[
        bool, typer.Option("--shifts", help="Move training cells by half a period at random.")
    ] = False,
    fixed_decoder: Annotated[
        bool, typer.Option("--fixed-decoder", help="Leave the start's decoder as it is.")
    ] = False,
    fixed_encoder: Annotated[
        bool, typer.Option("--fixed-encoder", help="Leave its encoder's guess as it is.")
    ] = False,
    start: Annotated[
        str | None, typer.Option(help="Model to go on from, or default: the one that ships.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu or cuda.")] = "auto",
    torch_threads: Annotated[int, typer.Option(help="Threads of the CPU.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the random numbers.")] = 0,
    checkpoint: Annotated[
        Path | None, typer.Option(help="State file: training goes on from it if it exists.")
    ] = None,
    half: Annotated[bool, typer.Option(help="Write the weights in 16 bits.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Train the generative model on a database."""
    from metafast._base.progress import progress_bars
    from metafast.generative import CellVAE, TrainingConfig, train_vae
    from metafast.generative.start import config_for

    refuse_existing(output, overwrite)
    first, usual = None, TrainingConfig()
    if start is not None:
        first = CellVAE.default() if start == "default" else CellVAE.load(start)
        usual = config_for(first)
    if learning_rate is None and optimizer == usual.optimizer:
        learning_rate = usual.learning_rate
    config = replace(
        usual,
        epochs=epochs,
        batch=batch,
        learning_rate=learning_rate,
        optimizer=optimizer,  # type: ignore[arg-type]
        latent=usual.latent if latent is None else latent,
        hidden=usual.hidden if hidden is None else hidden,
        corrections=usual.corrections if corrections is None else corrections,
        kl_weight=kl_weight,
        regression_weight=regression_weight,
        shifts=shifts,
        fixed_decoder=fixed_decoder,
        fixed_encoder=fixed_encoder,
        device=device,  # type: ignore[arg-type]
        threads=torch_threads,
        seed=seed,
    )
    cells = open_database(database)
    with progress_bars() as progress:
        vae, history = train_vae(
            cells, config, start=first, checkpoint=checkpoint, progress=progress
        )
    if int(os.environ.get("RANK", "0")):
        return  # torchrun: the first process writes
    vae.save(output, half=half)
    names = [name.replace("_", " ") for name in history.dtype.fields or ()]
    table = table_of("training", *names)
    for row in history[-10:]:
        table.add_row(str(row["epoch"]), *(f"{value:.4g}" for value in list(row)[1:]))
    console.print(table)
    console.print(f"written to {output}")
