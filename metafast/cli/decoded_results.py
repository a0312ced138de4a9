"""Results of commands that decode cells: a table, a picture, and the cells as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metafast.cli.outputs import require_ending, require_picture_target
from metafast.cli.shared import console, refuse_existing, table_of

if TYPE_CHECKING:
    from metafast.generative import CellVAE
    from metafast.generative.decoding import DecodedCells

Picture = Annotated[
    Path | None, typer.Option("--output", help="Picture to write (.png, .svg or .pdf).")
]
CellsFile = Annotated[
    Path | None,
    typer.Option(
        "--cells", help="Write the cells: .npy, a database .h5, or no ending, a folder of PNG."
    ),
]


@dataclass(frozen=True)
class DecodedResults:
    """Where a command writes its cells.

    Parameters
    ----------
    picture, cells : Path or None
        At least one is needed.
    overwrite : bool

    Raises
    ------
    ValueError
        If both are None, an ending is wrong, or there is something already.
    """

    picture: Path | None
    cells: Path | None
    overwrite: bool

    def __post_init__(self) -> None:
        from metafast._base.files import require_new_folder
        from metafast.database.cell_files import ENDINGS

        if self.picture is None and self.cells is None:
            raise ValueError(
                "nothing would be written; give --output for a picture, --cells for the cells"
            )
        if self.picture is not None:
            require_picture_target(self.picture, self.overwrite)
        if self.cells is not None:
            needed = ".npy, .h5, or no ending for a folder of pictures"
            require_ending(self.cells, "the cells", ENDINGS, needed)
            if self.cells.suffix:
                refuse_existing(self.cells, self.overwrite)
            else:
                require_new_folder(self.cells)

    def show(self, decoded: DecodedCells, vae: CellVAE, title: str) -> None:
        """Print the cells' properties, and write what is wanted."""
        from metafast.database.cell_files import save_cells

        table = table_of(title, "cell", "C11", "C12", "C22", "C33", "connected")
        for k, row in enumerate(decoded.properties):
            word = "joined" if decoded.joined[k] else "yes" if decoded.connected[k] else "NO"
            table.add_row(str(k), *(f"{value:.4f}" for value in row), word)
        console.print(table)
        pieces = int((~decoded.connected).sum())
        if pieces:
            console.print(
                f"{pieces} of {len(decoded.cells)} cells are in pieces and carry next to nothing; "
                "--join joins them"
            )
        if self.cells is not None:
            made_by = f"metafast latent, {title}"
            arguments = (decoded.cells, decoded.properties, vae.phases, made_by)
            console.print(f"cells written to {save_cells(self.cells, *arguments)}")
        if self.picture is not None:
            from metafast.plotting import save_figure
            from metafast.plotting.latent import plot_walk

            console.print(f"written to {save_figure(plot_walk(decoded, title), self.picture)}")
