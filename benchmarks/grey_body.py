"""Elasticity of grey pixels, with the derivatives that single-scale SIMP needs.

Densities rho scale one Q4 element each by ``e + (1 - e) rho^p``. A macro node's displacement is the
affine fit of `metafast.structure.readout`, with the pixel nodes weighted by the density around
them, so that the grey body is read as the final one will be. Void has a displacement too, and a
piece that floats in it at the target would read well. Three means against that:

- pixels next to a target node are solid;
- weak springs, in proportion to the density, pull all that a target is read from to the side, by
  twice the largest target: far stiffer than void, far weaker than any member;
- stronger ones, still weak, pull at the solid pixels of the targets.

The linear systems are those of metafast: its multifrontal factor with a tangent for each element,
by half of a mirror-symmetric body. Arrays are (ny, nx), row 0 at the top, as in a structure.
"""

from typing import NamedTuple

import numpy as np

import metafast as mf
from metafast import q4
from metafast.problems.symmetry import symmetry_of
from metafast.structure.body import prepare
from metafast.structure.multifrontal import Multifrontal

DIAGONAL = [k * (k + 3) // 2 for k in range(8)]  # in the lower triangle of an element
FLOOR = 1e-3  # weight of a void node in a fit, which must have a solution


class Evaluation(NamedTuple):
    """Squared error and strain energy of densities, with derivatives (ny, nx) by them."""

    squared: float
    slope: np.ndarray
    energy: float
    energy_slope: np.ndarray


class GreyBody:
    """Elasticity of densities (ny, nx) under the supports of a problem."""

    def __init__(self, problem, side, settings, material=None, threads=2):
        self.problem, self.side, self.settings = problem, side, settings
        material = material or mf.Material()
        solid = np.ones((problem.rows * side, problem.cols * side), bool)
        body = prepare(solid, [problem], material, 1, symmetry_of(problem))
        self.free = body.system.dof >= 0
        assert np.array_equal(body.system.dof[self.free], np.arange(body.system.unknowns))
        self.prescribed, self.shape = body.fields[0], solid.shape
        self.element = q4.material_stiffness(material)
        self.lower = self.element[np.tril_indices(8)]
        self.tangents = np.tile(self.lower, (solid.size, 1))
        self.solid, self.held, self.ground = self.at_targets()
        of_elements = {
            "element": np.arange(solid.size, dtype=np.int32).reshape(self.shape),
            "tangents": self.tangents,
        }
        if body.mirrors:
            self.factor = body.mirror_factor(2, None, threads, **of_elements)
        else:
            self.factor = Multifrontal(body.system, 2, threads=threads, **of_elements)
        self.solid_energy = self.evaluate(np.ones(self.shape)).energy

    def evaluate(self, rho):
        """Error, energy and their derivatives; two solutions from one factor."""
        p, void = self.settings.penalty, self.settings.void
        scale = void + (1.0 - void) * rho**p
        by_scale = (1.0 - void) * p * rho ** (p - 1.0)
        np.multiply(scale.reshape(-1, 1), self.lower, out=self.tangents)
        self.tangents[:, DIAGONAL] += (scale * self.held).reshape(-1, 1)
        self.factor.refactor()
        u = self.prescribed.copy()
        u[self.free] = self.factor.solve(-self.onto_nodes(scale, *self.strained(u))[self.free])
        forces, energies = self.strained(u)
        squared, by_displacement, slope = self.error(u, rho)
        adjoint = np.zeros_like(u)
        adjoint[self.free] = self.factor.solve(-by_displacement[self.free])
        slope += by_scale * (self.at_corners(adjoint) * forces).sum(axis=2)
        return Evaluation(squared, slope, float((scale * energies).sum()), by_scale * energies)

    def strained(self, u):
        """Forces (ny, nx, 8) and energies (ny, nx) of solid pixels and of the springs on them."""
        own = self.at_corners(u)
        stretch = own - self.ground
        forces = own @ self.element
        energies = 0.5 * ((own * forces).sum(axis=2) + self.held * np.square(stretch).sum(axis=2))
        return forces + self.held[..., None] * stretch, energies

    def at_targets(self):
        """Solid (ny, nx) at the targets, and stiffness and ground (ny, nx, 8) of the springs."""
        problem, side = self.problem, self.side
        wanted, reach = problem.target, max(1, round(self.settings.patch * side))
        solid, held = np.zeros(self.shape, bool), np.zeros(self.shape)
        ground, farthest = np.zeros((*self.shape, 4, 2)), np.nanmax(np.abs(wanted))
        for r, c, d in np.argwhere(problem.wanted):
            patch, window = self.near(r, c, reach), self.near(r, c, side // 2)
            solid[patch] = True
            held[window] = np.maximum(held[window], self.settings.foundation)
            held[patch] = self.settings.spring
            ground[window][..., d] = -2.0 * farthest
        return solid, held, ground.reshape(*self.shape, 8)

    def near(self, r, c, reach):
        """Pixels within `reach` of macro node (r, c)."""
        places = (k * self.side for k in (r, c))
        return tuple(slice(max(0, k - reach), k + reach) for k in places)

    def error(self, u, rho):
        """Squared relative error, and its derivatives by displacements and by densities."""
        mass = around(rho)
        by_displacement, by_mass = np.zeros_like(u), np.zeros_like(mass)
        target, norm = self.problem.target, np.nansum(np.square(self.problem.target))
        squared = 0.0
        for r, c, d in np.argwhere(self.problem.wanted):
            value, window, weights, slope = self.fit(u[..., d], mass, r, c)
            gap = value - target[r, c, d]
            squared += gap**2 / norm
            by_displacement[(*window, d)] += 2.0 * gap / norm * weights
            by_mass[window] += 2.0 * gap / norm * slope
        return squared, by_displacement, to_pixels(by_mass)

    def fit(self, u, mass, r, c):
        """Value at macro node (r, c) of the affine field that fits u; derivatives by u and mass."""
        side, half = self.side, self.side // 2
        low = max(0, r * side - half), max(0, c * side - half)
        window = tuple(slice(a, k * side + half + 1) for a, k in zip(low, (r, c), strict=True))
        u, mass = u[window], mass[window] + FLOOR
        i, j = (np.arange(n) + a for n, a in zip(u.shape, low, strict=True))
        y, x = np.meshgrid((r * side - i) / side, (j - c * side) / side, indexing="ij")
        basis = np.stack([np.ones_like(x), x, y])
        spread = np.einsum("aij,bij,ij->ab", basis, basis, mass)
        plane = np.linalg.solve(spread, np.einsum("aij,ij->a", basis, mass * u))
        at_node = np.tensordot(np.linalg.solve(spread, [1.0, 0.0, 0.0]), basis, 1)
        rest = u - np.tensordot(plane, basis, 1)
        return plane[0], window, mass * at_node, at_node * rest

    def onto_nodes(self, scale, forces, _energies):
        """Forces (ny+1, nx+1, 2) on the nodes."""
        total = np.zeros_like(self.prescribed)
        own = scale[..., None] * forces
        for k, corner in enumerate(corners(self.shape)):
            total[corner] += own[..., 2 * k : 2 * k + 2]
        return total

    def at_corners(self, u):
        """Displacements (ny, nx, 8) of the corners of each pixel."""
        return np.concatenate([u[corner] for corner in corners(self.shape)], axis=2)


def corners(shape):
    """Slices of the nodes that are the corners of the pixels, in q4's order."""
    ny, nx = shape
    return [(slice(1 - y, 1 - y + ny), slice(x, x + nx)) for x, y in q4.NODE_OFFSETS]


def around(rho):
    """Mean density (ny+1, nx+1) of the four pixels around each node, none beyond the edge."""
    mass = np.zeros((rho.shape[0] + 1, rho.shape[1] + 1))
    for corner in corners(rho.shape):
        mass[corner] += 0.25 * rho
    return mass


def to_pixels(by_mass):
    """Derivatives by the densities from those by the masses: the transpose of `around`."""
    shape = by_mass.shape[0] - 1, by_mass.shape[1] - 1
    return 0.25 * sum(by_mass[corner] for corner in corners(shape))
