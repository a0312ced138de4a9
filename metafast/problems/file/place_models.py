"""Places of a problem file: the tables and names that choose corners of cells, or cells."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

SIDES = ("left", "right", "top", "bottom")
SideName = Literal["left", "right", "top", "bottom"]


class Table(BaseModel):
    """A table of the file: unknown keys are errors, and nothing is converted."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        frozen=True,
        allow_inf_nan=False,
        populate_by_name=False,
    )


def _kind(raw: Any) -> str | None:
    """Kind of a value, by which the union is resolved; None for those that no key takes."""
    if isinstance(raw, bool):
        return None
    kinds = ((int | float, "<number>"), (str, "<text>"), (list, "<list>"), (dict, "<table>"))
    return next((name for kind, name in kinds if isinstance(raw, kind)), None)


def one_of(needed: str) -> Any:
    """Discriminator of a union by the kind of the value, with a message of what is needed."""
    return Discriminator(
        _kind,
        custom_error_type="kind",
        custom_error_message=f"{needed} is needed",
    )


Number = Annotated[float, Tag("<number>")]
Text = Annotated[str, Field(min_length=1), Tag("<text>")]
Scalar = Annotated[Number | Text, one_of("a number or an expression in quotes")]
Range = Annotated[
    Number | Text | Annotated[list[Scalar], Field(min_length=2, max_length=2), Tag("<list>")],
    one_of("a number, an expression in quotes, or [from, to]"),
]


class Box(Table):
    """Nodes of a rectangle, of a row of nodes, or of a column."""

    x: Range = Field(description="From and to, in cell widths from the left; or one number.")
    y: Range = Field(description="From and to, in cell widths from the bottom; or one number.")


class Circle(Table):
    """Nodes inside a circle."""

    x: Scalar = Field(description="Centre, in cell widths from the left.")
    y: Scalar = Field(description="Centre, in cell widths from the bottom.")
    radius: Scalar = Field(description="Radius, in cell widths.")


class Place(Table):
    """Corners of cells: one of side, box, circle, node, where, cells and edge.

    Box, circle and where also choose cells, by their centres.
    """

    side: SideName | None = None
    start: Scalar | None = Field(
        None, alias="from", description="Start on the side, in cell widths from its left or bottom."
    )
    stop: Scalar | None = Field(None, alias="to", description="End on the side.")
    box: Box | None = None
    circle: Circle | None = None
    node: Annotated[list[Scalar], Field(min_length=2, max_length=2)] | None = Field(
        None, description="[x, y] of one node, in cell widths."
    )
    where: str | None = Field(None, description="Condition in x and y, such as 'x > 3'.")
    cells: str | None = Field(
        None, description="All corners of such cells: designed, solid, or a name of [cells]."
    )
    edge: str | None = Field(
        None, description="Name of a place; the edge of the body around its absent cells."
    )


_Part = Annotated[
    Text | Annotated[Place, Tag("<table>")],
    one_of("the name of a place or a table such as { side = 'top' }"),
]
PlaceOrName = Annotated[
    Text
    | Annotated[list[_Part], Field(min_length=1), Tag("<list>")]
    | Annotated[Place, Tag("<table>")],
    one_of("the name of a place, a list of places, or a table such as { side = 'top' }"),
]
