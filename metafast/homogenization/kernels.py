"""Multifrontal elimination of eight cells at a time (section 3.2).

``C = (sum_e rho_e C0 - F^T K^-1 F) / area`` is the Schur complement of the unit strains in the
assembled ``rho_e [[K, F], [F^T, C0]]``; `plan` says in which order the displacements go.

Legend (flat arrays of lane groups, see `lanes`; g = lane group, f = front of the plan)
    rho    (elements)            stiffness of each pixel relative to the solid, 8 cells in the lanes
    front  (size, size)          lower triangle; pivot columns end as the Cholesky factor L, its
                                 diagonal as 1/L_pp
    pool   stack of Schur complements, lower triangles packed by rows
    ke     (66,) float64         lower triangle of [[K, F], [F^T, C0]] by rows

A front is worked in 4x4 tiles, row block by row block, so that the 16 sums of a tile stay in
registers and the row panel in the first-level cache::

    I\\J  0   1   2 | 3   4          tile (I, J): minus sum_k L[I, k] L[J, k] over the columns k of
    0    L                          earlier pivot tiles, then
    1    L   L                        J pivot, I == J: Cholesky of the 4x4 tile
    2    L   L   L                    J pivot, I > J: solve with L[J, J]
    3    L   L   L | S                J boundary: Schur complement, kept for the parent
    4    L   L   L | S   S
"""

from __future__ import annotations

import numpy as np
from numba import prange

from metafast._jit import jit
from metafast.homogenization.lanes import add, div, fma, fnma, load, mul, spread, sqrt, store
from metafast.homogenization.plan import ENTRIES, LANES, TILE


@jit(inline="always")
def _subtract_products(w, target, ld, a, b, count):
    """Tile at `target` minus the products of row panels `a` and `b` over `count` columns."""
    t0, t1, t2, t3 = target, target + ld, target + 2 * ld, target + 3 * ld
    a0, a1, a2, a3 = a, a + ld, a + 2 * ld, a + 3 * ld
    b0, b1, b2, b3 = b, b + ld, b + 2 * ld, b + 3 * ld
    s00, s01, s02, s03 = load(w, t0), load(w, t0 + 1), load(w, t0 + 2), load(w, t0 + 3)
    s10, s11, s12, s13 = load(w, t1), load(w, t1 + 1), load(w, t1 + 2), load(w, t1 + 3)
    s20, s21, s22, s23 = load(w, t2), load(w, t2 + 1), load(w, t2 + 2), load(w, t2 + 3)
    s30, s31, s32, s33 = load(w, t3), load(w, t3 + 1), load(w, t3 + 2), load(w, t3 + 3)
    for k in range(count):
        y0, y1, y2, y3 = load(w, b0 + k), load(w, b1 + k), load(w, b2 + k), load(w, b3 + k)
        x = load(w, a0 + k)
        s00, s01, s02, s03 = fnma(x, y0, s00), fnma(x, y1, s01), fnma(x, y2, s02), fnma(x, y3, s03)
        x = load(w, a1 + k)
        s10, s11, s12, s13 = fnma(x, y0, s10), fnma(x, y1, s11), fnma(x, y2, s12), fnma(x, y3, s13)
        x = load(w, a2 + k)
        s20, s21, s22, s23 = fnma(x, y0, s20), fnma(x, y1, s21), fnma(x, y2, s22), fnma(x, y3, s23)
        x = load(w, a3 + k)
        s30, s31, s32, s33 = fnma(x, y0, s30), fnma(x, y1, s31), fnma(x, y2, s32), fnma(x, y3, s33)
    store(w, t0, s00), store(w, t0 + 1, s01), store(w, t0 + 2, s02), store(w, t0 + 3, s03)
    store(w, t1, s10), store(w, t1 + 1, s11), store(w, t1 + 2, s12), store(w, t1 + 3, s13)
    store(w, t2, s20), store(w, t2 + 1, s21), store(w, t2 + 2, s22), store(w, t2 + 3, s23)
    store(w, t3, s30), store(w, t3 + 1, s31), store(w, t3 + 2, s32), store(w, t3 + 3, s33)


@jit()
def _cholesky_tile(w, t, ld):
    """In-place Cholesky factor of the 4x4 tile at `t`, reciprocals on the diagonal."""
    one = spread(1.0)
    for p in range(TILE):
        d = t + p * ld
        s = load(w, d + p)
        for k in range(p):
            x = load(w, d + k)
            s = fnma(x, x, s)
        inverse = div(one, sqrt(s))
        store(w, d + p, inverse)
        for q in range(p + 1, TILE):
            r = t + q * ld
            s = load(w, r + p)
            for k in range(p):
                s = fnma(load(w, r + k), load(w, d + k), s)
            store(w, r + p, mul(s, inverse))


@jit()
def _solve_tile(w, t, d, ld):
    """Tile at `t` times the inverse transpose of the factored diagonal tile at `d`."""
    l10, l20, l21 = load(w, d + ld), load(w, d + 2 * ld), load(w, d + 2 * ld + 1)
    l30, l31, l32 = load(w, d + 3 * ld), load(w, d + 3 * ld + 1), load(w, d + 3 * ld + 2)
    i0, i1 = load(w, d), load(w, d + ld + 1)
    i2, i3 = load(w, d + 2 * ld + 2), load(w, d + 3 * ld + 3)
    for q in range(TILE):
        r = t + q * ld
        x0 = mul(load(w, r), i0)
        x1 = mul(fnma(x0, l10, load(w, r + 1)), i1)
        x2 = mul(fnma(x1, l21, fnma(x0, l20, load(w, r + 2))), i2)
        x3 = mul(fnma(x2, l32, fnma(x1, l31, fnma(x0, l30, load(w, r + 3)))), i3)
        store(w, r, x0), store(w, r + 1, x1), store(w, r + 2, x2), store(w, r + 3, x3)


@jit()
def _eliminate(w, base, size, pivots):
    """Partial Cholesky factorisation of one front; the Schur complement stays in its corner."""
    for i in range(0, size, TILE):
        row = base + i * size
        for j in range(0, min(i + TILE, pivots), TILE):
            diagonal = base + j * size
            _subtract_products(w, row + j, size, row, diagonal, j)
            if i == j:
                _cholesky_tile(w, row + j, size)
            else:
                _solve_tile(w, row + j, diagonal + j, size)
        for j in range(pivots, i + TILE, TILE):
            _subtract_products(w, row + j, size, row, base + j * size, pivots)


@jit()
def _assemble(w, base, f, rho, ke, pool, tables):
    """Front f from its elements and from its children's Schur complements."""
    n = tables.size[f]
    zero = spread(0.0)
    for i in range(n):
        for j in range((i // TILE + 1) * TILE):
            store(w, base + i * n + j, zero)
    for i in range(tables.pivots[f]):
        if tables.variables[tables.variables_start[f] + i] < 0:
            store(w, base + i * n + i, spread(1.0))
    for m in range(tables.elements_start[f], tables.elements_start[f + 1]):
        stiffness = load(rho, tables.elements[m])
        for t in range(ENTRIES):
            d = tables.destinations[m * ENTRIES + t]
            if d >= 0:
                store(w, base + d, fma(stiffness, spread(ke[t]), load(w, base + d)))
    for k in range(2):
        child = tables.children[f, k]
        if child < 0:
            continue
        first = tables.maps_start[child]
        source = tables.schur_start[child]
        for i in range(first, tables.maps_start[child + 1]):
            row = base + tables.maps[i] * n
            for j in range(first, i + 1):
                d = row + tables.maps[j]
                store(w, d, add(load(w, d), load(pool, source)))
                source += 1


@jit()
def factorise(rho, ke, w, pool, keep, tables):
    """Eliminate all fronts of eight cells; the root's Schur complement is at the pool's start.

    With `keep` every front has its own place in `w`, else all take the first.
    """
    for f in range(len(tables.size)):
        base = tables.front_start[f] if keep else 0
        _assemble(w, base, f, rho, ke, pool, tables)
        n, pivots = tables.size[f], tables.pivots[f]
        _eliminate(w, base, n, pivots)
        target = tables.schur_start[f]
        for i in range(pivots, pivots + tables.boundary[f]):
            for j in range(pivots, i + 1):
                store(pool, target, load(w, base + i * n + j))
                target += 1


@jit()
def gather_densities(densities, group, rho):
    """Transpose the densities (cells, elements) of one lane group; the last cell fills up."""
    last = densities.shape[0] - 1
    for v in range(LANES):
        cell = min(group * LANES + v, last)
        for e in range(densities.shape[1]):
            rho[e * LANES + v] = densities[cell, e]


@jit(parallel=True)
def effective_stiffness(densities, ke, tables, schur_size, largest, workers, out):
    """Schur complements (cells, strains, strains) of the unit strains, not divided by the area."""
    groups = -(-densities.shape[0] // LANES)
    strains = out.shape[1]
    for worker in prange(workers):
        rho = np.empty(densities.shape[1] * LANES)
        w = np.empty(largest * LANES)
        pool = np.empty(schur_size * LANES)
        for group in range(worker, groups, workers):
            gather_densities(densities, group, rho)
            factorise(rho, ke, w, pool, False, tables)
            for v in range(min(LANES, densities.shape[0] - group * LANES)):
                for i in range(strains):
                    for j in range(i + 1):
                        value = pool[(i * (i + 1) // 2 + j) * LANES + v]
                        out[group * LANES + v, i, j] = value
                        out[group * LANES + v, j, i] = value
