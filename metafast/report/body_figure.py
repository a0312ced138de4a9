"""Interactive picture of a body: its pixels, a colour and a box of facts for every cell."""

from __future__ import annotations

import io
from base64 import b64encode
from typing import Any

import numpy as np

from metafast._base.typing import AnyArray, ByteArray, FloatArray
from metafast.properties.names import PROPERTIES
from metafast.report.cell_facts import SIDES, CellFacts
from metafast.report.section import INK, SCALE, WIDTH, Section, look, plotly

_LARGEST_PICTURE = 4000  # pixels along the longer side; more are scaled down
_CLEAR = [[0.0, "rgba(0,0,0,0)"], [1.0, "rgba(0,0,0,0)"]]
_PLAIN = [[0.0, INK], [1.0, INK]]
_LISTED = 12  # candidates


def body_section(facts: CellFacts, pixels: ByteArray) -> Section:
    """The pixels of a body, with what is known about each cell in the box below the pointer.

    Parameters
    ----------
    facts : CellFacts
    pixels : (rows*p, cols*p) array
    """
    go = plotly()
    rows, cols = facts.present.shape
    x, y = np.arange(cols) + 0.5, rows - 0.5 - np.arange(rows)
    colours = _colours(facts)
    there = np.where(facts.present, 0.0, np.nan).astype(np.float32)
    plain = go.Heatmap(
        x=x,
        y=y,
        z=there,
        colorscale=_PLAIN,
        showscale=False,
        hoverinfo="skip",
        name="pixels",
        visible=False,
    )
    traces = [
        _heat(go, x, y, values, name, number > 0) for number, (name, values) in enumerate(colours)
    ]
    hover = go.Heatmap(
        x=x,
        y=y,
        z=there,
        text=_boxes(facts),
        hovertemplate="%{text}<extra></extra>",
        colorscale=_CLEAR,
        showscale=False,
        name="cells",
    )
    picture = {
        "source": picture_of(pixels),
        "xref": "x",
        "yref": "y",
        "x": 0,
        "y": rows,
        "sizex": cols,
        "sizey": rows,
        "sizing": "stretch",
        "layer": "above",
    }
    names = ["pixels", *(name for name, _ in colours)]
    buttons = [
        {
            "label": name,
            "method": "update",
            "args": [{"visible": [name == other for other in names] + [True]}],
        }
        for name in names
    ]
    axis = {"showgrid": False, "zeroline": False, "showticklabels": False, "ticks": ""}
    inner = WIDTH - 150
    layout = look(
        min(inner * rows / cols, 800) + 80,
        images=[picture],
        xaxis=axis | {"range": [0, cols], "constrain": "domain"},
        yaxis=axis | {"range": [0, rows], "scaleanchor": "x", "constrain": "domain"},
        margin={"l": 10, "r": 140, "t": 60, "b": 20},
        updatemenus=[
            {
                "buttons": buttons,
                "type": "buttons",
                "direction": "right",
                "x": 0.0,
                "xanchor": "left",
                "y": 1.0,
                "yanchor": "bottom",
                "pad": {"b": 8},
                "showactive": True,
                "active": 1,
            }
        ],
    )
    words = (
        "Point at a cell for its place, its row in the database, the properties that were wanted "
        "and that it has as printed, its mismatch with its neighbours (0 fits, 2 is worst), its "
        "candidates and the largest von Mises stress at the centre of one of its pixels. The "
        "buttons colour the cells; deviation of C is the largest relative one of C11, C22 and C33. "
        "Drag to zoom, double-click to zoom out."
    )
    return Section("body", "Body and cells", words, go.Figure([plain, *traces, hover], layout))


def picture_of(pixels: ByteArray) -> str:
    """Data URI of a PNG of binary pixels: solid clear, for a colour behind it, and void white."""
    from PIL import Image

    solid = np.asarray(pixels) > 0
    stream, largest = io.BytesIO(), max(solid.shape)
    if largest <= _LARGEST_PICTURE:
        image = Image.fromarray(solid.astype(np.uint8))
        image.putpalette([255, 255, 255, 0, 0, 0])
        image.save(stream, format="PNG", optimize=True, bits=1, transparency=1)
    else:
        size = [max(1, side * _LARGEST_PICTURE // largest) for side in solid.shape]
        mask = Image.fromarray(np.where(solid, 0, 255).astype(np.uint8))
        mask = mask.resize((size[1], size[0]), Image.Resampling.BOX)
        image = Image.new("LA", mask.size, (255, 0))
        image.putalpha(mask)
        image.save(stream, format="PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(stream.getvalue()).decode()}"


def _colours(facts: CellFacts) -> list[tuple[str, FloatArray]]:
    """Values (rows, cols) by their names, to colour the cells by."""
    unit = "" if facts.unit == "E" else f", {facts.unit}"
    per = " / E" if facts.unit == "E" else ""
    own = [(f"{name}{per}{unit}", facts.own[..., k]) for k, name in enumerate(PROPERTIES)]
    return [
        ("mean mismatch", facts.mean_mismatch),
        ("deviation of C", facts.deviation),
        (f"von Mises{per}{unit}", facts.von_mises),
        *own,
    ]


def _heat(go: Any, x: AnyArray, y: AnyArray, values: FloatArray, name: str, later: bool) -> Any:
    """A coloured trace of the cells; only the first is shown at first."""
    return go.Heatmap(
        x=x,
        y=y,
        z=values.astype(np.float32),
        name=name,
        colorscale=SCALE,
        hoverinfo="skip",
        visible=not later,
        colorbar={"title": {"text": name, "side": "right"}, "thickness": 14, "len": 0.95},
    )


def _boxes(facts: CellFacts) -> list[list[str]]:
    """Text of the box of each cell; empty where there is none."""
    rows, cols = facts.present.shape
    return [
        [_box(facts, r, c) if facts.present[r, c] else "" for c in range(cols)] for r in range(rows)
    ]


def _box(facts: CellFacts, r: int, c: int) -> str:
    lines = [f"<b>row {r}, column {c}</b>"]
    kind = "" if facts.designed[r, c] else " (passive)"
    row = int(facts.database_row[r, c])
    lines[0] += f", database row {row}" if row >= 0 else kind
    pairs = zip(PROPERTIES, facts.wanted[r, c], facts.own[r, c], strict=True)
    lines += [
        f"{name}: wanted {wanted:.4g}, has {own:.4g} {facts.unit}" for name, wanted, own in pairs
    ]
    mismatch = [
        f"{name} {value:.3f}"
        for name, value in zip(SIDES, facts.mismatch[r, c], strict=True)
        if np.isfinite(value)
    ]
    if mismatch:
        lines.append(f"mismatch: {', '.join(mismatch)}")
    if np.isfinite(facts.von_mises[r, c]):
        lines.append(f"largest von Mises stress: {facts.von_mises[r, c]:.4g} {facts.unit}")
    if facts.designed[r, c]:
        rows = facts.candidates[r, c].tolist()
        chosen = int(facts.label[r, c])
        lines.append(f"candidate {chosen + 1} of {len(rows)}, database rows")
        shown = [f"<b>{row}</b>" if k == chosen else f"{row}" for k, row in enumerate(rows)]
        lines += [", ".join(shown[k : k + 5]) for k in range(0, min(len(rows), _LISTED), 5)]
    return "<br>".join(lines)
