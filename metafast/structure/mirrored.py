"""Factor of a mirror-symmetric body, from that of the part that its images make up.

A displacement is the sum of a symmetric and of an antisymmetric one. Forces of one kind cause
displacements of the same kind only, so the stiffness falls into blocks, one for each kind. A block
is the stiffness of the part alone, held on the mid-line::

    +--------+        symmetric       u_x = 0 on the mid-line
    |  part  |  x     antisymmetric   u_y = 0 on the mid-line
    |        |
    +--------+        (u_y and u_x on the one of a mirror in y)

Symmetric loads need the symmetric block alone: half the unknowns, or a quarter of them with both
mirrors, and less than that of the arithmetic. The negative pivots of the tangent are those of all
blocks together, so stability is proved without the factor of the whole body.

With E the displacement of the whole by that of the part, and m images, ``E^T K E = m K_part``::

    u = E K_part^-1 E^T f / m
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from metafast._base.typing import AnyArray, BoolArray, FloatArray
from metafast.problems.symmetry import Symmetry, flipped
from metafast.structure.multifrontal import Multifrontal
from metafast.structure.nodes import corner_contacts
from metafast.structure.system import PixelSystem, pixel_system

_Parity = tuple[int, int]  # 1 for symmetric, -1 for antisymmetric; about x and y
_SYMMETRIC: _Parity = (1, 1)


class MirrorFactor:
    """Factor of a mirror-symmetric body for symmetric right-hand sides.

    Of others it solves for the symmetric part.

    Parameters
    ----------
    system : PixelSystem
        Of the whole body.
    solid : (ny, nx) bool array
        Its pixels, of even numbers where there is a mirror.
    prescribed : (ny+1, nx+1, 2) bool array
        Its prescribed degrees of freedom.
    symmetry : Symmetry
        Mirrors of pixels, prescribed degrees of freedom and tangents.
    columns, memory_limit, threads, element, tangents
        As in `Multifrontal`.

    Attributes
    ----------
    size : int
        Unknowns of the whole body.
    memory : int
        Bytes at the peak of a solution.
    """

    def __init__(
        self,
        system: PixelSystem,
        solid: BoolArray,
        prescribed: BoolArray,
        symmetry: Symmetry,
        columns: int = 1,
        memory_limit: int | None = None,
        *,
        threads: int = 1,
        element: AnyArray | None = None,
        tangents: FloatArray | None = None,
    ) -> None:
        self._system, self._symmetry = system, symmetry
        self._solid, self._prescribed = _part(solid, symmetry), _part(prescribed, symmetry, 1)
        self._threads, self._tangents = threads, tangents
        self._element = None
        if element is not None:
            self._element = np.ascontiguousarray(_part(element, symmetry))
        part = self._sector(_SYMMETRIC)
        self._numbers, self._signs, self._share = _images(system, part, symmetry)
        self._factor = self._factor_of(part, columns, memory_limit)
        self.size = system.unknowns
        self.memory = self._factor.memory + self._numbers.nbytes + self._signs.nbytes

    @property
    def negative(self) -> int:
        """Negative pivots of the symmetric block, at the last factorisation."""
        return self._factor.negative

    def refactor(self) -> None:
        """Factorise the changed tangents at the next solution."""
        self._factor.refactor()

    def antisymmetric_negative(self) -> int:
        """Negative pivots of the other blocks of the tangents.

        The factor of the symmetric block gives its memory to theirs, one after the other; the next
        solution factorises it again.
        """
        self._factor.release()
        count = 0
        for parity in _others(self._symmetry):
            with self._factor_of(self._sector(parity), 1, None) as factor:
                count += factor.count_negative() if factor.size else 0
        return count

    def solve(self, rhs: FloatArray, *, absolute: bool = False) -> FloatArray:
        """Solve for the symmetric part of one or more right-hand sides (n,) or (n, k).

        Parameters and errors as in `Multifrontal.solve`.
        """
        forces = np.reshape(rhs, (self.size, -1))
        part = sum(
            sign[:, None] * forces[number]
            for number, sign in zip(self._numbers, self._signs, strict=True)
        )
        solution = self._factor.solve(self._share[:, None] * part, absolute=absolute)
        whole = np.zeros(forces.shape)
        for number, sign in zip(self._numbers, self._signs, strict=True):
            whole[number] = sign[:, None] * solution
        return whole.reshape(np.shape(rhs))

    def symmetric_part(self, u: FloatArray) -> FloatArray:
        """The symmetric part of a displacement (n,) of the unknowns."""
        parts = zip(self._numbers, self._signs, strict=True)
        mean = sum(sign * u[number] for number, sign in parts) / len(self._numbers)
        whole = np.zeros_like(u)
        for number, sign in zip(self._numbers, self._signs, strict=True):
            whole[number] = sign * mean
        return whole

    def __enter__(self) -> MirrorFactor:
        return self

    def __exit__(self, *exception: object) -> None:
        self._factor.__exit__(*exception)

    def _sector(self, parity: _Parity) -> PixelSystem:
        """The part, held on the mid-lines as its images ask for."""
        held = self._prescribed.copy()
        if self._symmetry.x:
            held[:, -1, 0 if parity[0] > 0 else 1] = True
        if self._symmetry.y:
            held[-1, :, 1 if parity[1] > 0 else 0] = True
        return pixel_system(self._solid, held, self._system.stencil)

    def _factor_of(self, part: PixelSystem, columns: int, limit: int | None) -> Multifrontal:
        return Multifrontal(
            part,
            columns,
            limit,
            threads=self._threads,
            element=self._element,
            tangents=self._tangents,
        )


class _Images(NamedTuple):
    """Unknowns of the whole body (m, n) that are images of those of the part, their signs, and
    the share (n,) of the sum of their forces that acts on the part."""

    numbers: AnyArray
    signs: AnyArray
    share: FloatArray


def _images(system: PixelSystem, part: PixelSystem, symmetry: Symmetry) -> _Images:
    mine, whole = _copies(part), _copies(system)
    mirrors = symmetry.mirrors
    numbers = np.zeros((len(mirrors), part.unknowns), np.int32)
    signs = np.ones((len(mirrors), part.unknowns), np.int8)
    for k, (x, y) in enumerate(mirrors):
        for copy, own in enumerate(mine):
            # upside down, the copy of the upper pixel is that of the lower one
            image = _part(flipped(whole[1 - copy if y else copy], x, y), symmetry, 1)
            for p, crosses in enumerate((x, y)):
                free = own[..., p] >= 0
                numbers[k, own[free, p]] = image[free, p]
                signs[k, own[free, p]] = -1 if crosses else 1
    repeats = np.zeros(part.unknowns)
    for image in numbers:
        repeats += image == numbers[0]
    return _Images(numbers, signs, 1.0 / (len(mirrors) * repeats))


def _copies(system: PixelSystem) -> tuple[AnyArray, AnyArray]:
    """Numbers (ny+1, nx+1, 2) of both copies of the nodes, the same where there is but one."""
    free = system.dof >= 0
    two = corner_contacts(system.code)[..., None] & free
    return system.dof, np.where(two, system.dof + free.sum(axis=2, keepdims=True), system.dof)


def _others(symmetry: Symmetry) -> list[_Parity]:
    """All parities but the symmetric one."""
    pairs = [(x, y) for y in (1, -1)[: 1 + symmetry.y] for x in (1, -1)[: 1 + symmetry.x]]
    return pairs[1:]


def _part(array: AnyArray, symmetry: Symmetry, more: int = 0) -> AnyArray:
    """The upper left part of an array of pixels, or of nodes with `more` = 1."""
    ny, nx = ((count - more) // 2 + more for count in array.shape[:2])
    return array[: ny if symmetry.y else None, : nx if symmetry.x else None]
