"""Outputs of a design for people and other programs: figures, report, and files to print."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from metafast._base.files import require_writable_directory
from metafast._base.progress import Progress, silent

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from metafast.database import CellDatabase
    from metafast.export import Exported, ExportOptions
    from metafast.pipeline.result import Design
    from metafast.plotting.style import Width
    from metafast.selection.shapes import Encoder


class Outputs:
    """Methods of a design that draw it, report it, and export it."""

    @property
    def _design(self) -> Design:
        return cast("Design", self)

    def export(
        self,
        folder: str | os.PathLike[str],
        formats: str | Iterable[str] = ("stl", "3mf", "svg", "dxf", "png"),
        *,
        options: ExportOptions | None = None,
        overwrite: bool = False,
        threads: int | None = None,
        progress: Progress = silent,
        **changes: Any,
    ) -> Exported:
        """Write files to print, to cut, to view and to simulate, in millimetres.

        The lower left corner of the structure, with its frame, is the origin; y is upward. Floating
        parts, which the solution leaves out, are left out. With several load cases, fields, decks
        and deformed shapes are files of each case.

        Parameters
        ----------
        folder : path
            Directory of the files; created if necessary.
        formats : str or iterable of str
            Bodies "stl" and "3mf", outlines "svg" and "dxf", pixels "png", fields of all pixels
            for ParaView "vtu", input deck for CalculiX and Abaqus "inp", table of the cells "csv".
        options : ExportOptions, optional
            Sizes, frame, base, parts, deformed shape, least width, input deck.
        overwrite : bool
            Whether to replace files.
        threads : int, optional
        progress : callable, optional
            Called as ``progress(stage, done, total, note)``.
        **changes
            Single options by name: ``cell_size=10, thickness=5``.

        Returns
        -------
        Exported
            Paths, and the printability of the structure.

        Raises
        ------
        ValueError
            If a length is needed that neither the options nor the design know, the structure is in
            several parts or too narrow, a file is there already or cannot be written, or a package
            of the extra ``export`` is missing.
        """
        from metafast.pipeline.design_export import checked_options, export_design

        return export_design(
            self._design,
            folder,
            formats,
            checked_options(options, changes),
            overwrite=overwrite,
            threads=threads,
            progress=progress,
        )

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures that `plot` can draw of this design."""
        from metafast.pipeline.figures import figures_of

        return figures_of(self._design)

    def plot(
        self,
        figure: str,
        path: str | os.PathLike[str] | None = None,
        *,
        width: Width | None = None,
        **options: Any,
    ) -> Figure:
        """Draw a figure for a paper, and write it if there is a path.

        Lengths are in mm and stiffnesses in MPa where the design knows cell size and material.

        Parameters
        ----------
        figure : str
            "problem", "fields", "structure", "deformed", "linear-and-finite", "load-path",
            "convergence", "loops" or "property-cloud"; `figures` has those that there are.
        path : path, optional
            Where to write it: .png, .pdf or .svg.
        width : {"single", "double"} or float, optional
            89 mm, 183 mm (the default) or a number of mm.
        **options
            Further options of the function in `metafast.plotting` that draws it: `ax` and `title`
            of figures with one panel, `component` of "deformed".

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If there is no such figure or option of it, a value is out of its range, or the file
            cannot be written.
        """
        from metafast.pipeline.figures import plot_figure

        return plot_figure(self._design, figure, path=path, width=width, **options)

    def report(
        self,
        directory: str | os.PathLike[str],
        *,
        database: CellDatabase | None = None,
        encoder: Encoder | None = None,
    ) -> Path:
        """Write the pictures and a self-contained ``report.html``; returns its path.

        With plotly (``metafast[report]``) the report is interactive, and needs no network for it.

        Parameters
        ----------
        directory : path
        database : CellDatabase, optional
            The cells that the design was made from, for the property space and the map of shapes;
            the embedded ones by default, if it was made from those.
        encoder : Encoder, optional
            Latent coordinates for the map; principal components of the pixels by default, and the
            embedded model's latents for a design that was made with a `CellVAE`.

        Raises
        ------
        ValueError
            If the directory cannot be written, the database is not the one that the design was made
            from, or the encoder is none.
        """
        from metafast.pipeline.presentation import report_design

        folder = require_writable_directory(directory)
        return report_design(self._design, folder, database, encoder)
