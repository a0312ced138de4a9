"""Simple seed shapes for a database: frames, bars, springs, hinges and level sets."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from metafast._base.typing import BoolArray, ByteArray, FloatArray

_FRAME_WIDTHS = (0, 2, 3, 4, 6, 8, 11)
_DAMPED = 3.5  # wave number times sigma beyond which a mode is left out


@lru_cache(maxsize=32)
def _cosines(size: int, sigma: float) -> FloatArray:
    """Cosine modes (size, k) of a line mirrored at its ends, damped by a Gaussian filter."""
    wave = np.pi * np.arange(size) / size
    wave = wave[wave * sigma <= _DAMPED]
    modes = np.cos(wave * (np.arange(size)[:, None] + 0.5)) * np.sqrt(2.0 / size)
    modes[:, 0] /= np.sqrt(2.0)
    return np.asarray(modes * np.exp(-0.5 * (wave * sigma) ** 2))


def smooth_fields(count: int, size: int, sigma: float, rng: np.random.Generator) -> FloatArray:
    """Random fields (count, size, size) of unit deviation and correlation length `sigma`.

    White noise smoothed by a Gaussian, drawn as amplitudes of the modes that survive it.
    """
    modes = _cosines(size, sigma)
    amplitudes = rng.standard_normal((count, modes.shape[1], modes.shape[1]))
    fields = modes @ amplitudes @ modes.T
    scale = fields.std(axis=(1, 2), keepdims=True)
    return np.asarray(fields / np.maximum(scale, 1e-12))


def smoothed(fields: FloatArray, sigma: float) -> FloatArray:
    """Fields (n, size, size), mirrored at their sides, smoothed by a Gaussian of `sigma` pixels."""
    size = fields.shape[1]
    sharp, dull = _cosines(size, 0.0), _cosines(size, sigma)
    spread = dull @ sharp[:, : dull.shape[1]].T
    return np.asarray(spread @ fields @ spread.T)


def bar_distance(start: FloatArray, end: FloatArray, size: int) -> FloatArray:
    """Distance (n, size, size) from pixel centres to segments between points (n, 2)."""
    i, j = np.mgrid[0:size, 0:size].astype(float)
    d = (end - start)[:, :, None, None]
    di, dj = i - start[:, 0, None, None], j - start[:, 1, None, None]
    length = (d**2).sum(1) + 1e-12
    t = np.clip((di * d[:, 0] + dj * d[:, 1]) / length, 0.0, 1.0)
    return np.asarray(np.hypot(di - t * d[:, 0], dj - t * d[:, 1]))


def random_bars(count: int, size: int, rng: np.random.Generator) -> FloatArray:
    """Signed distance (count, size, size) to random bars, most of them ending on an edge."""
    ends = rng.uniform(-3.0, size + 3.0, (2, count, 2))
    snap = rng.random((2, count)) < 0.7
    axis, side = rng.integers(0, 2, (2, count)), rng.integers(0, 2, (2, count))
    which, index = np.nonzero(snap)
    ends[which, index, axis[snap]] = side[snap] * size - 0.5
    width = rng.uniform(0.8, 2.6, count)[:, None, None]
    return np.asarray(width - bar_distance(ends[0], ends[1], size))


def _frames(size: int) -> list[BoolArray]:
    """Frames along the cell's sides, crosses through its centre, and unions of the two."""
    shapes = []
    for a in _FRAME_WIDTHS:
        for b in _FRAME_WIDTHS:
            frame, cross = np.zeros((size, size), bool), np.zeros((size, size), bool)
            frame[:a] = frame[:, :b] = True
            cross[size - a :] = a > 0
            cross[:, size - b :] |= b > 0
            shapes += [frame, cross, frame | cross]
    return shapes


def _diagonals(size: int) -> list[BoolArray]:
    """Diagonal bars, alone and with a frame that connects their ends."""
    i, j = np.mgrid[0:size, 0:size].astype(float)
    shapes = []
    for width in (0.8, 1.5, 2.5, 4.0, 6.0):
        for slope in (0.6, 0.8, 1.0, 1.25, 1.6):
            rising = np.abs(j - i * slope) / np.hypot(1.0, slope) < width
            falling = np.abs(size - 1 - j - i * slope) / np.hypot(1.0, slope) < width
            rows, columns = rising.copy(), rising.copy()
            rows[:2] = columns[:, :2] = True
            shapes += [rising, falling, rows, columns, rows | columns]
    return shapes


def _springs(size: int) -> list[BoolArray]:
    """Leaf springs: beams joined at alternate ends, soft in one direction or in both."""
    shapes: list[BoolArray] = []
    i, j = np.mgrid[0:size, 0:size]
    for width in (2, 3):
        for gap in (2, 3, 4, 6):
            pitch = width + gap
            leaf, space = np.divmod(j, pitch)
            near = np.where(leaf % 2 == 0, i < width, i >= size - width)
            spring = (space < width) | near
            shapes += [spring, spring.T]
            for leaves in range(2, (size - width) // pitch + 1, 2):
                # leaves start past the other direction's spring and end at a block
                start = (leaf // 2 * 2 + 2) * pitch
                joint = np.where(leaf % 2 == 0, i < start + width, i >= size - width)
                joint |= (leaf % 2 == 1) & (i < start + width) & (space < width)
                half = (i >= start) & (leaf < leaves) & ((space < width) | joint)
                centre = (i >= leaves * pitch) & (j >= leaves * pitch)
                shapes.append(half | half.T | centre)
    return shapes


def _rotating(size: int) -> list[BoolArray]:
    """Blocks hinged to their mirror images at corners, so that they rotate: C12 < 0."""
    shapes: list[BoolArray] = []
    i, j = np.mgrid[0:size, 0:size].astype(float)
    last = size - 1.0
    for at in np.arange(2.0, last, 2.0):
        corners = np.array([(0.0, at), (at, last), (last, last - at), (last - at, 0.0)])
        centre = np.full((4, 2), last / 2)
        arms = bar_distance(centre, corners, size).min(axis=0) < 1.2
        side = np.roll(corners, -1, axis=0) - corners
        length = np.hypot(side[:, 0], side[:, 1])[:, None, None]
        di, dj = i - corners[:, 0, None, None], j - corners[:, 1, None, None]
        depth = (side[:, 0, None, None] * dj - side[:, 1, None, None] * di) / -length
        for shrink in (0.0, 2.0, 4.0, 7.0):
            shapes.append(arms | (depth.min(axis=0) > shrink))
    return shapes


def _reentrant(count: int, size: int, rng: np.random.Generator) -> list[BoolArray]:
    """Re-entrant and ordinary honeycombs, with a rib between two struts: C12 of both signs."""
    shapes: list[BoolArray] = []
    for _ in range(count):
        rib, strut = rng.uniform(0.6, 2.2, 2)
        y0 = rng.uniform(0, size - 1)
        y1 = np.clip(y0 + rng.uniform(4, 20) * rng.choice([-1, 1]), 0, size - 1)
        x0 = rng.uniform(0, 6)
        x1 = min(x0 + rng.uniform(2, 16), size - 1.0)
        points = [((y0, -1), (y0, x0), strut), ((y0, x0), (y1, x1), rib)]
        points += [((y1, x1), (y1, size), strut)]
        optional = [((-1, x0), (y0, x0), strut), ((y1, x1), (size, x1), strut)]
        optional += [((size, x0), (y0, x0), rib), ((-1, x1), (y1, x1), rib)]
        points += [bar for bar in optional if rng.random() < 0.65]
        start, end = (np.array([bar[k] for bar in points], dtype=float) for k in (0, 1))
        width = np.array([bar[2] for bar in points])[:, None, None]
        shape = np.any(bar_distance(start, end, size) < width, axis=0)
        shapes.append(shape if rng.random() < 0.5 else shape.T)
    return shapes


def _strokes(count: int, size: int, rng: np.random.Generator) -> list[BoolArray]:
    """Unions of a few random bars, and their complements."""
    shapes = []
    for _ in range(count):
        shape = random_bars(int(rng.integers(2, 6)), size, rng).max(0) > 0
        shapes.append(shape if rng.random() < 0.6 else ~shape)
    return shapes


def _level_sets(count: int, size: int, rng: np.random.Generator) -> list[BoolArray]:
    """Thresholded smooth random fields and bands around their zero level."""
    shapes: list[BoolArray] = []
    for sigma in (1.8, 2.8, 4.2):
        fields = smooth_fields(-(-count // 3), size, sigma, rng)
        for k, field in enumerate(fields):
            if k % 3:
                shapes.append(field > np.quantile(field, rng.uniform(0.1, 0.7)))
            else:
                shapes.append(np.asarray(np.abs(field) < rng.uniform(0.3, 1.0)))
    return shapes


def simple_seeds(count: int, size: int, rng: np.random.Generator) -> ByteArray:
    """Simple quarter cells (n, size, size): a fixed set and `count` random ones, not repaired."""
    fixed = _frames(size) + _diagonals(size) + _springs(size) + _rotating(size)
    third = count // 3
    drawn = _reentrant(third, size, rng) + _strokes(third, size, rng)
    drawn += _level_sets(count - 2 * third, size, rng)
    return np.array(fixed + drawn, dtype=np.uint8)
