"""Figs. 9 and 10: the arrows of C11 and of anisotropy, and walks along them.

Both figures start from the same two cells, as in the paper: the first of the random cells along
whose walks every cell is in one piece and the property rises at every step. The titles tell for how
many that holds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

import metafast as mf
from metafast.plotting import plot_arrow, plot_cell_rows
from paper.setting import Setting

_REACH, _STEPS = 3.0, 7  # length of a walk and its cells
_SHOWN = 2


def stiffness(setting: Setting) -> dict[str, Any]:
    """Fig. 9: (a) how the arrow of C11 is made, (b) walks along it."""
    found = _walks(setting)["C11"]
    names = ("lowest 30 % of $C_{11}$", "highest 30 % of $C_{11}$")
    _draw_arrow(setting, "C11", found, names, "fig09a_arrow")
    notes = [[f"{c[0]:.3f}" for c in walk.properties] for walk in found["walks"]]
    told = _told(found, "$C_{11}$")
    title = f"(b) Along the arrow, with $C_{{11}}/E$; {told}"
    _draw_walks(setting, found, notes, title, "fig09b_walks")
    return found


def anisotropy(setting: Setting) -> dict[str, Any]:
    """Fig. 10: (a) how the arrow of anisotropy is made, (b) walks along it, (c) curved ones.

    The curved walks of (c) begin where straight ones do: at the cells of (b), and at two for which
    the straight walk fails.
    """
    found = _walks(setting)["anisotropy"]
    names = ("$C_{11}/C_{22} > 2$", "$C_{22}/C_{11} > 2$")
    _draw_arrow(setting, "anisotropy", found, names, "fig10a_arrow")
    told = _told(found, "$C_{22}/C_{11}$")
    title = f"(b) Along the arrow, with $C_{{11}}/E$ and $C_{{22}}/E$; {told}"
    _draw_walks(setting, found, _both(found["walks"]), title, "fig10b_walks")

    starts = [*found["rows"], *found["failed"][:_SHOWN]]
    z = setting.latents[starts] - 0.5 * _REACH * found["arrow"]
    climbs = mf.latent.ascend(setting.vae, z, "anisotropy", _REACH, _STEPS)
    pairs = [(row, walk) for row, walk in zip(starts, climbs, strict=True) if walk.connected.all()]
    curved = {"walks": [walk for _, walk in pairs], "rows": [row for row, _ in pairs]}
    title = (
        "(c) Along the curve on which $C_{22}/C_{11}$ rises, which is not in the paper; the last "
        "begin where the straight walk fails"
    )
    _draw_walks(setting, curved, _both(curved["walks"]), title, "fig10c_curved")
    return found | {"curved": curved["walks"]}


@lru_cache(1)
def _walks(setting: Setting) -> dict[str, dict[str, Any]]:
    """By arrow: the walks that are shown, and shares of the random cells they are chosen from."""
    rows = setting.random_rows(40 if setting.small else 200)
    good, found, tried = np.ones(len(rows), bool), {}, {}
    for name in ("C11", "anisotropy"):
        arrow = mf.latent.property_arrow(setting.latents, setting.database.properties, name)
        tried[name] = [
            mf.latent.traverse(setting.vae, z - 0.5 * _REACH * arrow, arrow, _REACH, _STEPS)
            for z in setting.latents[rows]
        ]
        values = [_value(walk, name) for walk in tried[name]]
        whole = np.array([walk.connected.all() for walk in tried[name]])
        rises = np.array([(np.diff(value) > 0).all() for value in values])
        good &= whole & rises
        if name == "anisotropy":  # as in the paper: C22 itself grows, and surpasses C11
            stiffer = [(np.diff(walk.properties[:, 2]) > 0).all() for walk in tried[name]]
            good &= stiffer & np.array([value[0] < 1.0 < value[-1] for value in values])
        shares = {"whole": whole.mean(), "rises": rises.mean(), "both": (whole & rises).mean()}
        found[name] = {
            "arrow": arrow,
            "failed": rows[~(whole & rises)],
            "tried": len(rows),
        } | shares
    chosen = np.flatnonzero(good)[:_SHOWN]
    if len(chosen) < _SHOWN:
        raise ValueError(f"{len(chosen)} of {len(rows)} random cells have such walks; try more")
    for name, each in found.items():
        each |= {
            "succeed": good.mean(),
            "walks": [tried[name][k] for k in chosen],
            "rows": rows[chosen],
        }
    return found


def _value(walk: mf.DecodedCells, name: str) -> np.ndarray:
    """What rises along a walk: C11, or C22/C11."""
    c = walk.properties
    return c[:, 0] if name == "C11" else c[:, 2] / c[:, 0]


def _told(found: dict[str, Any], what: str) -> str:
    """Shares of the random cells, in words."""
    shares = ("rises", "whole", "both", "succeed")
    rises, whole, both, succeed = (f"{found[share]:.0%}" for share in shares)
    return (
        f"of {found['tried']} random cells {what} rises at every step for {rises}, all seven cells "
        f"are in one piece for {whole}, both for {both}; these are the first of the {succeed} "
        "for which Figs. 9 and 10 both succeed"
    )


def _both(walks: list[mf.DecodedCells]) -> list[list[str]]:
    """C11 and C22 of the cells of walks."""
    return [[f"{c[0]:.3f}, {c[2]:.3f}" for c in walk.properties] for walk in walks]


def _draw_arrow(
    setting: Setting, name: str, found: dict[str, Any], names: tuple[str, str], file: str
) -> None:
    """Cells low and high, the arrow between their means, the walks."""
    high, low = mf.latent.high_and_low(setting.database.properties, name)
    z = np.concatenate([setting.latents, *(walk.z for walk in found["walks"])])
    plane = mf.latent.principal_map(z)
    points, walks = plane[: len(high)], np.split(plane[len(high) :], len(found["walks"]))
    title = "(a) The arrow between the means of the two"
    plot_arrow(points, low, high, walks, names=names, title=title, width="single",
               path=setting.path(file))  # fmt: skip


def _draw_walks(
    setting: Setting, found: dict[str, Any], notes: list[list[str]], title: str, file: str
) -> None:
    """Rows of cells, each named by its start."""
    labels = [f"cell {row * setting.step:,}" for row in found["rows"]]
    plot_cell_rows(
        [walk.cells for walk in found["walks"]], labels, notes, title, path=setting.path(file)
    )
