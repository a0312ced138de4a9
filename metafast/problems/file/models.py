"""Tables and keys of a problem file, and their JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    create_model,
)

from metafast.material import NAMED
from metafast.problems.file.quantities import (
    MEGAPASCALS,
    MILLIMETRES,
    pattern_of,
    require_quantity,
)

MOST_CELLS = 250_000
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


def _one_of(needed: str) -> Any:
    """Discriminator of a union by the kind of the value, with a message of what is needed."""
    return Discriminator(
        _kind,
        custom_error_type="kind",
        custom_error_message=f"{needed} is needed",
    )


_Number = Annotated[float, Tag("<number>")]
_Text = Annotated[str, Field(min_length=1), Tag("<text>")]
Scalar = Annotated[_Number | _Text, _one_of("a number or an expression in quotes")]
Range = Annotated[
    _Number | _Text | Annotated[list[Scalar], Field(min_length=2, max_length=2), Tag("<list>")],
    _one_of("a number, an expression in quotes, or [from, to]"),
]
Millimetres = Annotated[
    float,
    BeforeValidator(lambda raw: require_quantity(raw, MILLIMETRES)),
    WithJsonSchema({"type": "string", "pattern": pattern_of(MILLIMETRES), "examples": ["10mm"]}),
]
Megapascals = Annotated[
    float,
    BeforeValidator(lambda raw: require_quantity(raw, MEGAPASCALS)),
    WithJsonSchema({"type": "string", "pattern": pattern_of(MEGAPASCALS), "examples": ["3.5GPa"]}),
]


class Size(Table):
    """Size of the body: cells, or millimetres and the side of a cell."""

    rows: int | None = Field(None, ge=1, le=MOST_CELLS, description="Cells from top to bottom.")
    cols: int | None = Field(None, ge=1, le=MOST_CELLS, description="Cells from left to right.")
    width: Millimetres | None = Field(None, description="Length of the body, in place of cols.")
    height: Millimetres | None = Field(None, description="Height of the body, in place of rows.")
    cell_size: Millimetres | None = Field(None, description="Side of a cell.")
    thickness: Millimetres | None = Field(None, description="Thickness of the body.")
    square: bool = Field(False, description="Whether rows and cols must be equal.")


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
    """Some of the nodes at the corners of the cells: one of side, box, circle, node and where."""

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


PlaceOrName = Annotated[
    _Text
    | Annotated[list[str], Field(min_length=1), Tag("<list>")]
    | Annotated[Place, Tag("<table>")],
    _one_of("the name of a place, a list of names, or a table such as { side = 'top' }"),
]


class Curve(Table):
    """Displacements from a CSV file, beside the problem file."""

    csv: str = Field(description="Path of the file, relative to the problem file.")
    column: str | None = Field(None, description="Heading of the values; the key's by default.")
    unit: Literal["cell", "mm"] = Field("cell", description="Unit of all columns.")


Value = Annotated[
    _Number | _Text | Annotated[Curve, Tag("<table>")],
    _one_of("a number of cell widths, a length such as '2mm', an expression, or { csv = ... }"),
]


class Displacement(Table):
    """Displacements at a place, in cell widths; a component that is left out is free."""

    place: PlaceOrName
    u_x: Value | None = Field(None, description="To the right.")
    u_y: Value | None = Field(None, description="Upward.")


Load = Annotated[
    _Number | _Text,
    _one_of("a number, an expression in quotes, or a quantity with its unit such as '5 N'"),
]


class Force(Table):
    """Forces on each node of a place, on the whole thickness; a component left out is 0."""

    place: PlaceOrName
    f_x: Load | None = Field(
        None, description="To the right: '5 N', or in units of E times cell width and thickness."
    )
    f_y: Load | None = Field(None, description="Upward.")


class Traction(Table):
    """Forces per length on the sides of cells between nodes of a place; dead loads."""

    place: PlaceOrName
    t_x: Load | None = Field(
        None, description="To the right: '2 N/mm', or in units of E times the thickness."
    )
    t_y: Load | None = Field(None, description="Upward.")


class Spring(Table):
    """Springs to the ground at each node of a place."""

    place: PlaceOrName
    k_x: Load | None = Field(
        None, description="Stiffness along x: '3 N/mm', or in units of E times the thickness."
    )
    k_y: Load | None = Field(None, description="Stiffness along y.")


class MaterialTable(Table):
    """Material of the solid: a name, or Young's modulus and Poisson's ratio."""

    name: str | None = Field(None, description="One of " + ", ".join(NAMED) + ".")
    young: Megapascals | None = Field(None, description="Young's modulus with its unit.")
    poisson: float | None = Field(None, gt=-1, lt=1, description="Poisson's ratio.")
    plane: Literal["stress", "strain"] = "stress"


class Document(Table):
    """Problem of metafast: supports, loads and target displacements of a body of cells."""

    name: str | None = Field(None, description="Short name; the file's by default.")
    about: str = Field("", description="What it is for, in a line.")
    size: Size
    parameters: dict[str, Scalar] = Field(
        {}, description="Numbers with a name, for the expressions below and for --set."
    )
    places: dict[str, PlaceOrName] = Field({}, description="Places with a name.")
    supports: list[Displacement] = Field(min_length=1, description="Prescribed displacements.")
    targets: list[Displacement] = Field(min_length=1, description="Wanted displacements.")
    forces: list[Force] = Field([], description="Forces on nodes.")
    tractions: list[Traction] = Field([], description="Forces per length on sides of the body.")
    springs: list[Spring] = Field([], description="Springs from nodes to the ground.")
    material: MaterialTable | None = None
    design: dict[str, Any] = Field({}, description="Options of the design.")


def problem_schema(options: Mapping[str, tuple[Any, Any]] | None = None) -> dict[str, Any]:
    """JSON Schema of a problem file.

    Parameters
    ----------
    options : mapping of str to (type, default), optional
        Options of a design, for the table ``[design]``.
    """
    document: type[BaseModel] = Document
    if options is not None:
        design: Any = create_model("Design", __base__=Table, **options)  # type: ignore[call-overload]
        document = create_model("Document", __base__=Document, design=(design, {}))
    schema = document.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
