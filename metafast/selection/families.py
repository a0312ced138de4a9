"""Families of cells: shortest paths along a gradation in latent space (section 4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from metafast._base.checks import (
    changed_options,
    require_count,
    require_instance,
    require_progress,
)
from metafast._base.progress import Progress, silent
from metafast._base.typing import FloatArray
from metafast.database import CellDatabase
from metafast.properties.gradation import Gradation
from metafast.selection.family import Family
from metafast.selection.family_graph import arrays_of
from metafast.selection.family_options import FamilyOptions
from metafast.selection.graph_arrays import GraphArrays
from metafast.selection.shapes import Encoder

if TYPE_CHECKING:
    import networkx as nx

    from metafast.generative import CellVAE


def find_families(
    database: CellDatabase,
    encoder: Encoder | FloatArray,
    gradation: Gradation,
    count: int = 5,
    *,
    decoder: CellVAE | None = None,
    options: FamilyOptions | None = None,
    threads: int | None = None,
    progress: Progress = silent,
    **changes: Any,
) -> list[Family]:
    """Find families of cells along a gradation.

    A family is the shortest path through the graph of `family_graph`, from one of the first cells
    along the gradation to one of the last. Its cells are removed before the next search. If no path
    is left because they were neighbours of many, the remaining cells are joined again.

    With a decoder, three points on every edge are decoded and homogenized, and edges whose points
    leave the gradation become longer, so that continuous families follow the gradation.

    The graph is built and searched as arrays here, with `scipy.sparse.csgraph`. `families_of` finds
    the same families in the `networkx` graph, which takes about a third more time in all.

    Parameters
    ----------
    database : CellDatabase
    encoder : Encoder or (n, d) array
        Model whose latents are near for similar shapes, which then encodes only the cells near the
        gradation; or such coordinates of all cells, for instance `pixel_components`.
    gradation : Gradation
    count : int
        Number of families, which have no cell in common.
    decoder : CellVAE, optional
        Model that the latents come from.
    options : FamilyOptions, optional
        Neighbours, terminals, tolerance and power; metafast's by default; the paper's are
        `metafast.selection.PAPER_FAMILY`.
    threads : int, optional
        CPU threads for finding cells near the gradation; all available by default.
    progress : callable, optional
        Called as ``progress(stage, done, total)`` for "joining cells", "decoding edges" and
        "finding families".
    **changes
        Fields of `FamilyOptions` that differ from `options`, for instance ``neighbors=5``.

    Returns
    -------
    list of Family
        Families from the shortest path on.

    Raises
    ------
    ValueError
        If too few cells are near the gradation, part of it is empty, or no path is left.
    """
    require_instance("database", database, CellDatabase)
    require_instance("gradation", gradation, Gradation)
    require_progress(progress)
    require_count("count", count, 1, len(database))
    arrays = GraphArrays.of_database(
        database,
        encoder,
        gradation,
        changed_options("find_families", FamilyOptions() if options is None else options, changes),
        decoder=decoder,
        threads=threads,
        progress=progress,
    )
    return _disjoint_families(arrays, count, progress)


def families_of(graph: nx.DiGraph, count: int = 5, *, progress: Progress = silent) -> list[Family]:
    """Find families in a graph from `family_graph`, which may have been changed since.

    Nodes and edges may be removed and lengths changed, for instance to keep cells out of all
    families. `find_families` describes the search; it joins cells again by the graph's options,
    and after a family is removed the first and last cells left join the source and the sink.

    Parameters
    ----------
    graph : networkx.DiGraph
        The graph stays as it is.
    count : int
        Number of families, which have no cell in common.
    progress : callable, optional
        Called as ``progress("finding families", families done, count)``.

    Returns
    -------
    list of Family
        Families from the shortest path on.

    Raises
    ------
    ValueError
        If the graph lacks an attribute of `family_graph`, or no path is left.
    """
    require_progress(progress)
    return _disjoint_families(arrays_of(graph), require_count("count", count), progress)


def _disjoint_families(graph: GraphArrays, count: int, progress: Progress) -> list[Family]:
    """Shortest paths, each without the cells of those before."""
    families: list[Family] = []
    for k in range(count):
        path = graph.shortest_path()
        if path is None and k and not graph.has_gap():
            graph = graph.joined_again(progress)
            path = graph.shortest_path()
        if path is None:
            options = graph.options
            raise ValueError(
                f"no path from the first to the last {options.terminals} cells is left for family "
                f"{k + 1} of {count}; lower count, or raise tolerance ({options.tolerance:g}), "
                f"neighbors ({options.neighbors}) or terminals ({options.terminals})"
            )
        families.append(graph.family(path))
        graph = graph.without(path)
        progress("finding families", k + 1, count)
    return families
