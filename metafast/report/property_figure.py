"""Interactive property cloud and map of shapes of a database, with the cells of a design."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np

from metafast._base.typing import AnyArray, FloatArray, IntArray
from metafast.properties.names import PROPERTIES
from metafast.report.cell_facts import CellFacts
from metafast.report.section import BLUE, FAINT, SCALE, VERMILION, Section, look, plotly

_PLACE = "row %{customdata[0]}, column %{customdata[1]}"
_PANELS = ((0, 1), (0, 2), (0, 3))  # as in Fig. 4
MOST_POINTS = 2500


def thinned(count: int) -> IntArray:
    """Rows of a database to draw: all, or some thousands evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).astype(int))


def property_section(facts: CellFacts, cloud: FloatArray | None, count: int) -> Section:
    """C12, C22 and C33 over C11: the database, what was wanted, and what the cells have.

    Parameters
    ----------
    facts : CellFacts
    cloud : (n, 4) array or None
        Properties of cells of the database, in the unit of the facts.
    count : int
        Number of cells in the database.
    """
    go = plotly()
    figure = import_module("plotly.subplots").make_subplots(1, 3, horizontal_spacing=0.08)
    places = np.argwhere(facts.designed).astype(np.int32)
    kinds: list[tuple[str, FloatArray, dict[str, Any], AnyArray | None]] = []
    if cloud is not None:
        kinds.append(("database", cloud, {"size": 3, "color": FAINT}, None))
    wanted, own = facts.wanted[facts.designed], facts.own[facts.designed]
    size = 6 if len(own) < 500 else 4
    hollow = {"size": size + 1, "color": VERMILION, "symbol": "diamond-open"}
    kinds.append(("wanted", wanted, hollow, places))
    kinds.append(("chosen cells, as printed", own, {"size": size, "color": BLUE}, places))
    for place, (x, y) in enumerate(_PANELS, 1):
        for name, values, marker, cells in kinds:
            trace = go.Scatter(
                x=values[:, x].astype(np.float32),
                y=values[:, y].astype(np.float32),
                mode="markers",
                marker=marker,
                name=name,
                legendgroup=name,
                showlegend=place == 1,
                customdata=cells,
                hoverinfo="skip" if cells is None else None,
                hovertemplate=None
                if cells is None
                else f"{_PLACE}<br>{PROPERTIES[x]} %{{x:.4g}}, {PROPERTIES[y]} %{{y:.4g}}"
                f"<extra>{name}</extra>",
            )
            figure.add_trace(trace, 1, place)
        for update, k in ((figure.update_xaxes, x), (figure.update_yaxes, y)):
            update(title_text=f"{PROPERTIES[k]}, {facts.unit}", row=1, col=place)
    figure.update_xaxes(zeroline=False, ticks="outside", linecolor="#8a9099")
    figure.update_yaxes(zeroline=False, ticks="outside", linecolor="#8a9099")
    legend = {"orientation": "h", "x": 0.0, "y": 1.02, "yanchor": "bottom"}
    figure.update_layout(
        look(
            400,
            margin={"l": 60, "r": 15, "t": 40, "b": 55},
            legend={"itemsizing": "constant"} | legend,
        )
    )
    words = "The properties that the first stage asked for, and those of the cells as printed. "
    if cloud is None:
        words += "The database is not at hand: give it to Design.report(database=...) to see it."
    else:
        words += f"Grey: {len(cloud):,} of the {count:,} cells of the database. "
        words += "A click on the legend hides a kind."
    return Section("properties", "Property space", words, figure)


def map_section(
    facts: CellFacts, others: FloatArray, chosen: FloatArray, coordinates: str
) -> Section:
    """Two coordinates of the cells' shapes: the database, and the cells of the design.

    Parameters
    ----------
    facts : CellFacts
    others, chosen : (n, 2) and (m, 2) arrays
        Cells of the database, and those chosen for the designed cells, row by row.
    coordinates : str
        What the coordinates are, for the words.
    """
    go = plotly()
    rows = facts.database_row[facts.designed]
    places = np.column_stack([np.argwhere(facts.designed), rows]).astype(np.int32)
    stiffness = facts.own[facts.designed][:, 0].astype(np.float32)
    grey = go.Scatter(
        x=others[:, 0].astype(np.float32),
        y=others[:, 1].astype(np.float32),
        mode="markers",
        marker={"size": 3, "color": FAINT},
        hoverinfo="skip",
        name="database",
    )
    own = go.Scatter(
        x=chosen[:, 0].astype(np.float32),
        y=chosen[:, 1].astype(np.float32),
        mode="markers",
        marker={
            "size": 7,
            "color": stiffness,
            "colorscale": SCALE,
            "line": {"width": 0.5},
            "colorbar": {"title": {"text": f"C11, {facts.unit}", "side": "right"}, "thickness": 14},
        },
        customdata=places,
        name="chosen cells",
        hovertemplate=f"{_PLACE}<br>database row %{{customdata[2]}}<extra></extra>",
    )
    axis = {"zeroline": False, "ticks": "outside", "linecolor": "#8a9099"}
    layout = look(
        480,
        xaxis=axis | {"title": {"text": "first principal component"}},
        yaxis=axis | {"title": {"text": "second principal component"}},
        legend={"orientation": "h", "x": 0.0, "y": 1.02, "yanchor": "bottom"},
        margin={"l": 60, "r": 20, "t": 40, "b": 55},
    )
    words = f"Cells near each other are of similar shape. The coordinates are {coordinates}. "
    return Section("map", "Map of shapes", words.rstrip(), go.Figure([grey, own], layout))
