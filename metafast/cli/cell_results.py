"""Results of commands that make cells: a picture, and the cells as files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metafast.cli.outputs import require_ending, require_picture_target
from metafast.cli.shared import console, refuse_existing

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from metafast._base.typing import ByteArray, FloatArray
    from metafast.phases import Phases

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
class CellResults:
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

    def write_cells(
        self, cells: ByteArray, properties: FloatArray, phases: Phases, made_by: str
    ) -> None:
        """Write the cells (n, h, w) with their properties (n, 4), if they are wanted."""
        from metafast.database.cell_files import save_cells

        if self.cells is not None:
            written = save_cells(self.cells, cells, properties, phases, made_by)
            console.print(f"cells written to {written}")

    def write_picture(self, made: Figure) -> None:
        """Write a picture, if one is wanted."""
        from metafast.plotting import save_figure

        if self.picture is not None:
            console.print(f"written to {save_figure(made, self.picture)}")
