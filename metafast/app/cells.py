"""Cells and the model that all pages of the process share, and how a cell is shown."""

from __future__ import annotations

import html
import threading
from dataclasses import dataclass
from functools import cache

import numpy as np

from metafast._base.html import picture, table
from metafast._base.typing import AnyArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.generative import CellVAE, latent
from metafast.properties import engineering_constants
from metafast.properties.names import by_name

_LOADING = threading.RLock()  # several pages may ask at once
_MAPPED = 5000  # cells on the latent map, which arrows are made of too
_WIDTH = 220  # of a cell on the screen


@cache
def _database() -> CellDatabase:
    return CellDatabase.default()


def shared_database() -> CellDatabase:
    """The embedded database, opened once."""
    with _LOADING:
        return _database()


@dataclass(frozen=True, eq=False)
class LatentMap:
    """The model that ships, and cells of the database on a map of its latent space.

    Attributes
    ----------
    vae : CellVAE
    rows : (n,) array
        Rows of the database.
    z : (n, latent) array
    plane : (n, 2) array
        Principal components of `z`.
    properties : (n, 4) array
    axes : (latent+1, 2) array
        Affine map from latent points to the plane, the constant last.
    """

    vae: CellVAE
    rows: IntArray
    z: FloatArray
    plane: FloatArray
    properties: FloatArray
    axes: FloatArray

    def project(self, z: FloatArray) -> FloatArray:
        """Places (m, 2) of latent points (m, latent) on the map."""
        return np.asarray(z @ self.axes[:-1] + self.axes[-1])


@cache
def _map() -> LatentMap:
    database, vae = _database(), CellVAE.default()
    rows = np.unique(np.linspace(0, len(database) - 1, _MAPPED).astype(np.int64))
    z = vae.encode(database.take(rows))
    latent.decode_cells(vae, z[:1])  # kernels are compiled or read from their cache
    plane = latent.principal_map(z)
    axes = np.linalg.lstsq(np.column_stack([z, np.ones(len(z))]), plane, rcond=None)[0]
    return LatentMap(vae, rows, z, plane, database.properties[rows], np.asarray(axes, dtype=float))


def shared_map() -> LatentMap:
    """The latent map, made once; decoding is quick from then on.

    Raises
    ------
    ImportError
        If torch is not installed.
    """
    with _LOADING:
        return _map()


def cell_html(title: str, cell: AnyArray, properties: FloatArray, *notes: str) -> str:
    """A cell (h, w), its stiffness C and engineering constants, with notes below."""
    numbers = [(name, f"{value:.4f}") for name, value in by_name(properties).items()]
    try:
        constants = engineering_constants(properties)._asdict()
        numbers += [(name, f"{value[0]:.4f}") for name, value in constants.items()]
    except ValueError:
        numbers.append(("constants", "none: it carries next to nothing"))
    lines = "".join(f"<p>{html.escape(note)}</p>" for note in notes)
    side = f"<div>{picture(cell, _WIDTH)}</div><div>{table(numbers)}</div>"
    return (
        f"<div><b>{html.escape(title)}</b>"
        f'<div style="display:flex;gap:16px;margin-top:6px">{side}</div>{lines}</div>'
    )
