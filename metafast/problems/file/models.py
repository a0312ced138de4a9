"""Tables and keys of a problem file, and their JSON Schema."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field, Tag, WithJsonSchema, create_model

from metafast.material import NAMED
from metafast.problems.file.asked import ObjectiveTable
from metafast.problems.file.body_models import BodyTable, GivenCell
from metafast.problems.file.place_models import Number, PlaceOrName, Scalar, Table, Text, one_of
from metafast.problems.file.quantities import (
    MEGAPASCALS,
    MILLIMETRES,
    pattern_of,
    require_quantity,
)

MOST_CELLS = 250_000
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


class Curve(Table):
    """Displacements from a CSV file, beside the problem file."""

    csv: str = Field(description="Path of the file, relative to the problem file.")
    column: str | None = Field(None, description="Heading of the values; the key's by default.")
    unit: Literal["cell", "mm"] = Field("cell", description="Unit of all columns.")


Value = Annotated[
    Number | Text | Annotated[Curve, Tag("<table>")],
    one_of("a number of cell widths, a length such as '2mm', an expression, or { csv = ... }"),
]


class Displacement(Table):
    """Displacements at a place, in cell widths; a component that is left out is free."""

    place: PlaceOrName
    u_x: Value | None = Field(None, description="To the right.")
    u_y: Value | None = Field(None, description="Upward.")


class Target(Displacement):
    """Wanted displacements at a place; a component that is left out is free."""

    weight: float = Field(1.0, gt=0, description="Weight of their squared errors.")


Load = Annotated[
    Number | Text,
    one_of("a number, an expression in quotes, or a quantity with its unit such as '5 N'"),
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


class Case(Table):
    """A load case of the body: supports, targets and loads beside those of all cases."""

    name: str = Field(min_length=1, description="Short name.")
    weight: float = Field(1.0, gt=0, description="Weight of its squared relative error.")
    supports: list[Displacement] = Field([], description="Prescribed displacements.")
    targets: list[Target] = Field([], description="Wanted displacements.")
    forces: list[Force] = Field([], description="Forces on nodes.")
    tractions: list[Traction] = Field([], description="Forces per length on sides of the body.")
    springs: list[Spring] = Field([], description="Springs from nodes to the ground.")


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
    cells: dict[str, GivenCell] = Field({}, description="Passive cells with a name.")
    body: BodyTable | None = Field(
        None, description="Cells that are there; by default the whole rectangle."
    )
    supports: list[Displacement] = Field([], description="Prescribed displacements.")
    targets: list[Target] = Field(
        [], description="Wanted displacements; needed unless compliance is minimised."
    )
    objective: ObjectiveTable | None = Field(
        None, description="What is minimised; by default the error of the targets."
    )
    forces: list[Force] = Field([], description="Forces on nodes.")
    tractions: list[Traction] = Field([], description="Forces per length on sides of the body.")
    springs: list[Spring] = Field([], description="Springs from nodes to the ground.")
    cases: list[Case] = Field(
        [], description="Load cases, two or more; what stands above is common to all of them."
    )
    worst_case: bool = Field(False, description="Whether the error is that of the worst case.")
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
