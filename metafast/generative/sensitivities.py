"""How the stiffness of decoded cells changes with the latent point: homogenization's derivatives.

A decoded cell is grey, and by homogenization each pixel's share in the stiffness is known from the
same displacements as the stiffness itself. The chain rule through the decoder makes of it the
derivative by the latent point: exact, of the model's own cells, where the regressor's derivative
is of a fit to training cells, in which soft ones count little.
"""

from __future__ import annotations

import math

import numpy as np
import torch

from metafast._base.typing import FloatArray
from metafast.cells.symmetry import mirror
from metafast.generative.vae import CellVAE
from metafast.homogenization import properties_of, simp_sensitivities

_LEVEL = 0.7  # chance at which a pixel is half solid: cells are read between 0.5 and 0.9
_ENTRIES = ((0, 0), (0, 1), (1, 1), (2, 2))  # of C11, C12, C22, C33


def property_sensitivities(vae: CellVAE, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Properties (n, 4) of grey decoded cells, and their derivatives (n, 4, latent) by the point.

    The densities are the chances with their odds lowered, so that a chance of 0.7 is half solid;
    the stiffness of a pixel is proportional to its density.

    Parameters
    ----------
    vae : CellVAE
    z : (n, latent) array
    """
    networks = vae.networks
    device = next(networks.parameters()).device
    point = torch.from_numpy(np.asarray(z, dtype=np.float32)).to(device).requires_grad_()
    with torch.enable_grad():
        density = torch.sigmoid(networks.decode(point)[:, 0] - math.log(_LEVEL / (1.0 - _LEVEL)))
    grey = density.detach().cpu().numpy().astype(float)
    stiffness, derivative = simp_sensitivities(
        mirror(grey) if vae.quarter else grey,
        vae.phases,
        penalty=1.0,
    )
    found = np.empty((len(grey), len(_ENTRIES), vae.latent))
    for k, (i, j) in enumerate(_ENTRIES):
        by_pixel = derivative[:, i, j]
        if vae.quarter:  # mirror images move along
            by_pixel = _folded(by_pixel)
        weight = torch.from_numpy(np.ascontiguousarray(by_pixel, dtype=np.float32)).to(device)
        slope = torch.autograd.grad(density, point, weight, retain_graph=True)[0]
        found[:, k] = slope.cpu().numpy()
    return properties_of(stiffness), found


def _folded(by_pixel: FloatArray) -> FloatArray:
    """Sums (n, h/2, w/2) over each pixel of the quarter and its mirror images."""
    h, w = by_pixel.shape[1] // 2, by_pixel.shape[2] // 2
    across = by_pixel + by_pixel[:, :, ::-1]
    return np.asarray((across + across[:, ::-1])[:, :h, :w])
