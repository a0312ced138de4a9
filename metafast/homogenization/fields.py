"""Displacement fields of eight cells at a time: back-substitution through the kept fronts.

With ``L`` the factor of a front's pivots x1 and x2 its boundary, ``x1 = -L11^-T (L21^T x2)``; the
unit strains are part of x2, so strain s is solved for by setting its own unknown to one.
"""

from __future__ import annotations

import numpy as np
from numba import prange

from metafast._jit import jit
from metafast.homogenization.kernels import factorise, gather_densities
from metafast.homogenization.lanes import fnma, load, mul, spread, store
from metafast.homogenization.plan import LANES


@jit()
def _substitute(w, base, size, pivots, names, unknowns_x, strains, local):
    """Solve for the pivots of one front, all unit strains at once."""
    zero = spread(0.0)
    for i in range(size):
        for s in range(strains):
            value = zero
            if i >= pivots and names[i] >= 0:
                value = load(unknowns_x, names[i] * strains + s)
            store(local, i * strains + s, value)
    for i in range(size - 1, -1, -1):
        row = base + i * size
        for s in range(strains):
            x = load(local, i * strains + s)
            if i < pivots:
                x = mul(x, load(w, row + i))
                if names[i] >= 0:
                    store(unknowns_x, names[i] * strains + s, x)
            for p in range(min(i, pivots)):
                d = p * strains + s
                store(local, d, fnma(load(w, row + p), x, load(local, d)))


@jit(parallel=True)
def displacement_fields(densities, ke, tables, schur_size, front_size, workers, out):
    """Periodic parts of the displacements, out (cells, strains, unknowns), for unit strains."""
    groups = -(-densities.shape[0] // LANES)
    _, strains, unknowns = out.shape
    for worker in prange(workers):
        rho = np.empty(densities.shape[1] * LANES)
        w = np.empty(front_size * LANES)
        pool = np.empty(schur_size * LANES)
        x = np.zeros((unknowns + strains) * strains * LANES)
        local = np.empty(np.max(tables.size) * strains * LANES)
        for group in range(worker, groups, workers):
            gather_densities(densities, group, rho)
            factorise(rho, ke, w, pool, True, tables)
            for s in range(strains):
                for v in range(LANES):
                    x[((unknowns + s) * strains + s) * LANES + v] = 1.0
            for f in range(len(tables.size) - 1, -1, -1):
                names = tables.variables[tables.variables_start[f] : tables.variables_start[f + 1]]
                base, size, pivots = tables.front_start[f], tables.size[f], tables.pivots[f]
                _substitute(w, base, size, pivots, names, x, strains, local)
            for v in range(min(LANES, densities.shape[0] - group * LANES)):
                for s in range(strains):
                    for d in range(unknowns):
                        out[group * LANES + v, s, d] = x[(d * strains + s) * LANES + v]
