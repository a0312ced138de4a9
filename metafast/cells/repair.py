"""Repair of mirror-symmetric cells (section 3.2): thin parts, checkerboards, loose pieces.

A sound cell is one edge-connected solid that reaches all four sides, no two of its pixels of a kind
touch only at a corner, and every solid and every void pixel belongs to a square of its kind, as
wide as the manufacturing limits ask. Squares may straddle the mirror axes, where the other half of
the cell is, but not the sides of the cell, where the neighbour may be another cell.

Quarters (q, q) are upper left ones: row and column 0 on the cell's sides, q-1 at the mirror axes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import prange

from metafast._base.checks import require_count, require_threads
from metafast._base.jit import jit, numba_threads
from metafast._base.typing import BoolArray, ByteArray

_ROUNDS = 6


@dataclass(frozen=True)
class Limits:
    """Manufacturing limits: least sizes in pixels.

    Parameters
    ----------
    solid_width, void_width : int
        Width of the square of its own kind in which every pixel must lie.
    contact : int
        Number of solid pixels on each of the four sides, where neighbours join.
    """

    solid_width: int = 2
    void_width: int = 2
    contact: int = 2

    def checked(self, pixels: int) -> Limits:
        """Return the limits, if cells of `pixels` pixels a side can keep them.

        Raises
        ------
        ValueError
            If a limit is not a number of pixels that fits into the cell.
        """
        for name in ("solid_width", "void_width"):
            if require_count(f"minimum_{name}", getattr(self, name)) > pixels // 2:
                raise ValueError(
                    f"minimum_{name} is {getattr(self, name)}; at most {pixels // 2} pixels fit"
                )
        if require_count("minimum_contact", self.contact) > pixels:
            raise ValueError(f"minimum_contact is {self.contact}; a side has {pixels} pixels")
        return self


def repair(quarters: ByteArray, limits: Limits, threads: int | None = None) -> BoolArray:
    """Repair quarters (n, q, q) in place, and return which of them (n,) are sound afterwards."""
    sound = np.zeros(len(quarters), dtype=np.bool_)
    with numba_threads(require_threads(threads)):
        _repair(quarters, limits.solid_width, limits.void_width, limits.contact, sound)
    return sound


@jit(parallel=True)
def _repair(quarters, solid_width, void_width, contact, sound):
    """The loop of `repair` over cells."""
    q = quarters.shape[1]
    wide = q + max(solid_width, void_width) - 1
    for c in prange(len(quarters)):
        pixels = quarters[c]
        squares = np.empty((2, wide, wide), dtype=np.uint8)
        label = np.empty((q, q), dtype=np.int32)
        stack = np.empty(q * q, dtype=np.int32)
        for _ in range(_ROUNDS):
            changed = 0
            for kind in (1, 0):
                changed += _open(pixels, kind, solid_width if kind else void_width, squares)
            changed += _join_corners(pixels)
            reaches = _keep_largest(pixels, label, stack)
            if not reaches or changed == 0:
                top, left = 0, 0
                for i in range(q):
                    top += 2 * pixels[0, i]
                    left += 2 * pixels[i, 0]
                sound[c] = reaches and changed == 0 and min(top, left) >= contact
                break


@jit()
def _open(pixels, kind, width, squares):
    """Flip the pixels of `kind` outside every width x width square of `kind`; return their number.

    `squares` holds first where pixels are of the kind, mirrored beyond the axes, then where the
    upper left pixel of a square may lie, then the pixels covered; rows first, then columns.
    """
    q = pixels.shape[0]
    wide = q + width - 1
    a, b = squares[0], squares[1]
    for i in range(q):
        for j in range(q):
            a[i, j] = pixels[i, j] == kind
        for j in range(q, wide):
            a[i, j] = a[i, 2 * q - 1 - j]
    for i in range(q, wide):
        a[i, :wide] = a[2 * q - 1 - i, :wide]
    for i in range(wide):
        for j in range(q):
            b[i, j] = a[i, j]
        for d in range(1, width):
            for j in range(q):
                b[i, j] &= a[i, j + d]
    for i in range(q):
        for d in range(1, width):
            for j in range(q):
                b[i, j] &= b[i + d, j]
    for i in range(q):
        a[i, :wide] = 0
        for d in range(width):
            for j in range(q):
                a[i, j + d] |= b[i, j]
        # a square that reaches beyond an axis also covers the mirror image of that part
        for j in range(q, wide):
            a[i, 2 * q - 1 - j] |= a[i, j]
    b[:wide, :q] = 0
    for i in range(q):
        for d in range(width):
            for j in range(q):
                b[i + d, j] |= a[i, j]
    for i in range(q, wide):
        for j in range(q):
            b[2 * q - 1 - i, j] |= b[i, j]
    changed = 0
    for i in range(q):
        for j in range(q):
            if pixels[i, j] == kind and b[i, j] == 0:
                pixels[i, j] = 1 - kind
                changed += 1
    return changed


@jit()
def _join_corners(pixels):
    """Fill the void pixels of 2x2 checkerboards, and return the number of boards."""
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
    """Keep the largest edge-connected solid, and return whether it makes the cell one piece.

    For that it must reach the upper and the left side and both mirror axes.
    """
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
