"""SVG files of outlines: one filled path in millimetres, holes left open."""

from __future__ import annotations

import os

from metafast._base.files import atomic_write
from metafast.export.rings import Rings
from metafast.export.text import lines_of


def write_svg(path: str | os.PathLike[str], rings: Rings) -> None:
    """Write an SVG file as large as the outlines; y is turned downward, as SVG has it.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    (left, bottom), (right, top) = rings.points.min(axis=0), rings.points.max(axis=0)
    width, height = f"{right - left:.12g}", f"{top - bottom:.12g}"
    turned = rings.points * (1.0, -1.0) + (-left, top)
    with atomic_write(path) as partial, partial.open("w", encoding="ascii") as stream:
        stream.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<svg xmlns="http://www.w3.org/2000/svg" version="1.1" width="{width}mm" '
            f'height="{height}mm" viewBox="0 0 {width} {height}">\n'
            '<path fill="#000" fill-rule="evenodd" stroke="none" d="\n'
        )
        for start, stop in zip(rings.starts[:-1], rings.starts[1:], strict=True):
            stream.write("M")
            stream.writelines(lines_of("%.12g,%.12g\n", turned[start:stop]))
            stream.write("Z\n")
        stream.write('"/>\n</svg>\n')
