"""Files of a design as they are downloaded: one as it is, several as an archive."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from metafast.export.targets import file_name
from metafast.pipeline import Design


def exported(made: Design, kind: str, **options: Any) -> tuple[str, bytes]:
    """Name and contents of an export of a design.

    Parameters
    ----------
    made : Design
    kind : str
        One of `metafast.export.options.FORMATS`.
    **options
        See `metafast.ExportOptions`.

    Returns
    -------
    name, contents
        An archive where the export is several files, as of load cases.

    Raises
    ------
    ValueError
        As `Design.export`.
    """
    with TemporaryDirectory(prefix="metafast-app-") as folder:
        paths = made.export(folder, kind, **options).paths
        if len(paths) == 1:
            return paths[0].name, paths[0].read_bytes()
        return f"{file_name(made.problem.name)}_{kind}.zip", _zipped(Path(folder), paths)


def archived(made: Design) -> tuple[str, bytes]:
    """Name and contents of an archive of design.h5, the report, and the problem file."""
    with TemporaryDirectory(prefix="metafast-app-") as name:
        folder = made.save(name)
        if made.source.text:
            (folder / "problem.toml").write_text(made.source.text, encoding="utf-8")
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        return f"{file_name(made.problem.name)}.zip", _zipped(folder, files)


def _zipped(folder: Path, paths: Iterable[Path]) -> bytes:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive:
        for path in paths:
            archive.write(path, path.relative_to(folder))
    return stream.getvalue()
