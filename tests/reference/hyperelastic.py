"""Plain twin of `metafast.structure.finite`: energies of solids in space, derived by steps.

A solid has an energy W(F) of the whole deformation gradient (3, 3). In plane strain F33 = 1; in
plane stress F33 is the root of dW/dF33 = 0, found by bracketing. Derivatives are taken by complex
steps; that of W at the F33 of plane stress needs none of F33, since dW/dF33 = 0 there.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from metafast import q4

STEP = 1e-30


def lame(material):
    """Lame's lambda and mu."""
    young, nu = material.young, material.poisson
    return young * nu / ((1 + nu) * (1 - 2 * nu)), young / (2 * (1 + nu))


def energy(f, law, lam, mu):
    """W of a deformation gradient (3, 3), real or complex."""
    if law == "neo-hookean":
        log = np.log(determinant(f))
        return mu / 2 * ((f * f).sum() - 3 - 2 * log) + lam / 2 * log**2
    strain = (f.T @ f - np.eye(3)) / 2
    return lam / 2 * np.trace(strain) ** 2 + mu * (strain * strain).sum()


def determinant(f):
    """Determinant (3, 3); LAPACK's loses small imaginary parts."""
    return f[0] @ np.cross(f[1], f[2])


def whole(f, law, material):
    """The deformation gradient (3, 3) of one in the plane (2, 2)."""
    full = np.eye(3)
    full[:2, :2] = f
    if material.plane == "stress":
        lam, mu = lame(material)

        def force(across):
            trial = full.astype(complex)
            trial[2, 2] = across + 1j * STEP
            return energy(trial, law, lam, mu).imag / STEP

        full[2, 2] = brentq(force, 0.2, 5.0, xtol=1e-15, rtol=1e-15)
    return full


def first_piola(f, law, material):
    """P = dW/dF (2, 2) of the plane, and the stretch F33."""
    full, (lam, mu) = whole(f, law, material), lame(material)
    p = np.zeros((2, 2))
    for i in range(2):
        for j in range(2):
            moved = full.astype(complex)
            moved[i, j] += 1j * STEP
            p[i, j] = energy(moved, law, lam, mu).imag / STEP
    return p, full[2, 2]


def plane_energy(f, law, material):
    """W of a deformation gradient in the plane (2, 2)."""
    return energy(whole(f, law, material), law, *lame(material))


def cauchy(f, law, material):
    """Cauchy stress (3, 3)."""
    full, (lam, mu) = whole(f, law, material), lame(material)
    p = np.zeros((3, 3))
    for i in range(3):
        for j in range(3):
            moved = full.astype(complex)
            moved[i, j] += 1j * STEP
            p[i, j] = energy(moved, law, lam, mu).imag / STEP
    return p @ full.T / determinant(full)


def element(u, law, material, side):
    """Energy of a square element and its gradient (8,), for displacements (8,) of its corners.

    Four points; in plane strain the part of W with lambda has one dilatation for the element.
    """
    shapes, full = point_gradients(side), []
    for gradient in shapes:
        f = np.eye(2) + u.reshape(4, 2).T @ gradient
        full.append(whole(f, law, material))

    def total(moved):
        lam, mu = lame(material)
        sum_, mean = 0.0, 0.0
        for gradient, start in zip(shapes, full, strict=True):
            f = start.astype(complex)
            f[:2, :2] = np.eye(2) + moved.reshape(4, 2).T @ gradient
            if material.plane == "stress":
                sum_ += energy(f, law, lam, mu) / 4
            else:
                sum_ += energy(f, law, 0.0, mu) / 4
                mean += dilatation(f, law) / 4
        if material.plane == "strain":
            sum_ += lam / 2 * (np.log(mean) ** 2 if law == "neo-hookean" else mean**2)
        return sum_ / side**2

    gradient = [total(u + 1j * STEP * unit).imag / STEP for unit in np.eye(8)]
    return total(u.astype(complex)).real, np.array(gradient)


def dilatation(f, law):
    """What the part of W with lambda is a function of."""
    return determinant(f) if law == "neo-hookean" else np.trace(f.T @ f - np.eye(3)) / 2


def point_gradients(side):
    """Gradients (4, 4, 2) of the shape functions at the Gauss points."""
    places = 0.5 + np.array([-0.5, 0.5]) / np.sqrt(3)
    b = [q4.strain_displacement(x, y) for x in places for y in places]
    return [side * np.stack([m[0, 0::2], m[1, 1::2]], axis=1) for m in b]


def full_integration(material):
    """Element stiffness (8, 8) that locks in plane strain near Poisson's ratio 0.5."""
    return q4.stiffness(material.stiffness)
