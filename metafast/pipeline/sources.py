"""Sources of a design: problem, cells, family and encoder, checked and recorded."""

from __future__ import annotations

import os
from importlib.metadata import version
from typing import Literal

from metafast.database import CellDatabase
from metafast.pipeline.design_file import Provenance
from metafast.pipeline.options import DesignOptions
from metafast.problems import Problem
from metafast.selection import Family
from metafast.selection.shapes import Encoder


def check_sources(
    problem: Problem,
    database: CellDatabase | None,
    encoder: Encoder | None,
    family: Family | None,
    options: DesignOptions | None,
) -> None:
    """Check the objects that a design is made from."""
    if options is not None and not isinstance(options, DesignOptions):
        raise ValueError(
            f"options is a {type(options).__name__}; metafast.DesignOptions(...) is needed"
        )
    if not isinstance(problem, Problem):
        raise ValueError(
            f"problem is a {type(problem).__name__}; a Problem is needed, for instance "
            "metafast.problems.bridge() or metafast.read_problem('arch.toml')"
        )
    problem.require_load()
    require_database(database)
    if family is not None and not isinstance(family, Family):
        raise ValueError(
            f"family is a {type(family).__name__}; a Family is needed, for instance "
            "Family.load(path)"
        )
    if family is not None and database is not None:
        raise ValueError("a database and a family were given; the family brings its own cells")
    if encoder is not None and not (
        callable(getattr(encoder, "encode", None)) and not isinstance(encoder, (str, type))
    ):
        raise ValueError(
            f"encoder is a {type(encoder).__name__} without a method encode(cells); a CellVAE "
            "has one"
        )


def encoder_of(
    encoder: Encoder | str | os.PathLike[str] | None, database: CellDatabase | None
) -> Encoder | None:
    """The encoder itself, the model that ships for "default", or the one in a file.

    Raises
    ------
    ValueError
        If the file is no model, or the model is for cells of another shape than the database's.
    """
    if isinstance(encoder, str | os.PathLike):
        from metafast.generative import CellVAE

        encoder = CellVAE.default() if encoder == "default" else CellVAE.load(encoder)
    shape = getattr(encoder, "shape", None)
    if isinstance(database, CellDatabase) and shape is not None and shape != database.shape[1:]:
        rows, cols = database.shape[1:]
        raise ValueError(
            f"the encoder is for cells of {' x '.join(map(str, shape))} pixels, but those of the "
            f"database have {rows} x {cols}; train one on the database"
        )
    return encoder


def require_database(database: CellDatabase | None) -> None:
    """Refuse what is no database of cells, nor None for the embedded one."""
    if database is not None and not isinstance(database, CellDatabase):
        raise ValueError(
            f"database is a {type(database).__name__}; a CellDatabase is needed, for instance "
            "CellDatabase.load(path)"
        )


def provenance_of(
    database: CellDatabase,
    encoder: Encoder | None,
    family: Family | None,
    selection: Literal["diverse", "nearest"],
) -> Provenance:
    """Origin of the cells, the encoder of their shapes, and the version of metafast."""
    shapes = "pixel components" if encoder is None else type(encoder).__name__
    origin: Provenance = {
        "metafast": version("metafast"),
        "encoder": shapes if selection == "diverse" else "none",
        "cells": len(database),
        "phases": database.phases.to_json(),
    }
    if family is not None:
        origin["family"] = family.gradation.name
    return origin | {f"database_{key}": value for key, value in database.provenance.items()}
