"""Pictures of cells: in reading order, and in labelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from metafast._base.typing import AnyArray
from metafast.plotting.figures import INCH, PathLike, drawing
from metafast.plotting.style import LEAST_TYPE, SMALL_TYPE, Width, width_in_mm
from metafast.plotting.words import main_heading, text_width

if TYPE_CHECKING:
    from metafast.generative.decoding import DecodedCells

_CELL = 18.0  # mm of a cell with its notes, in reading order
_MOST = 10
_POINT = INCH / 72.0  # mm
_GAP = 1.5  # mm between notes of neighbouring cells


def plot_walk(
    made: DecodedCells, title: str, *, path: PathLike | None = None, width: Width | None = None
) -> Figure:
    """Cells in reading order, solid black, with their recomputed C11 and C22.

    Parameters
    ----------
    made : DecodedCells
    title : str
    path, width
        As for every figure (`metafast.plotting`).
    """
    words = ["" if connected else "\nin pieces" for connected in made.connected]
    notes = [
        f"{c[0]:.3f}, {c[2]:.3f}{word}" for c, word in zip(made.properties, words, strict=True)
    ]
    heading = f"{title}: cells with their $C_{{11}}$, $C_{{22}}$ in the units of $E$"
    return plot_cells(made.cells, notes, heading, path=path, width=width)


def plot_cells(
    cells: AnyArray,
    notes: Sequence[str],
    title: str,
    *,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Cells (n, h, w) in reading order, solid black, each with a note above it.

    Parameters
    ----------
    cells : (n, h, w) array
        1 = solid, row 0 at the top.
    notes : sequence of str
        Words above each cell.
    title : str
        Words above all; none if empty.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the notes are too long for the width, or the file cannot be written.
    """
    count = len(cells)
    room = width_in_mm(width)
    columns = min(count, _MOST, max(1, int(room / _CELL)))
    size = _note_size(notes, room, columns)
    with drawing(path, width) as figure:
        places = figure.subplots(-(-count // columns), columns, squeeze=False).ravel()
        for k, place in enumerate(places):
            draw_cell(place, cells[k] if k < count else None)
            if k < count:
                place.set_title(notes[k], fontsize=size, loc="center", pad=2.0)
        main_heading(figure, title)
    return figure


def plot_cell_rows(
    rows: Sequence[AnyArray],
    labels: Sequence[str],
    notes: Sequence[Sequence[str]] | None = None,
    title: str = "",
    *,
    path: PathLike | None = None,
    width: Width | None = None,
) -> Figure:
    """Labelled rows of cells (n, h, w) or grey pictures in [0, 1], solid black (Figs. 6, 7, 9, 10).

    Parameters
    ----------
    rows : sequence of (n, h, w) arrays
    labels : sequence of str
        One per row.
    notes : sequence of sequences of str, optional
        Words above each cell.
    title : str
        Words above all; none if empty.
    path, width
        As for every figure (`metafast.plotting`).

    Raises
    ------
    ValueError
        If the notes are too long for the width, or the file cannot be written.
    """
    columns = max(len(row) for row in rows)
    room = width_in_mm(width) - _POINT * max(map(text_width, labels))
    size = _note_size([note for row in notes or () for note in row], room, columns)
    with drawing(path, width) as figure:
        places = figure.subplots(len(rows), columns, squeeze=False)
        for r, row in enumerate(rows):
            for c, place in enumerate(places[r]):
                draw_cell(place, row[c] if c < len(row) else None)
                if notes is not None and c < len(row):
                    place.set_title(notes[r][c], fontsize=size, loc="center", pad=2.0)
            places[r, 0].set_ylabel(labels[r], rotation=0, ha="right", va="center")
        main_heading(figure, title)
    return figure


def draw_cell(ax: Axes, cell: Any) -> None:
    """A cell, solid black, in axes without coordinates; only those for None."""
    ax.set(xticks=[], yticks=[], frame_on=False)
    if cell is not None:
        ax.imshow(cell, cmap="Greys", vmin=0, vmax=1, interpolation="antialiased",
                  interpolation_stage="rgba")  # fmt: skip


def _note_size(notes: Sequence[str], room: float, columns: int) -> float:
    """Size of type in points at which the longest note is no wider than its cell's share in mm."""
    lines = [line for note in notes for line in note.split("\n")]
    longest = _POINT * max((text_width(line, SMALL_TYPE) for line in lines), default=0.0)
    share = room / columns - _GAP
    if longest * LEAST_TYPE / SMALL_TYPE > share:
        needed = columns * (longest + _GAP) + 15.0
        raise ValueError(
            f"{columns} cells with notes do not fit side by side; width={needed:.0f} (mm) is "
            "needed, or fewer cells"
        )
    return min(SMALL_TYPE, SMALL_TYPE * share / longest) if longest else SMALL_TYPE
