"""Fig. 14: pairs of neighbouring cells with their geometric and mechanical incompatibility."""

from __future__ import annotations

from typing import Any

import numpy as np

import metafast as mf
from metafast.plotting import plot_pairs
from paper.setting import Setting


def simple_cells(size: int = 50, bar: int = 5) -> dict[str, np.ndarray]:
    """Five cells (size, size) with bars of `2*bar` pixels, those on the rim shared by two cells."""
    rim, middle = np.zeros(size, bool), np.zeros(size, bool)
    rim[:bar] = rim[-bar:] = True
    middle[size // 2 - bar : size // 2 + bar] = True
    hole = np.zeros(size, bool)
    hole[3 * size // 10 : size - 3 * size // 10] = True
    pictures = {
        "frame": rim[:, None] | rim,
        "cross": middle[:, None] | middle,
        "vertical bar": np.broadcast_to(middle, (size, size)),
        "solid": np.ones((size, size)),
        "square hole": ~(hole[:, None] & hole),
    }
    return {name: picture.astype(np.uint8) for name, picture in pictures.items()}


def pairs(setting: Setting) -> dict[str, Any]:
    """Fig. 14: theta_G and theta_M of every cell to the left of every cell."""
    named = simple_cells()
    cells = np.stack(list(named.values()))
    tractions = mf.boundary_tractions(cells)
    candidates = np.tile(np.arange(len(cells)), (1, 2, 1))
    geometric, mechanical = (
        mf.incompatibility_tables(
            candidates, cells, tractions, geometric_weight=g, mechanical_weight=1.0 - g
        ).horizontal[0, 0]
        for g in (1.0, 0.0)
    )
    title = (
        "Neighbours with their geometric ($\\theta^G$) and mechanical ($\\theta^M$) "
        "incompatibility, 0 for a perfect match and 1 at most"
    )
    plot_pairs(cells, geometric, mechanical, list(named), title, path=setting.path("fig14_pairs"))
    return {"names": list(named), "geometric": geometric, "mechanical": mechanical}
