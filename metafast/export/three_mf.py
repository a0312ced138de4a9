"""3MF files of bodies: a zip archive with a model in XML, in millimetres (3MF core 1.3)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from zipfile import ZIP_DEFLATED, ZipFile

from metafast._base.files import atomic_write
from metafast._base.typing import AnyArray
from metafast.export.solid import Body
from metafast.export.text import lines_of

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" '
    'ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>'
)
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Target="/3D/3dmodel.model" Id="rel0" '
    'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
)
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<model unit="millimeter" xml:lang="en-US" '
    'xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02">\n'
    '<metadata name="Application">metafast</metadata>\n'
    '<resources><object id="1" type="model"><mesh><vertices>\n'
)
_MIDDLE = "</vertices><triangles>\n"
_TAIL = '</triangles></mesh></object></resources><build><item objectid="1"/></build></model>\n'


def write_3mf(path: str | os.PathLike[str], body: Body) -> None:
    """Write a 3MF file with one object.

    Raises
    ------
    ValueError
        If the file cannot be written.
    """
    with (
        atomic_write(path) as partial,
        ZipFile(partial, "w", ZIP_DEFLATED, compresslevel=3) as file,
    ):
        file.writestr("[Content_Types].xml", _TYPES)
        file.writestr("_rels/.rels", _RELATIONS)
        with file.open("3D/3dmodel.model", "w", force_zip64=True) as stream:
            for text in _model(body.points, body.triangles):
                stream.write(text.encode("ascii"))


def _model(points: AnyArray, triangles: AnyArray) -> Iterator[str]:
    yield _HEAD
    yield from lines_of('<vertex x="%.9g" y="%.9g" z="%.9g"/>\n', points)
    yield _MIDDLE
    yield from lines_of('<triangle v1="%d" v2="%d" v3="%d"/>\n', triangles)
    yield _TAIL
