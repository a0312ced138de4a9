"""Body of a problem file: the table of its outline, and those of passive cells."""

from __future__ import annotations

from pydantic import Field

from metafast.problems.file.place_models import PlaceOrName, Table


class GivenCell(Table):
    """Passive cell with pixels of its own: one of png and row."""

    png: str | None = Field(
        None, description="Square picture beside the problem file, a pixel each; dark is solid."
    )
    row: int | None = Field(None, ge=0, description="Row of the embedded database.")


class Passive(Table):
    """Cells that are there, but are not designed."""

    place: PlaceOrName
    cell: str = Field("solid", description="What they are: solid, or a name of [cells].")


class BodyTable(Table):
    """Cells of the body: the rectangle, or parts of it, or the dark parts of a picture."""

    only: PlaceOrName | None = Field(None, description="Places outside of which no cell is.")
    without: PlaceOrName | None = Field(None, description="Places in which no cell is.")
    png: str | None = Field(
        None,
        description="Picture beside the problem file; a cell is where it is dark. Without rows "
        "and cols each pixel is a cell.",
    )
    svg: str | None = Field(
        None,
        description="Drawing beside the problem file, .svg or .dxf; a cell is where its centre is "
        "in a filled outline. It has the proportions of the body.",
    )
    passive: list[Passive] = Field([], description="Passive cells; later ones go before.")
