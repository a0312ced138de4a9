"""Fields of a solved structure for ParaView: displacement, stress, and the cells they are in."""

from __future__ import annotations

import os

import numpy as np

from metafast._base.typing import AnyArray, FloatArray
from metafast.export.vtu import Field, PixelMesh, pixel_mesh, write_vtu
from metafast.material import Material
from metafast.properties import PROPERTIES
from metafast.structure import StructureResponse
from metafast.structure.finite.stresses import stresses_of_field


def write_view(
    path: str | os.PathLike[str],
    response: StructureResponse,
    material: Material,
    cell_size: float,
    cells: dict[str, AnyArray],
    *,
    unit: str,
    deformed: bool = False,
) -> None:
    """Write the pixels of a response with all fields; lengths are in millimetres.

    Parameters
    ----------
    path : path
    response : StructureResponse
    material : Material
        Its Young's modulus gives the unit of stress.
    cell_size : float
        Millimetres.
    cells : dict of str to (rows, cols) or (rows, cols, 4) array
        Fields of the cells; those with four components are properties.
    unit : str
        Unit of stress, for the names of the fields.
    deformed : bool
        Whether the points are where the displacement moves them.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    mesh = pixel_mesh(response.solid)
    side = response.solid.shape[0] // len(next(iter(cells.values())))
    moved = np.zeros((len(mesh.nodes), 3))
    moved[:, :2] = cell_size * response.nodal_displacement[tuple(mesh.nodes.T)]
    points = _points(mesh, response.solid.shape[0], cell_size / side)
    if deformed:
        points = points + moved
    stress, von_mises = stresses_of_field(
        response.nodal_displacement, response.solid, material, response.law, side
    )
    place = tuple(mesh.pixels.T)
    fields = {
        f"stress_{unit}": Field(stress[place], ("11", "22", "12")),
        f"von_Mises_{unit}": Field(von_mises[place]),
    }
    at = tuple((mesh.pixels // side).T)
    for name, values in cells.items():
        fields[name] = Field(values[at], PROPERTIES if values.ndim == 3 else ())
    write_vtu(path, points, mesh.quads, {"displacement_mm": Field(moved)}, fields)


def _points(mesh: PixelMesh, height: int, pixel_size: float) -> FloatArray:
    """Places (n, 3) of the nodes, y upward."""
    i, j = mesh.nodes.T
    return np.stack([pixel_size * j, pixel_size * (height - i), np.zeros(len(i))], axis=1)


def cell_places(shape: tuple[int, int]) -> dict[str, AnyArray]:
    """Row and column of every cell."""
    row, column = np.indices(shape, dtype=np.int32)
    return {"cell_row": row, "cell_column": column}
