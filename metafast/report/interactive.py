"""Interactive sections of the report of a design, in their order on the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from metafast._base.checks import require_instance
from metafast._base.extras import MissingPackageError
from metafast._base.typing import FloatArray, IntArray
from metafast.database import CellDatabase
from metafast.homogenization import homogenize, properties_of
from metafast.report.body_figure import body_section
from metafast.report.cell_facts import CellFacts, cell_facts
from metafast.report.compliance_rows import work_unit
from metafast.report.deformation_figure import deformation_section
from metafast.report.path_figure import path_section
from metafast.report.property_figure import map_section, property_section, thinned
from metafast.report.section import Section, plotly
from metafast.selection.shapes import Encoder, can_encode, pixel_components

if TYPE_CHECKING:
    from metafast.pipeline.result import Design

_PIXELS = "principal components of the pixels"


def interactive_sections(
    design: Design, database: CellDatabase | None = None, encoder: Encoder | None = None
) -> list[Section]:
    """Body and cells, deformation, load path, property space and map of shapes of a design.

    Parameters
    ----------
    design : Design
    database : CellDatabase, optional
        The cells that the design was made from; the embedded ones if it was made from those.
        Without a database there is no map, and the property space shows the design's cells alone.
    encoder : Encoder, optional
        Latent coordinates for the map; principal components of the pixels by default, and the
        embedded model's latents for designs that chose their candidates with one.

    Raises
    ------
    MissingPackageError
        If plotly is not installed.
    ValueError
        If the database is not the one that the design was made from, or the encoder is none.
    """
    plotly()
    database = database_of(design, database)
    encoder = _encoder_of(design, database, encoder)
    facts = cell_facts(design)
    sections = [body_section(facts, design.pixels)]
    sections.append(deformation_section(design.response, design.problem))
    path = path_section(design.response, *work_unit(design.units, design.phases.solid.young))
    sections += [] if path is None else [path]
    cloud = None
    if database is not None:
        cloud = _properties(design, facts, database, thinned(len(database)))
    sections.append(property_section(facts, cloud, 0 if database is None else len(database)))
    chosen = facts.database_row[facts.designed]
    if database is not None and len(database) > 1 and len(chosen):
        sections.append(_map(facts, database, chosen, encoder))
    return sections


def database_of(design: Design, given: CellDatabase | None) -> CellDatabase | None:
    """The database that a design was made from: given, or the embedded one if it was that."""
    made_from = design.provenance.get("cells")
    if given is not None:
        require_instance("database", given, CellDatabase)
        if made_from is not None and len(given) != made_from:
            raise ValueError(
                f"the database has {len(given)} cells and the design was made from {made_from}; "
                "give the database that it was made from"
            )
        return given
    if "family" in design.provenance:
        return None
    origin = {
        name.removeprefix("database_"): value
        for name, value in design.provenance.items()
        if name.startswith("database_")
    }
    if not origin or not made_from:
        return None
    embedded = CellDatabase.default()
    same = origin == embedded.provenance and len(embedded) == made_from
    return embedded if same else None


def _encoder_of(
    design: Design, database: CellDatabase | None, given: Encoder | None
) -> Encoder | None:
    """The encoder of the map; None for the components of the pixels."""
    if given is not None:
        if not can_encode(given):
            raise ValueError(
                f"encoder is a {type(given).__name__} without a method encode(cells); a CellVAE "
                "has one"
            )
        return given
    if database is None or design.provenance.get("encoder") != "CellVAE":
        return None
    from metafast.generative import CellVAE

    try:
        model = CellVAE.default()
    except MissingPackageError:  # torch
        return None
    return model if model.shape == database.shape[1:] else None


def _properties(
    design: Design, facts: CellFacts, database: CellDatabase, rows: IntArray
) -> FloatArray:
    """Properties (n, 4) of cells of a database for the materials of a design, in its unit."""
    phases = design.phases
    young = 1.0 if design.units.young is None else design.units.young
    found = database.properties[rows]
    if database.phases != phases:
        found = properties_of(homogenize(database.take(rows), phases))
    return np.asarray(found * young / phases.solid.young)


def _map(
    facts: CellFacts, database: CellDatabase, chosen: IntArray, encoder: Encoder | None
) -> Section:
    """Map of shapes of a database with the chosen cells."""
    rows = np.union1d(thinned(len(database)), chosen)
    if encoder is None:
        points, what = pixel_components(database.subset(rows), 2), _PIXELS
    else:
        from metafast.generative.latent import principal_map

        points = principal_map(encoder.encode(database.take(rows)))
        what = f"principal components of the latent space of {type(encoder).__name__}"
    if points.shape[1] < 2:
        points = np.pad(points, ((0, 0), (0, 1)))
    return map_section(facts, points, points[np.searchsorted(rows, chosen)], what)
