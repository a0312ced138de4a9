"""``metafast train``: train the generative model, by options or by a recipe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metafast.cli.dataclass_options import options_from
from metafast.cli.shared import (
    DatabasePath,
    Overwrite,
    console,
    open_database,
    refuse_existing,
    refuse_same,
    table_of,
)
from metafast.generative.config import TrainingConfig

if TYPE_CHECKING:
    from metafast._base.progress import Progress
    from metafast.generative import TrainingResult

_USELESS = 0.2  # share of wrong pixels above which a model has learnt next to nothing
_EPOCHS = 4  # last ones in the table


@options_from(TrainingConfig)
def train(
    output: Annotated[Path, typer.Option(help="HDF5 file for the model.")],
    config: TrainingConfig,
    database: DatabasePath = None,
    start: Annotated[
        str | None, typer.Option(help="Model to start from, or default: the one that ships.")
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(
            help="default: grow the cells and run all training stages of a model like the one that "
            "ships, or what is left of them after an interruption. Only --device, --threads and "
            "--checkpoint go with it."
        ),
    ] = None,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            help="State file, from which training resumes if it exists. With --recipe a folder; "
            "by default named like the output, with the ending .stages."
        ),
    ] = None,
    half: Annotated[bool, typer.Option("--half", help="Write the weights in 16 bits.")] = False,
    overwrite: Overwrite = False,
) -> None:
    """Train the generative model on a database."""
    from metafast._base.extras import need
    from metafast._base.progress import progress_bars
    from metafast.generative import CellVAE, train_vae

    need("torch", "training", "torch")
    from metafast.generative.workers import is_first_process

    refuse_existing(output, overwrite)
    refuse_same(checkpoint, output)
    with progress_bars() as progress:
        if recipe is not None:
            if database is not None or start is not None:
                raise ValueError("--recipe has its own cells and start; leave --database and "
                                 "--start out")  # fmt: skip
            folder = checkpoint or output.with_suffix(".stages")
            result = _by_recipe(recipe, folder, config, progress)
        else:
            first = None
            if start is not None:
                first = CellVAE.default() if start == "default" else CellVAE.load(start)
            result = train_vae(
                open_database(database),
                config,
                start=first,
                checkpoint=checkpoint,
                progress=progress,
            )
    if not is_first_process():
        return
    result.vae.save(output, half=half)
    _show(result)
    console.print(f"written to {output}")


def _by_recipe(
    name: str, folder: Path, config: TrainingConfig, progress: Progress
) -> TrainingResult:
    """Run a recipe by its name."""
    from metafast.generative.recipe import RECIPES, run_recipe

    if name not in RECIPES:
        raise ValueError(f"recipe is {name!r}; use one of {', '.join(RECIPES)}")
    if config != TrainingConfig(device=config.device, threads=config.threads):
        raise ValueError("--recipe has its own training options; leave all but --device and "
                         "--threads out")  # fmt: skip
    return run_recipe(
        RECIPES[name], folder, device=config.device, threads=config.threads, progress=progress
    )


def _show(result: TrainingResult) -> None:
    """Print the last epochs of the history, and what the errors of pixels say."""
    last = result.history[-_EPOCHS:]
    table = table_of("training", "epoch", *(str(epoch) for epoch in last["epoch"]))
    for name in (result.history.dtype.names or ())[1:]:
        table.add_row(name.replace("_", " "), *(f"{value:.4g}" for value in last[name]))
    console.print(table)
    wrong = float(last["held_out_pixel_error"][-1])
    if wrong > _USELESS:
        console.print(
            f"{wrong:.0%} of the pixels of held-out cells come out wrong (half would by chance): "
            "train for more epochs, or on more cells, tens of thousands of many lineages"
        )
