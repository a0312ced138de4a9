"""Input decks read back: cards, and the linear solution of their elements by scikit-fem."""

from __future__ import annotations

from typing import Any

import numpy as np


class Deck:
    """What a deck says, card by card."""

    def __init__(self, text: str) -> None:
        self.nodes: dict[int, list[float]] = {}
        self.elements: list[list[int]] = []
        self.springs: list[tuple[int, int, float]] = []  # node, component, stiffness
        self.equations: list[list[tuple[int, int, float]]] = []
        self.sets: dict[str, list[int]] = {}
        self.boundary: list[tuple[int, int, float]] = []
        self.loads: list[tuple[int, int, float]] = []
        self.constants: list[float] = []
        self.thickness, self.kind, self.step = 0.0, "", ""
        self.cards: list[str] = []
        spring_node: dict[str, int] = {}
        for card, lines in _cards(text):
            name, options = card[0], dict(x.partition("=")[::2] for x in card[1:])
            self.cards.append(name)
            rows = [[x for x in line.replace(",", " ").split()] for line in lines]
            if name == "*NODE":
                self.nodes |= {int(row[0]): [float(x) for x in row[1:3]] for row in rows}
            elif name == "*ELEMENT" and options["TYPE"] == "SPRING1":
                spring_node[options["ELSET"]] = int(rows[0][1])
            elif name == "*ELEMENT":
                self.kind = options["TYPE"]
                self.elements += [[int(x) for x in row[1:]] for row in rows]
            elif name == "*NSET":
                self.sets[options["NSET"]] = [int(x) for row in rows for x in row]
            elif name == "*SPRING":
                node = spring_node[options["ELSET"]]
                self.springs.append((node, int(rows[0][0]), float(rows[1][0])))
            elif name == "*EQUATION":
                flat = [x for row in rows[1:] for x in row]
                terms = list(zip(flat[::3], flat[1::3], flat[2::3], strict=True))
                assert len(terms) == int(rows[0][0])
                self.equations.append([(int(n), int(c), float(w)) for n, c, w in terms])
            elif name == "*ELASTIC":
                self.constants = [float(x) for x in rows[0]]
            elif name == "*SOLID SECTION":
                self.thickness = float(rows[0][0])
            elif name == "*BOUNDARY" and int(rows[0][0]) in spring_node.values():
                pass  # the other directions of a node that only a spring has
            elif name == "*BOUNDARY":
                self.boundary += [(int(n), int(c), float(v)) for n, c, _, v in rows]
            elif name == "*CLOAD":
                self.loads += [(int(n), int(c), float(v)) for n, c, v in rows]
            elif name == "*STEP":
                self.step = " ".join(card)


def _cards(text: str) -> Any:
    card: list[str] = []
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("**"):
            continue
        if line.startswith("*"):
            if card:
                yield card, lines
            card, lines = [word.strip() for word in line.split(",")], []
        else:
            lines.append(line)
    yield card, lines


def solve(deck: Deck) -> Any:
    """Displacement (n, 2) of the nodes of four-node elements in plane stress, in mm."""
    import skfem
    from scipy.sparse import coo_array
    from scipy.sparse.linalg import spsolve

    numbers = sorted({n for element in deck.elements for n in element})
    index = {n: k for k, n in enumerate(numbers)}
    points = np.array([deck.nodes[n] for n in numbers]).T
    quads = np.array([[index[n] for n in element] for element in deck.elements]).T
    basis = skfem.Basis(
        skfem.MeshQuad(points, quads), skfem.ElementVector(skfem.ElementQuad1()), intorder=2
    )
    young, nu = deck.constants
    shear, lame = young / (2 * (1 + nu)), young * nu / (1 - nu**2)

    def work(u, v, _):
        e, d = (0.5 * (w.grad + np.swapaxes(w.grad, 0, 1)) for w in (u, v))
        stress = 2 * shear * e + lame * np.einsum("ii...->...", e) * np.eye(2)[..., None, None]
        return np.einsum("ij...,ij...->...", stress, d)

    stiffness = deck.thickness * skfem.BilinearForm(work).assemble(basis)
    place = basis.nodal_dofs  # (2, n)
    size = int(basis.N)
    ties = {terms[0][0]: terms[1:] for terms in deck.equations}
    for node, _, k in deck.springs:
        at = [place[c - 1, index[n]] for n, c, _ in ties[node]]
        row = coo_array(([w for _, _, w in ties[node]], ([0] * len(at), at)), shape=(1, size))
        stiffness = stiffness + k * (row.T @ row)
    force, u = np.zeros(size), np.zeros(size)
    for n, c, value in deck.loads:
        force[place[c - 1, index[n]]] += value
    held = np.array([place[c - 1, index[n]] for n, c, _ in deck.boundary])
    u[held] = [value for _, _, value in deck.boundary]
    free = np.setdiff1d(np.arange(size), held)
    stiffness = stiffness.tocsr()
    u[free] = spsolve(stiffness[free][:, free].tocsc(), (force - stiffness @ u)[free])
    return u[place].T
