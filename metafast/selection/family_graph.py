"""Family graph in networkx: similar cells along a gradation, joined by their latent distance.

The graph of section 4.3. Its nodes are rows of a database, sorted along the gradation, and
"source" and "sink"; a family is a shortest path from source to sink.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx
import numpy as np

from metafast._base.checks import (
    changed_options,
    require_instance,
    require_progress,
    shown,
)
from metafast._base.progress import Progress, silent
from metafast._base.typing import ByteArray, FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.properties.gradation import Gradation
from metafast.properties.names import PROPERTIES
from metafast.selection.family_options import FamilyOptions
from metafast.selection.graph_arrays import GraphArrays
from metafast.selection.shapes import Encoder

if TYPE_CHECKING:
    from metafast.generative import CellVAE

SOURCE, SINK = "source", "sink"
_SETTINGS = ("gradation", "phases", "options", "decoder")
_BLOCK = 4096  # cells unpacked at a time


@dataclass(frozen=True)
class PackedCell:
    """Binary cell kept as bits; ``numpy.asarray(cell)`` gives its pixels (h, w)."""

    bits: bytes
    shape: tuple[int, int]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> ByteArray:
        h, w = self.shape
        pixels = np.unpackbits(np.frombuffer(self.bits, dtype=np.uint8), count=h * w)
        return pixels.reshape(h, w).astype(dtype or np.uint8, copy=False)


def family_graph(
    database: CellDatabase,
    encoder: Encoder | FloatArray,
    gradation: Gradation,
    *,
    decoder: CellVAE | None = None,
    options: FamilyOptions | None = None,
    threads: int | None = None,
    progress: Progress = silent,
    **changes: Any,
) -> nx.DiGraph:
    """Build the graph in which families are shortest paths (section 4.3).

    Cells within the tolerance of the gradation are sorted along it. Each is joined to its most
    similar cells of higher rank; the source is joined to the first cells and the last cells to the
    sink, by edges of length 0. With a decoder, edges along which decoded cells leave the gradation
    become longer.

    Parameters
    ----------
    database : CellDatabase
    encoder : Encoder or (n, d) array
        Model whose latents are near for similar shapes, which then encodes only the cells near the
        gradation; or such coordinates of all cells, for instance `pixel_components`.
    gradation : Gradation
    decoder : CellVAE, optional
        Model that the latents come from.
    options : FamilyOptions, optional
        Neighbours, terminals, tolerance and power; metafast's by default; the paper's are
        `metafast.selection.PAPER_FAMILY`.
    threads : int, optional
        CPU threads for finding cells near the gradation; all available by default.
    progress : callable, optional
        Called as ``progress("joining cells", cells done, cells in all)`` and, with a decoder,
        ``progress("decoding edges", edges done, edges in all)``.
    **changes
        Fields of `FamilyOptions` that differ from `options`, for instance ``neighbors=5``.

    Returns
    -------
    networkx.DiGraph
        Nodes: rows of the database in the order of their parameter, with the attributes ``row``,
        ``parameter``, ``C11``, ``C12``, ``C22``, ``C33``, ``latent`` (d,) and ``cell``
        (`PackedCell`), and "source" and "sink". Edges: ``length``. Graph: ``gradation``,
        ``phases``, ``options``, ``decoder``.

    Raises
    ------
    ValueError
        If too few cells are near the gradation, or part of it is empty.
    """
    require_instance("database", database, CellDatabase)
    require_instance("gradation", gradation, Gradation)
    require_progress(progress)
    arrays = GraphArrays.of_database(
        database,
        encoder,
        gradation,
        changed_options("family_graph", FamilyOptions() if options is None else options, changes),
        decoder=decoder,
        threads=threads,
        progress=progress,
    )
    graph = nx.DiGraph(**{name: getattr(arrays, name) for name in _SETTINGS})
    rows = arrays.rows.tolist()
    graph.add_nodes_from(zip(rows, _node_attributes(arrays), strict=True))
    edges = arrays.lengths.tocoo()
    ends = (arrays.rows[rank].tolist() for rank in (edges.row, edges.col))
    graph.add_weighted_edges_from(zip(*ends, edges.data.tolist(), strict=True), weight="length")
    graph.add_edges_from(((SOURCE, rows[k]) for k in arrays.starts), length=0.0)
    graph.add_edges_from(((rows[k], SINK) for k in arrays.stops), length=0.0)
    return graph


def _node_attributes(arrays: GraphArrays) -> list[dict[str, Any]]:
    """Attributes of the nodes by rank."""
    attributes: list[dict[str, Any]] = []
    for start in range(0, len(arrays.rows), _BLOCK):
        rows = arrays.rows[start : start + _BLOCK]
        cells = arrays.take(rows)
        bits = np.packbits(cells.reshape(len(cells), -1), axis=1)
        shape = cells.shape[1], cells.shape[2]
        attributes += [
            {"row": row, "cell": PackedCell(packed.tobytes(), shape)}
            for row, packed in zip(rows.tolist(), bits, strict=True)
        ]
    values = zip(attributes, arrays.parameter.tolist(), arrays.properties.tolist(), strict=True)
    for (node, parameter, properties), latent in zip(values, arrays.latents, strict=True):
        node |= dict(zip(PROPERTIES, properties, strict=True))
        node |= {"parameter": parameter, "latent": latent}
    return attributes


def arrays_of(graph: nx.DiGraph) -> GraphArrays:
    """Arrays of a graph from `family_graph`, with the nodes and edges that it has now.

    Raises
    ------
    ValueError
        If the graph lacks an attribute, the source or the sink.
    """
    if not isinstance(graph, nx.DiGraph):
        raise ValueError(f"graph is {shown(graph)}; a networkx.DiGraph of family_graph is needed")
    missing = [name for name in _SETTINGS if name not in graph.graph]
    missing += [name for name in (SOURCE, SINK) if name not in graph]
    if missing:
        raise ValueError(
            f"the graph has no {', '.join(map(repr, missing))}; make it with metafast.family_graph"
        )
    nodes = {row: data for row, data in graph.nodes(data=True) if row not in (SOURCE, SINK)}
    try:
        order = sorted(nodes, key=lambda row: float(nodes[row]["parameter"]))
        columns = {name: [nodes[row][name] for row in order]
                   for name in ("row", "parameter", "latent", "cell", *PROPERTIES)}  # fmt: skip
    except KeyError as error:
        raise ValueError(
            f"a node of the graph has no attribute {error}; give it those of the other nodes"
        ) from error
    rank = {row: k for k, row in enumerate(order)}
    cells = dict(zip(columns["row"], columns["cell"], strict=True))

    def take(rows: IntArray) -> ByteArray:
        return np.stack([np.asarray(cells[row]) for row in rows.tolist()])

    return GraphArrays(
        **{name: graph.graph[name] for name in _SETTINGS},
        rows=np.array(columns["row"], dtype=np.int64),
        parameter=np.array(columns["parameter"], dtype=float),
        latents=np.array(columns["latent"], dtype=float),
        properties=np.array([columns[name] for name in PROPERTIES], dtype=float).T,
        take=take,
        lengths=nx.to_scipy_sparse_array(graph, order, dtype=float, weight="length", format="csr"),
        starts=np.array(sorted(rank[row] for row in graph.successors(SOURCE)), dtype=np.int64),
        stops=np.array(sorted(rank[row] for row in graph.predecessors(SINK)), dtype=np.int64),
    )
