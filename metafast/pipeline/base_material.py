"""Cells of the material that a design is to be made of."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from metafast._base.progress import Progress
from metafast.database import CellDatabase
from metafast.database.relabelled import relabelled
from metafast.material import Material
from metafast.selection import Family


def require_material(material: Any) -> Material | None:
    """A material given itself or by its name, or None."""
    if isinstance(material, str):
        return Material.named(material)
    if material is not None and not isinstance(material, Material):
        raise ValueError(
            f"material is a {type(material).__name__}; metafast.Material(...) or a name such as "
            "'PLA' is needed"
        )
    return material


def cells_of_material(
    material: Material,
    database: CellDatabase | None,
    family: Family | None,
    threads: int | None,
    progress: Progress,
) -> CellDatabase | None:
    """The cells to choose from, homogenized for a material; as they are if it is theirs.

    Only Poisson's ratio and the plane decide: Young's modulus scales all stiffnesses alike.

    Raises
    ------
    ValueError
        If the cells of a family are of another material.
    """
    if family is None and database is None:
        database = CellDatabase.default()
    owner = database if family is None else family
    assert owner is not None
    solid = owner.phases.solid
    wanted = replace(material, young=solid.young)
    if wanted == solid:
        return database
    if database is None:
        raise ValueError(
            f"the family's cells have Poisson's ratio {solid.poisson:g} in plane {solid.plane}, "
            f"the material {material.poisson:g} in plane {material.plane}; leave the material out, "
            "or find a family in a relabelled database"
        )
    return relabelled(database, wanted, threads=threads, progress=progress)
