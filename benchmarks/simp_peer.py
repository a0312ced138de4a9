"""Stiffness of a grey mirror-symmetric cell and its derivatives by SuperLU on a quarter."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.linalg import splu

from metafast import q4


class SuperLuQuarter:
    """Assembled once; then one factorisation for the normal strains and one for shear."""

    def __init__(self, size, material):
        self.size, self.element = size, q4.stiffness(material.stiffness)
        side = size + 1
        r, c = (a.ravel() for a in np.mgrid[0:size, 0:size])
        corners = np.stack([(r + 1) * side + c, (r + 1) * side + c + 1, r * side + c + 1,
                            r * side + c], axis=1)  # fmt: skip
        self.dofs = np.stack([2 * corners, 2 * corners + 1], axis=2).reshape(-1, 8)
        self.rows = np.repeat(self.dofs, 8, axis=1).ravel()
        self.columns = np.tile(self.dofs, (1, 8)).ravel()
        row, column = (a.ravel() for a in np.mgrid[0:side, 0:side])
        x, y = column.astype(float), size - row.astype(float)
        on_x, on_y = (column == 0) | (column == size), (row == 0) | (row == size)
        self.strains = np.zeros((3, 2 * side * side))
        self.strains[0, 0::2], self.strains[1, 1::2], self.strains[2, 0::2] = x, y, y
        normal, shear = np.zeros((2, 2 * side * side), dtype=bool)
        normal[0::2], normal[1::2], shear[0::2], shear[1::2] = on_x, on_y, on_y, on_x
        self.systems = ((np.flatnonzero(~normal), (0, 1)), (np.flatnonzero(~shear), (2,)))

    def __call__(self, scaled):
        """C11, C12, C22, C33 and their derivatives (4, q, q) by the pixels' stiffness."""
        values = (scaled.ravel()[:, None, None] * self.element).ravel()
        n = self.strains.shape[1]
        k = coo_matrix((values, (self.rows, self.columns)), (n, n)).tocsc()
        u = self.strains.copy()
        for free, strains in self.systems:
            factor = splu(k[free][:, free], permc_spec="MMD_AT_PLUS_A",
                          options={"SymmetricMode": True}, diag_pivot_thresh=0.0)  # fmt: skip
            for s in strains:
                u[s, free] -= factor.solve((k @ self.strains[s])[free])
        e = u[:, self.dofs]
        pairs = ((0, 0), (0, 1), (1, 1), (2, 2))
        slope = np.stack([np.einsum("ei,ij,ej->e", e[a], self.element, e[b]) for a, b in pairs])
        slope /= self.size**2
        shape = (4, self.size, self.size)
        return slope @ scaled.ravel(), slope.reshape(shape)
