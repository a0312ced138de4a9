"""Mirror symmetry of a problem: about the vertical mid-line (x), the horizontal one (y), or both.

Under the mirror image in x, u_x changes sign; in y, u_y does::

    F F F | x x x      F  fundamental part, which is designed; with an odd number of columns it
    F F F | x x x         holds the middle one, whose cells are their own images
    ------+------      x, y, b  its images
    y y y | b b b
    y y y | b b b

Homogenized stiffness without shear coupling and mirror-symmetric cells leave the symmetry of the
problem to the structure, so that half or a quarter of the cells describe it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, FloatArray, IntArray
from metafast.problems.body import CellKind
from metafast.problems.loads import SIDES
from metafast.problems.problem import Problem

_SAME = 1e-9  # relative difference of displacements that are equal but for rounding
_COMPARED = ("name", "prescribed", "target", "body", "given")
_LOADS = ("forces", "tractions", "springs", "weights")
_OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
_ACROSS = ("left", "right")  # sides that a mirror in x exchanges
_SYMMETRIC = ("objective", "compliance_weight", "solid_share")  # the same in every image


@dataclass(frozen=True)
class Symmetry:
    """Mirror images that a structure is made of; arrays are (rows, cols, ...), row 0 at the top.

    Attributes
    ----------
    x : bool
        Whether the right half is the mirror image of the left one.
    y : bool
        Whether the lower half is the mirror image of the upper one.
    """

    x: bool = False
    y: bool = False

    def __bool__(self) -> bool:
        return self.x or self.y

    def __str__(self) -> str:
        words = ["left to right"] * self.x + ["top to bottom"] * self.y
        return " and ".join(words) or "none"

    @property
    def mirrors(self) -> list[tuple[bool, bool]]:
        """Mirrors (in x, in y) of the images; none in the first, which is the array itself."""
        return [(x, y) for y in (False, True)[: 1 + self.y] for x in (False, True)[: 1 + self.x]]

    def fundamental(self, shape: tuple[int, ...]) -> BoolArray:
        """Places (rows, cols) of the fundamental part."""
        r, c = self._places(shape)
        return np.asarray((r == np.arange(shape[0])[:, None]) & (c == np.arange(shape[1])))

    def numbers(self, shape: tuple[int, ...]) -> IntArray:
        """Row-by-row index (rows, cols) of the fundamental place that each place is an image of."""
        r, c = self._places(shape)
        return np.asarray(r * shape[1] + c)

    def spread(self, array: Any) -> Any:
        """The array with its fundamental part in all images."""
        if not self:
            return array
        r, c = self._places(array.shape)
        return array[r, c]

    def unfold(self, part: AnyArray, shape: tuple[int, ...]) -> AnyArray:
        """Array (rows, cols, ...) from the fundamental part alone."""
        r, c = self._places(shape)
        return np.asarray(part[r, c])

    def sums(self, array: AnyArray) -> AnyArray:
        """Sum over the images of each place, each image once."""
        if not self:
            return array
        images = [flipped(array, *mirror) for mirror in self.mirrors]
        return np.asarray(sum(images[1:], images[0]) / self._repeats(array))

    def everywhere(self, array: BoolArray) -> BoolArray:
        """Whether an array is True at all images of each place."""
        images = [flipped(array, *mirror) for mirror in self.mirrors]
        return np.asarray(np.logical_and.reduce(images))

    def images(self, r: int, c: int, shape: tuple[int, ...]) -> set[tuple[int, int]]:
        """Images of a place, itself included."""
        return {
            (shape[0] - 1 - r if y else r, shape[1] - 1 - c if x else c) for x, y in self.mirrors
        }

    def judged(self, swaps: IntArray) -> IntArray:
        """Swaps (m, 3) to judge, of swaps in the fundamental part: images follow from those."""
        return swaps

    def holds(self, array: AnyArray) -> bool:
        """Whether an array is the same at all images."""
        return bool(np.array_equal(array, self.spread(array)))

    def _places(self, shape: tuple[int, ...]) -> tuple[IntArray, IntArray]:
        """Rows (rows, 1) and columns (1, cols) of the fundamental places."""
        r, c = (np.arange(count) for count in shape[:2])
        if self.y:
            r = np.minimum(r, r[::-1])
        if self.x:
            c = np.minimum(c, c[::-1])
        return r[:, None], c[None]

    def _repeats(self, array: AnyArray) -> AnyArray:
        """How often each place appears among its images: 1, or 2 and 4 on the mid-lines."""
        shape = array.shape[:2]
        r, c = np.ogrid[: shape[0], : shape[1]]
        repeats = np.ones(shape)
        if self.x:
            repeats *= 1 + (2 * c == shape[1] - 1)
        if self.y:
            repeats *= 1 + (2 * r == shape[0] - 1)
        return repeats.reshape(*shape, *[1] * (array.ndim - 2))


@dataclass(frozen=True)
class Repetition(Symmetry):
    """Copies of a body that have the same cells, one for each of several load cases.

    The first copy is the fundamental part, with the absent column behind it. The copies bear other
    loads, so the effects of their cells differ.

    Attributes
    ----------
    copies : int
    period : int
        Columns of cells from one copy to the next, the absent one included.
    """

    copies: int = 2
    period: int = 2

    def __bool__(self) -> bool:
        return True

    def __str__(self) -> str:
        return f"in {self.copies} load cases"

    def sums(self, array: AnyArray) -> AnyArray:
        """Sum over the copies of each place."""
        return self._over_copies(array, np.add)

    def everywhere(self, array: BoolArray) -> BoolArray:
        """Whether an array is True in all copies of each place."""
        return self._over_copies(array, np.logical_and)

    def images(self, r: int, c: int, shape: tuple[int, ...]) -> set[tuple[int, int]]:
        """The place in all copies."""
        return {(r, c % self.period + copy * self.period) for copy in range(self.copies)}

    def judged(self, swaps: IntArray) -> IntArray:
        """The swaps in all copies: each bears another load."""
        copies = np.repeat(swaps[None], self.copies, axis=0)
        copies[..., 1] += self.period * np.arange(self.copies)[:, None]
        return copies.reshape(-1, swaps.shape[1])

    def _places(self, shape: tuple[int, ...]) -> tuple[IntArray, IntArray]:
        return np.arange(shape[0])[:, None], np.arange(shape[1])[None] % self._period(shape)

    def _period(self, shape: tuple[int, ...]) -> int:
        """Columns from one copy to the next, of cells or of pixels."""
        return self.period * (shape[1] // (self.copies * self.period - 1))

    def _over_copies(self, array: AnyArray, operation: np.ufunc) -> AnyArray:
        period = self._period(array.shape)
        missing = period * self.copies - array.shape[1]  # the last copy has no gap behind it
        gap = array[:, period - missing : period]
        copies = np.split(np.concatenate([array, gap], axis=1), self.copies, axis=1)
        return np.concatenate([operation.reduce(copies)] * self.copies, axis=1)[:, : array.shape[1]]


def flipped(array: AnyArray, x: bool, y: bool) -> AnyArray:
    """The mirror image of an array (rows, cols, ...)."""
    return array[:: -1 if y else 1, :: -1 if x else 1]


def repetition_of(problem: Problem) -> Symmetry:
    """Copies of the body, where the problem has several load cases; else no symmetry."""
    return Repetition(False, False, problem.copies, problem.period) if problem.cases else Symmetry()


def symmetry_of(problem: Problem) -> Symmetry:
    """Mirror symmetry of body, given cells, supports, loads and targets.

    Parameters
    ----------
    problem : Problem
        A field that is not known here counts as not symmetric, and so do several load cases.
    """
    if problem.cases:
        return Symmetry()
    for field in fields(problem):
        known = field.name in (*_COMPARED, *_LOADS, *_SYMMETRIC)
        if not known and getattr(problem, field.name) not in (None, (), False):
            return Symmetry()
    return Symmetry(_is_mirrored(problem, True, False), _is_mirrored(problem, False, True))


def target_images(problem: Problem, x: bool, y: bool) -> tuple[IntArray, FloatArray]:
    """Mirror images of target displacements (t,): ``sign * values[image]``.

    Returns
    -------
    image : (t,) int array
    sign : (t,) array
        -1 for components across a mirror, which change sign.
    """
    number = np.full(problem.target.shape, -1)
    number[problem.wanted] = np.arange(np.count_nonzero(problem.wanted))
    sign = np.broadcast_to(component_signs(x, y), problem.target.shape)
    return flipped(number, x, y)[problem.wanted], sign[problem.wanted]


def component_signs(x: bool, y: bool) -> FloatArray:
    """Signs (2,) of the components of a vector in its mirror image."""
    return np.array([-1.0 if x else 1.0, -1.0 if y else 1.0])


def _is_mirrored(problem: Problem, x: bool, y: bool) -> bool:
    kinds = problem.kinds
    if not np.array_equal(kinds, flipped(kinds, x, y)):
        return False
    if problem.given is not None:
        used = np.unique(kinds[kinds >= CellKind.GIVEN]) - int(CellKind.GIVEN)
        if not all(np.array_equal(cell, flipped(cell, x, y)) for cell in problem.given[used]):
            return False
    return all(are_alike(values, image, _SAME) for values, image in _images(problem, x, y))


def are_alike(values: FloatArray, image: FloatArray, difference: float) -> bool:
    """Whether two arrays are equal but for a difference relative to the largest entry."""
    most = difference * float(np.nanmax(np.abs(values), initial=0.0))
    return bool(np.allclose(image, values, rtol=0.0, atol=most, equal_nan=True))


def _images(problem: Problem, x: bool, y: bool) -> Iterator[tuple[FloatArray, FloatArray]]:
    """Displacements, loads and weights of a problem, and their mirror images."""
    signs = component_signs(x, y)
    for values in (problem.prescribed, problem.target, problem.forces):
        if values is not None:
            yield values, signs * flipped(values, x, y)
    if problem.tractions is not None:
        sides = [SIDES.index(_OPPOSITE[side] if (side in _ACROSS) == x else side) for side in SIDES]
        yield problem.tractions, signs * flipped(problem.tractions, x, y)[:, :, sides]
    if problem.springs is not None:
        yield problem.springs, flipped(problem.springs, x, y)
    if problem.weights is not None:
        weights = np.where(problem.wanted, problem.weights, 0.0)
        yield weights, flipped(weights, x, y)
