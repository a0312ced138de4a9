"""Problems of the tests, and their images in mirrors."""

from __future__ import annotations

import dataclasses

import numpy as np

from metafast.problems.problem import Problem


def clamped(rows, cols, move):
    """Both ends held whole; the right one moves."""
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0] = 0.0
    prescribed[:, -1] = move
    target = np.full_like(prescribed, np.nan)
    target[0, 1] = 0.1
    return Problem("clamped", prescribed, target)


def stretched(rows, cols, strain):
    """Uniform strain along x, free to contract in y: the closed form of a bar."""
    prescribed = np.full((rows + 1, cols + 1, 2), np.nan)
    prescribed[:, 0, 0] = 0.0
    prescribed[:, -1, 0] = strain * cols
    prescribed[-1, :, 1] = 0.0
    target = np.full_like(prescribed, np.nan)
    target[0, 1, 1] = 1.0
    return Problem("bar", prescribed, target)


def boundary_problem(rows, cols, field):
    """A displacement field(x, y) prescribed on the whole boundary, and the field at all nodes."""
    r, c = np.mgrid[: rows + 1, : cols + 1]
    u = field(c.astype(float), (rows - r).astype(float))
    inside = np.zeros((rows + 1, cols + 1, 1), bool)
    inside[1:-1, 1:-1] = True
    return Problem("patch", np.where(inside, np.nan, u), np.where(inside, u, np.nan)), u


def mirrored(problem, axis):
    """Reflect left and right (axis 1), or up and down (axis 0)."""
    sign = [-1.0, 1.0] if axis == 1 else [1.0, -1.0]
    return dataclasses.replace(
        problem,
        prescribed=np.flip(problem.prescribed, axis) * sign,
        target=np.flip(problem.target, axis) * sign,
    )


def transposed(problem):
    """Reflect at the line y = x through the lower left corner: components swap."""
    return dataclasses.replace(
        problem,
        prescribed=transposed_field(problem.prescribed),
        target=transposed_field(problem.target),
    )


def transposed_field(field):
    """A field (rows+1, cols+1, 2), reflected at the line y = x."""
    return field[::-1, ::-1].transpose(1, 0, 2)[:, :, ::-1]


def transposed_pixels(pixels):
    """Pixels, reflected at the line y = x."""
    return pixels[::-1, ::-1].T


def with_body(problem, body, given=None):
    """The problem on a body of these kinds; what belongs to no cell has no support or target."""
    from metafast.problems.body import nodes_of

    nodes = nodes_of(np.asarray(body) >= 0)[..., None]
    return Problem(
        problem.name,
        np.where(nodes, problem.prescribed, np.nan),
        np.where(nodes, problem.target, np.nan),
        body,
        given,
    )


def random_body(rng, rows, cols, share=0.3):
    """Kinds of cells with holes and solid cells, in one piece without corner contacts, or None."""
    from scipy.ndimage import label

    body = rng.choice([-1, 0, 1], (rows, cols), p=[share, 0.8 - share, 0.2])
    body[:, 0] = body[:, -1] = np.abs(body[:, 0])  # the ends are there, where supports are
    there = body >= 0
    a, b, c, d = there[:-1, :-1], there[:-1, 1:], there[1:, :-1], there[1:, 1:]
    bad = ((a == d) & (b == c) & (a != b)).any() or label(there)[1] > 1
    return None if bad or not (body == 0).any() else body
