"""Plain twin of `metafast.structure`: dictionaries, triplets and scipy's general solver.

Each element has nodes of its own; elements that share an edge share its two nodes, and nothing
else joins nodes. So pixels that touch in a corner only keep two nodes at that place.
"""

from __future__ import annotations

import numpy as np
import scipy.sparse as sp
from scipy.ndimage import gaussian_filter
from scipy.sparse.linalg import spsolve

from metafast import q4


def random_structure(rows, cols, side, *, seed=0, solid=0.65, frame=True):
    """Binary image of random blobs; `frame` surrounds it with solid so that supports reach it."""
    noise = np.random.default_rng(seed).standard_normal((rows * side, cols * side))
    field = gaussian_filter(noise, 1.2)
    image = field > np.quantile(field, 1 - solid)
    if frame:
        image[:, [0, -1]] = image[[0, -1]] = True
    return image.astype(np.uint8)


def solve(pixels, problem, material, refine=1):
    """Return (displacement at macro nodes, at pixel nodes, energy, kept pixels)."""
    image = np.kron(np.asarray(pixels, int), np.ones((refine, refine), int))
    side = image.shape[0] // problem.rows
    segments, points = _prescribed(problem, side)
    parts = _parts(image)
    kept, values = _hold(parts, segments, points, problem, side)
    number, places = joined_nodes({pixel for part in kept for pixel in part})
    element = q4.material_stiffness(material)
    rows, cols, entries = [], [], []
    for numbers in number.values():
        dofs = [2 * k + d for k in numbers for d in (0, 1)]
        rows += np.repeat(dofs, 8).tolist()
        cols += np.tile(dofs, 8).tolist()
        entries += element.ravel().tolist()
    size = 2 * len(places)
    stiffness = sp.coo_matrix((entries, (rows, cols)), shape=(size, size)).tocsc()
    u = np.zeros(size)
    fixed = np.zeros(size, bool)
    for k, (i, j) in enumerate(places):
        for d in (0, 1):
            if (i, j, d) in values:
                u[2 * k + d] = values[i, j, d]
                fixed[2 * k + d] = True
    free = ~fixed
    if free.any():
        u[free] = spsolve(stiffness[free][:, free], -stiffness[free][:, fixed] @ u[fixed])
    at = {}
    for k, place in enumerate(places):
        at.setdefault(place, []).append(u[2 * k : 2 * k + 2])
    field = np.full((image.shape[0] + 1, image.shape[1] + 1, 2), np.nan)
    for place, copies in at.items():
        field[place] = np.mean(copies, axis=0)
    mask = np.zeros(image.shape, bool)
    for pixel in number:
        mask[pixel] = True
    return read(field, side), field, 0.5 * u @ (stiffness @ u), mask


def joined_nodes(pixels):
    """Node numbers of each pixel, and the place of each number: union-find over shared edges."""
    leader = {(pixel, place): (pixel, place) for pixel in pixels for place in _corners(*pixel)}

    def find(key):
        while leader[key] != key:
            key = leader[key]
        return key

    for r, c in pixels:
        for other in ((r + 1, c), (r, c + 1)):
            if other in pixels:
                for place in set(_corners(r, c)) & set(_corners(*other)):
                    leader[find(((r, c), place))] = find((other, place))
    leaders = sorted({find(key) for key in leader})
    index = {key: k for k, key in enumerate(leaders)}
    number = {p: [index[find((p, place))] for place in _corners(*p)] for p in sorted(pixels)}
    return number, [place for _, place in leaders]


def read(field, side):
    """Affine fit to the nodes within half a cell of each macro node."""
    rows, cols = (field.shape[0] - 1) // side, (field.shape[1] - 1) // side
    macro = np.full((rows + 1, cols + 1, 2), np.nan)
    for r in range(rows + 1):
        for c in range(cols + 1):
            near = [
                (c * side - j, i - r * side, *field[i, j])
                for i in range(field.shape[0])
                for j in range(field.shape[1])
                if np.isfinite(field[i, j, 0])
                and abs(i - r * side) <= side / 2
                and abs(j - c * side) <= side / 2
            ]
            if near:
                table = np.array(near)
                centre = table[:, :2].mean(0)
                mean = table[:, 2:].mean(0)
                slope = np.linalg.lstsq(table[:, :2] - centre, table[:, 2:] - mean, rcond=1e-8)[0]
                macro[r, c] = mean - centre @ slope
    return macro


def _corners(r, c):
    return [(r + 1 - y, c + x) for x, y in q4.NODE_OFFSETS]


def _parts(image):
    todo = {tuple(p) for p in np.argwhere(image)}
    parts = []
    while todo:
        front = [todo.pop()]
        part = set(front)
        while front:
            r, c = front.pop()
            for pixel in ((r + 1, c), (r - 1, c), (r, c + 1), (r, c - 1)):
                if pixel in todo:
                    todo.remove(pixel)
                    part.add(pixel)
                    front.append(pixel)
        parts.append(part)
    return sorted(parts, key=len, reverse=True)


def _prescribed(problem, side):
    segments, points = {}, []
    held = problem.prescribed
    for r in range(problem.rows + 1):
        for c in range(problem.cols + 1):
            for d in (0, 1):
                if np.isnan(held[r, c, d]):
                    continue
                lines = []
                for dr, dc in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    rr, cc = r + dr, c + dc
                    inside = 0 <= rr <= problem.rows and 0 <= cc <= problem.cols
                    if inside and np.isfinite(held[rr, cc, d]):
                        lines.append((dr, dc))
                        for k in range(side + 1):
                            value = held[r, c, d] + (held[rr, cc, d] - held[r, c, d]) * k / side
                            segments[r * side + dr * k, c * side + dc * k, d] = value
                if not lines:
                    points.append((r, c, d, held[r, c, d]))
    return segments, points


def _hold(parts, segments, points, problem, side):
    """The largest part takes each point support in reach; parts that can move are dropped."""
    for number_of_parts in range(len(parts), 0, -1):
        values = dict(segments)
        for r, c, d, value in points:
            for part in parts[:number_of_parts]:
                node = _take(part, r, c, problem, side)
                if node is not None:
                    values.setdefault((*node, d), value)
                    break
        kept = []
        for part in parts:
            nodes = {n for pixel in part for n in _corners(*pixel)}
            modes = [(d == 0, d == 1, i if d == 0 else j) for i, j, d in values if (i, j) in nodes]
            if modes and np.linalg.matrix_rank(np.array(modes, float)) == 3:
                kept.append(part)
        if kept:
            return kept, values
    raise ValueError("nothing is held")


def _take(part, r, c, problem, side):
    best = None
    fixed = np.isfinite(problem.prescribed)
    for node in {n for pixel in part for n in _corners(*pixel)}:
        i, j = node[0] - r * side, node[1] - c * side
        if max(abs(i), abs(j)) > side:
            continue
        rank = 2
        for on, boundary, steps in (
            (j == 0, c in (0, problem.cols), ((1, 0), (-1, 0))),
            (i == 0, r in (0, problem.rows), ((0, 1), (0, -1))),
        ):
            if on and boundary:
                segment = any(
                    0 <= r + a <= problem.rows
                    and 0 <= c + b <= problem.cols
                    and (fixed[r, c] & fixed[r + a, c + b]).any()
                    for a, b in steps
                )
                rank = min(rank, 0 if segment else 1)
        key = (rank, i * i + j * j, i == 0, node)
        if best is None or key < best:
            best = key
    return None if best is None else best[-1]
