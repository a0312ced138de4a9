"""Repair of perturbed quarter cells (section 3.2): thin parts, checkerboards, loose pieces.

A sound cell is one edge-connected solid that reaches all four sides, has no two pixels of a kind
that touch only at a corner, and in which every solid and every void pixel belongs to a `width` x
`width` block of its kind. Blocks may straddle the mirror axes, where the other half of the cell
is, but not the cell's sides, where the neighbour may be another cell.
"""

from __future__ import annotations

import numpy as np

from metafast._jit import jit

_ROUNDS = 6


@jit()
def _open(pixels, kind, width, covered):
    """Turn pixels of `kind` outside every width x width block of `kind` over; how many."""
    q = pixels.shape[0]
    covered[:] = False
    for i in range(q):
        for j in range(q):
            whole = True
            for di in range(width):
                for dj in range(width):
                    a, b = i + di, j + dj
                    a = a if a < q else 2 * q - 1 - a
                    b = b if b < q else 2 * q - 1 - b
                    if pixels[a, b] != kind:
                        whole = False
            if whole:
                for a in range(i, min(i + width, q)):
                    for b in range(j, min(j + width, q)):
                        covered[a, b] = True
                # a block across an axis also covers the mirror images of its far half
                for a in range(i, i + width):
                    for b in range(j, j + width):
                        m = a if a < q else 2 * q - 1 - a
                        n = b if b < q else 2 * q - 1 - b
                        covered[m, n] = True
    changed = 0
    for i in range(q):
        for j in range(q):
            if pixels[i, j] == kind and not covered[i, j]:
                pixels[i, j] = 1 - kind
                changed += 1
    return changed


@jit()
def _join_corners(pixels):
    """Fill the void pixels of 2x2 checkerboards; how many boards there were."""
    q = pixels.shape[0]
    boards = 0
    for i in range(q - 1):
        for j in range(q - 1):
            a, b = pixels[i, j], pixels[i, j + 1]
            if a == pixels[i + 1, j + 1] and b == pixels[i + 1, j] and a != b:
                pixels[i : i + 2, j : j + 2] = 1
                boards += 1
    return boards


@jit()
def _keep_largest(pixels, label, stack):
    """Keep the largest edge-connected solid; whether it reaches the upper and the left side and
    both mirror axes, so that the mirrored cell is one piece across all four sides."""
    q = pixels.shape[0]
    label[:] = 0
    parts = best = largest = 0
    for i in range(q):
        for j in range(q):
            if pixels[i, j] == 0 or label[i, j] != 0:
                continue
            parts += 1
            label[i, j] = parts
            stack[0] = i * q + j
            top, count = 1, 0
            while top > 0:
                top -= 1
                a, b = stack[top] // q, stack[top] % q
                count += 1
                for r, c in ((a - 1, b), (a + 1, b), (a, b - 1), (a, b + 1)):
                    if 0 <= r < q and 0 <= c < q and pixels[r, c] != 0 and label[r, c] == 0:
                        label[r, c] = parts
                        stack[top] = r * q + c
                        top += 1
            if count > best:
                best, largest = count, parts
    up = left = down = right = False
    for i in range(q):
        for j in range(q):
            if pixels[i, j] != 0 and label[i, j] != largest:
                pixels[i, j] = 0
        up |= label[0, i] == largest
        left |= label[i, 0] == largest
        down |= label[q - 1, i] == largest
        right |= label[i, q - 1] == largest
    return best > 0 and up and left and down and right


@jit()
def repair(quarters, width):
    """Repair quarters (n, q, q) in place; which of them (n,) are sound now."""
    n, q, _ = quarters.shape
    sound = np.zeros(n, dtype=np.bool_)
    covered = np.empty((q, q), dtype=np.bool_)
    label = np.empty((q, q), dtype=np.int64)
    stack = np.empty(q * q, dtype=np.int64)
    for c in range(n):
        pixels = quarters[c]
        for _ in range(_ROUNDS):
            changed = _open(pixels, 1, width, covered)
            changed += _open(pixels, 0, width, covered)
            changed += _join_corners(pixels)
            reaches = _keep_largest(pixels, label, stack)
            if not reaches or changed == 0:
                sound[c] = reaches and changed == 0
                break
    return sound
