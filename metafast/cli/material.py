"""Material of the solid on the command line."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from metafast.material import NAMED, Material

Named = Annotated[
    str | None, typer.Option("--material", help="Material of the solid: " + ", ".join(NAMED) + ".")
]
Young = Annotated[float | None, typer.Option(help="Its Young's modulus in MPa.")]
Poisson = Annotated[float | None, typer.Option(help="Its Poisson's ratio.")]
Plane = Annotated[
    Literal["stress", "strain"] | None, typer.Option(help="Plane stress or plane strain.")
]


def solid_of(
    name: str | None,
    young: float | None,
    poisson: float | None,
    plane: Literal["stress", "strain"] | None,
    own: Material | None,
) -> Material | None:
    """The file's material or a named one, with single constants changed; None if none is given."""
    if (name, young, poisson, plane) == (None, None, None, None):
        return own
    base = Material.named(name) if name is not None else own or Material()
    return Material(
        base.young if young is None else young,
        base.poisson if poisson is None else poisson,
        plane or base.plane,
    )
