"""Figs. 12 and 13: families along Eq. 7, in their graph and in the property space."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import metafast as mf
from metafast.plotting import plot_families, plot_family_graph, plot_gradation
from metafast.selection import PAPER_FAMILY
from metafast.selection.families import families_of
from paper.setting import Setting

_COUNT = 5


@lru_cache(1)
def graph_and_families(setting: Setting) -> tuple[Any, list[mf.Family]]:
    """The graph with the paper's k = 5 and N = 50, and five shortest paths without common cells."""
    graph = mf.family_graph(
        setting.every_cell, setting.vae, mf.Gradation.isotropic_like(), options=PAPER_FAMILY
    )
    return graph, families_of(graph, _COUNT)


def graph_and_cells(setting: Setting) -> dict[str, Any]:
    """Fig. 12: (a) the graph with the paths of the families, (b) their cells."""
    graph, families = graph_and_families(setting)
    plot_family_graph(graph, families, scale="log", path=setting.path("fig12a_graph"))
    plot_families(families, path=setting.path("fig12b_families"))
    return {"graph": graph, "families": families}


def gradation(setting: Setting) -> dict[str, Any]:
    """Fig. 13: properties of (a) the members, (b) of cells decoded between and beyond them."""
    _, families = graph_and_families(setting)
    count = 40 if setting.small else 200
    continuous = [family.continuous(setting.vae, count) for family in families]
    plot_gradation(families, path=setting.path("fig13a_members"))
    plot_gradation(continuous, path=setting.path("fig13b_continuous"))
    return {"families": families, "continuous": continuous}
