"""Input decks (.inp) of pixel bodies, which CalculiX and Abaqus read: millimetres, MPa, newtons.

Four-node elements are those of `metafast.structure`; eight-node ones have further nodes in the
middles of the sides. No card of either program is metafast's neo-Hookean law exactly, so the
material is ``*ELASTIC``: linear elasticity, and with NLGEOM the St. Venant-Kirchhoff law in
CalculiX, its own extension to large rotations in Abaqus.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from metafast._base.files import atomic_write
from metafast._base.typing import FloatArray, IntArray
from metafast.export.text import lines_of
from metafast.material import Material
from metafast.structure.quad_mesh import QuadMesh

Order = Literal["linear", "quadratic"]
SOLID, EVERY = "SOLID", "ALL"  # sets of all elements and of all nodes
_PER_LINE = 10  # numbers on a line of a set
_TERMS = 4  # of an equation on one line
_NEAR = 1e-9  # of a cell's width


class Dimensions(NamedTuple):
    """Scale of a deck.

    Attributes
    ----------
    cell_size, thickness : float
        Millimetres.
    modulus : float
        MPa for each unit of stiffness in which loads and springs are given.
    """

    cell_size: float
    thickness: float
    modulus: float


def write_deck(
    path: str | os.PathLike[str],
    mesh: QuadMesh,
    material: Material,
    dimensions: Dimensions,
    *,
    order: Order = "linear",
    finite: bool = True,
    title: str = "",
) -> None:
    """Write a body with its supports, loads and springs, and one static step.

    Parameters
    ----------
    path : path
    mesh : QuadMesh
    material : Material
        Young's modulus in MPa.
    dimensions : Dimensions
    order : {"linear", "quadratic"}
        CPS4 or CPS8 in plane stress, CPE4 or CPE8 in plane strain.
    finite : bool
        Whether the step has NLGEOM.
    title : str

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    with atomic_write(path) as partial, partial.open("w", encoding="ascii") as stream:
        for text in _deck(mesh, material, dimensions, order, finite, title):
            stream.write(text)


def _deck(
    mesh: QuadMesh,
    material: Material,
    dimensions: Dimensions,
    order: Order,
    finite: bool,
    title: str,
) -> Iterator[str]:
    size, thickness, modulus = dimensions
    if order == "quadratic":
        mesh = with_middles(mesh)
    kind = ("CPE" if material.plane == "strain" else "CPS") + str(mesh.elements.shape[1])
    yield f"*HEADING\n{title.encode('ascii', 'replace').decode()}; millimetres, newtons, MPa\n"
    yield "** linear elastic: no card is equal to the neo-Hookean law of metafast\n"
    yield from mesh_text(size * mesh.coordinates, mesh.elements, kind)
    for name, nodes in side_nodes(mesh).items():
        yield from set_text(name, nodes)
    yield from section_text("BODY", f"*ELASTIC\n{material.young:.15g}, {material.poisson:.15g}",
                            thickness)  # fmt: skip
    yield from spring_text(mesh, dimensions)
    yield f"*STEP{', NLGEOM' * finite}, INC=1000\n*STATIC\n"
    yield "0.1, 1.0, 1e-5, 0.25\n" if finite else "1.0, 1.0\n"
    yield from boundary_text(mesh.held, size * mesh.values)
    yield from load_text(modulus * size * thickness * mesh.force)
    yield "*NODE FILE\nU, RF\n*EL FILE\nS\n*END STEP\n"


def mesh_text(coordinates: FloatArray, elements: IntArray, kind: str) -> Iterator[str]:
    """Nodes (n, 2) and elements (e, 4 or 8), numbered from 1."""
    number = np.arange(1, len(coordinates) + 1)
    yield f"*NODE, NSET={EVERY}\n"
    yield from lines_of("%d,%.15g,%.15g\n", number, coordinates)
    yield f"*ELEMENT, TYPE={kind}, ELSET={SOLID}\n"
    line = "%d" + ",%d" * elements.shape[1] + "\n"
    yield from lines_of(line, np.arange(1, len(elements) + 1), elements + 1)


def section_text(name: str, law: str, thickness: float) -> Iterator[str]:
    """Material with the cards of its law, and the section of all elements."""
    yield f"*MATERIAL, NAME={name}\n{law}\n"
    yield f"*SOLID SECTION, ELSET={SOLID}, MATERIAL={name}\n{thickness:.15g}\n"


def set_text(name: str, nodes: IntArray) -> Iterator[str]:
    """Named set of nodes, numbered from 0 here; nothing for an empty one."""
    if len(nodes):
        yield f"*NSET, NSET={name}\n"
        for start in range(0, len(nodes), _PER_LINE):
            yield ", ".join(map(str, nodes[start : start + _PER_LINE] + 1)) + "\n"


def boundary_text(held: IntArray, values: FloatArray) -> Iterator[str]:
    """Prescribed displacements of nodes and components (k, 2)."""
    yield "*BOUNDARY\n"
    yield from lines_of(
        "%d, %d, %d, %.15g\n", held[:, 0] + 1, held[:, 1] + 1, held[:, 1] + 1, values
    )


def load_text(force: FloatArray) -> Iterator[str]:
    """Dead loads (n, 2) on the nodes."""
    loaded = np.argwhere(force != 0.0)
    if len(loaded):
        yield "*CLOAD\n"
        yield from lines_of("%d, %d, %.15g\n", loaded + 1, force[tuple(loaded.T)])


def spring_text(mesh: QuadMesh, dimensions: Dimensions) -> Iterator[str]:
    """Springs to the ground, each on a node of its own that an equation ties to those of the body.

    The displacement of such a node is the weighted mean of theirs that metafast reads at a macro
    node.
    """
    weights = mesh.springs.tocsr()
    for number, k in enumerate(mesh.stiffness):
        entries = slice(*weights.indptr[number : number + 2])
        node, component = weights.indices[entries] // 2, int(weights.indices[entries][0] % 2)
        share, degree = weights.data[entries], component + 1
        x, y = dimensions.cell_size * (share @ mesh.coordinates[node])
        own, name = len(mesh.places) + number + 1, f"SPRING{number + 1}"
        yield f"*NODE\n{own}, {x:.15g}, {y:.15g}\n*EQUATION\n{len(node) + 1}\n"
        terms = [f"{own}, {degree}, -1"]
        terms += [f"{n + 1}, {degree}, {w:.15g}" for n, w in zip(node, share, strict=True)]
        for start in range(0, len(terms), _TERMS):
            yield ", ".join(terms[start : start + _TERMS]) + "\n"
        yield f"*ELEMENT, TYPE=SPRING1, ELSET={name}\n{len(mesh.elements) + number + 1}, {own}\n"
        stiffness = k * dimensions.modulus * dimensions.thickness
        # CalculiX takes no constant without a decimal point, and every direction of the node's for
        # one that moves
        yield f"*SPRING, ELSET={name}\n{degree}\n{stiffness:#.15g}\n*BOUNDARY\n"
        yield from (f"{own}, {other}, {other}, 0\n" for other in (1, 2, 3) if other != degree)


def side_nodes(mesh: QuadMesh) -> dict[str, IntArray]:
    """Nodes on the left, right, top and bottom side of the picture."""
    x, y = mesh.coordinates.T
    height, width = (count - 1 for count in mesh.shape)
    sides = {"LEFT": x, "RIGHT": width / mesh.side - x, "TOP": height / mesh.side - y, "BOTTOM": y}
    return {name: np.flatnonzero(distance < _NEAR) for name, distance in sides.items()}


def with_middles(mesh: QuadMesh) -> QuadMesh:
    """Eight-node elements: nodes in the middles of the sides follow those of the corners.

    The mesh has twice the places, so that a middle has one too. A side on the boundary of the body
    is held where both its ends are, as the values between macro nodes are linear; dead loads and
    springs stay on the corners.
    """
    corners, count = mesh.elements, len(mesh.places)
    ends = np.sort(np.stack([corners, np.roll(corners, -1, axis=1)], axis=2).reshape(-1, 2), axis=1)
    sides, of_element, uses = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    middles = mesh.places[sides].sum(axis=1)  # in half pixels
    held = np.full((count, 2), np.nan)
    held[tuple(mesh.held.T)] = mesh.values
    between = np.where((uses == 1)[:, None], held[sides].mean(axis=1), np.nan)
    more = np.argwhere(np.isfinite(between))
    rows, columns = (2 * size - 1 for size in mesh.shape)
    springs = mesh.springs.copy()
    springs.resize((len(mesh.stiffness), 2 * (count + len(sides))))
    return QuadMesh(
        np.concatenate([2 * mesh.places, middles]),
        np.concatenate([corners, count + of_element.reshape(corners.shape)], axis=1),
        np.concatenate([mesh.held, more + np.array([count, 0])]),
        np.concatenate([mesh.values, between[tuple(more.T)]]),
        2 * mesh.side,
        (rows, columns),
        np.concatenate([mesh.force, np.zeros((len(sides), 2))]),
        springs,
        mesh.stiffness,
    )
