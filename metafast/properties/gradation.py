"""Gradations: curves in property space for families of cells (section 4.3, Eq. 7)."""

from __future__ import annotations

import json
import os
import runpy
import tomllib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from metafast._base.checks import (
    require_array,
    require_callable,
    require_count,
    require_instance,
    require_number,
    require_properties,
    require_text,
    require_threads,
)
from metafast._base.files import (
    atomic_write,
    require_path,
)
from metafast._base.sealed import require_unchanged, sealed_text
from metafast._base.typing import FloatArray
from metafast.material import Material
from metafast.properties.coordinates import LOGARITHMS
from metafast.properties.names import PROPERTIES

_SAMPLES = 2001  # points on a curve for measuring distances to it
_EVEN = 4001  # points on a curve for measuring its length in ratios of stiffness
_MOST_SAMPLES = 1_000_000
_FIRST = 0.02  # least C11 of Eq. 7, in units of E: the stiffness is singular at 0


class CurvePoints(NamedTuple):
    """Nearest points of a gradation.

    Attributes
    ----------
    parameter : (n,) array
        Parameter of the nearest point.
    distance : (n,) array
        Euclidean distance to that point in (C11, C12, C22, C33).
    """

    parameter: FloatArray
    distance: FloatArray


class Gradation:
    """A curve in property space with a parameter that rises along it.

    Parameters
    ----------
    parameter : (m,) array
        Rising values, for instance C11 itself.
    properties : (m, 4) array
        C11, C12, C22, C33 at these values, interpolated linearly between them.
    name : str
        Name in pictures and tables.

    Raises
    ------
    ValueError
        If there are fewer than two points, the parameter does not rise, or a stiffness is not
        stable.
    """

    def __init__(self, parameter: Any, properties: Any, name: str = "gradation") -> None:
        self.parameter = require_array("parameter", parameter, finite=True)
        self.properties = require_properties(properties)
        self.name = require_text("name", name)
        if self.parameter.ndim != 1 or len(self.parameter) < 2:
            raise ValueError(
                f"parameter has shape {self.parameter.shape}; at least two values are needed"
            )
        if len(self.parameter) != len(self.properties):
            raise ValueError(
                f"{len(self.parameter)} values of the parameter came with {len(self.properties)} "
                "rows of properties; one row per value is needed"
            )
        if not (np.diff(self.parameter) > 0).all():
            raise ValueError("parameter does not rise from point to point; sort the points by it")

    @staticmethod
    def isotropic_like(material: Material | None = None, first: float = _FIRST) -> Gradation:
        """Gradation of the paper (Eq. 7): C11 = C22 from soft cells to the solid.

        The paper's polynomial for C33 has numbers that belong to its solid, Poisson's ratio 0.49 in
        plane stress, and would end 24 % short of a solid with 0.3. For other solids C11 and C33 are
        therefore scaled so that the curve ends at the solid; for the paper's it is Eq. 7 as it is.

        Parameters
        ----------
        material : Material, optional
            The solid; E = 1, nu = 0.49, plane stress by default.
        first : float
            C11 of the first point, in units of E.
        """
        given = Material() if material is None else material
        base = require_instance("material", given, Material)
        solid = base.stiffness
        e = base.young
        top, ratio = solid[0, 0] / e, solid[0, 1] / solid[0, 0]
        c11 = np.linspace(require_number("first", first, above=0.0, below=top), top, 401)
        c12 = ((1.0 - ratio) * (1.0 - c11 / top) ** 4 + ratio) * c11
        papers = Material().stiffness  # the paper's solid, E = 1
        t = c11 / top * papers[0, 0]
        c33 = 0.25 * t**3 - 0.65 * t**2 + 0.6775 * t
        c33 *= (solid[2, 2] / e) / papers[2, 2]
        return Gradation(e * c11, e * np.stack([c11, c12, c11, c33], axis=1), "Eq. 7")

    @staticmethod
    def of(
        function: Callable[[float], Any], start: float, stop: float, samples: int = 401
    ) -> Gradation:
        """Gradation given by a function of the parameter.

        Parameters
        ----------
        function : callable
            ``function(t)`` returns C11, C12, C22, C33.
        start, stop : float
            Range of the parameter.
        samples : int
            Number of points on the curve.
        """
        require_callable("function", function, "the parameter")
        ends = require_number("start", start), require_number("stop", stop)
        t = np.linspace(*ends, require_count("samples", samples, 2, _MOST_SAMPLES))
        rows = np.array([_stiffness_at(function, float(v)) for v in t])
        return Gradation(t, rows, getattr(function, "__name__", "gradation"))

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Gradation:
        """Read a gradation from a file.

        ``.toml``: lists ``parameter``, ``C11``, ``C12``, ``C22``, ``C33``, and ``name`` if it is
        not the file's. ``.py``: the names ``start``, ``stop`` and a function ``gradation(t)``; the
        file is run, so open only your own; TOML is the safe way to exchange one.

        Raises
        ------
        ValueError
            If the file is missing, of another type, or lacks one of the names.
        """
        source = require_path(path)
        if not source.is_file():
            raise ValueError(f"there is no gradation at {str(source)!r}; check the path")
        if source.suffix == ".py":
            given = _run(source)
            needed: tuple[str, ...] = ("gradation", "start", "stop")
        elif source.suffix == ".toml":
            given = _read_toml(source)
            needed = ("parameter", *PROPERTIES)
        else:
            raise ValueError(f"{str(source)!r} is neither .toml nor .py; write one of the two")
        missing = [name for name in needed if name not in given]
        if missing:
            raise ValueError(f"{str(source)!r} lacks {', '.join(missing)}; add them")
        if source.suffix == ".py":
            return Gradation.of(given["gradation"], given["start"], given["stop"])
        columns = [require_array(name, given[name], finite=True) for name in PROPERTIES]
        if len({column.shape for column in columns}) > 1 or columns[0].ndim != 1:
            raise ValueError(
                f"the lists {', '.join(PROPERTIES)} in {str(source)!r} differ in "
                "length or are no lists; one value per value of the parameter is needed"
            )
        name = str(given.get("name", source.stem))
        return Gradation(given["parameter"], np.stack(columns, axis=1), name)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the gradation as TOML; an existing file is replaced only by a complete one.

        Raises
        ------
        ValueError
            If the name does not end in .toml, or the file cannot be written.
        """
        target = require_path(path)
        if target.suffix != ".toml":
            raise ValueError(f"gradations are written as .toml, but the name is {target.name!r}")
        lists = {
            "parameter": self.parameter,
            **dict(zip(PROPERTIES, self.properties.T, strict=True)),
        }
        lines = [f"{name} = {values.tolist()}" for name, values in lists.items()]
        with atomic_write(target) as partial:
            # a JSON string is a TOML string
            name = f"name = {json.dumps(self.name, ensure_ascii=False)}"
            partial.write_text(sealed_text("\n".join([name, *lines, ""])), "utf-8")
        return target

    def at(self, values: Any) -> FloatArray:
        """C11, C12, C22, C33 (n, 4) at values (n,) of the parameter, clipped to its range."""
        t = np.atleast_1d(require_array("values", values, finite=True))
        columns = [np.interp(t, self.parameter, column) for column in self.properties.T]
        return np.stack(columns, axis=1)

    def nearest(self, properties: Any, *, threads: int | None = None) -> CurvePoints:
        """Nearest points of the curve to properties (n, 4), found on 2001 points or more of it."""
        parameter, tree = self._fine
        own = require_properties(properties)
        distance, row = tree.query(own, workers=require_threads(threads))
        return CurvePoints(parameter[row], np.asarray(distance))

    @cached_property
    def _fine(self) -> tuple[FloatArray, cKDTree]:
        fine = self.refined()
        return fine.parameter, cKDTree(fine.properties)

    def refined(self) -> Gradation:
        """The same curve with 2001 evenly spaced points in addition to its own."""
        t = np.linspace(self.parameter[0], self.parameter[-1], _SAMPLES)
        t = np.union1d(t, self.parameter)
        return Gradation(t, self.at(t), self.name)

    def log_length(self) -> tuple[FloatArray, FloatArray]:
        """Logarithmic coordinates (m, 4) of the points, and the curve's length (m,) up to each."""
        points = LOGARITHMS.to_unit(self.properties)
        step = np.linalg.norm(np.diff(points, axis=0), axis=1)
        return points, np.append(0.0, np.cumsum(step))

    def even(self) -> Gradation:
        """The same curve with 4001 points evenly spaced over its logarithmic length."""
        fine = self.refined()
        _, length = fine.log_length()
        where = np.linspace(0.0, length[-1], _EVEN)
        t = np.unique(np.interp(where, length, fine.parameter))
        return Gradation(t, self.at(t), self.name)

    def between(self, low: float, high: float) -> Gradation:
        """Part of the curve from one value of the parameter to another.

        Raises
        ------
        ValueError
            If the curve does not reach into that range.
        """
        low, high = require_number("low", low), require_number("high", high)
        first, last = max(low, self.parameter[0]), min(high, self.parameter[-1])
        if not first < last:
            raise ValueError(
                f"the gradation {self.name!r} has no point between {low:g} and {high:g}; choose "
                f"values between {self.parameter[0]:g} and {self.parameter[-1]:g}"
            )
        inside = self.parameter[(self.parameter > first) & (self.parameter < last)]
        t = np.concatenate([[first], inside, [last]])
        return Gradation(t, self.at(t), self.name)


def _stiffness_at(function: Callable[[float], Any], t: float) -> FloatArray:
    """C11, C12, C22, C33 that a user's function gives."""
    try:
        given = function(t)
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"the gradation's function failed at {t:g} ({type(error).__name__}: {error}); mend it"
        ) from error
    row = require_array(f"the gradation at {t:g}", given, finite=True)
    if row.shape != (len(PROPERTIES),):
        raise ValueError(
            f"the gradation's function returned an array of shape {row.shape} at {t:g}; "
            f"{', '.join(PROPERTIES)} are needed"
        )
    return row


def _run(path: Path) -> dict[str, Any]:
    """Names that a user's Python file defines."""
    try:
        return runpy.run_path(str(path))
    except (Exception, SystemExit) as error:
        raise ValueError(
            f"{str(path)!r} could not be run ({type(error).__name__}: {error}); mend it, or write "
            "the gradation as .toml"
        ) from error


def _read_toml(path: Path) -> dict[str, Any]:
    """Values in a TOML file, unchanged since they were written if they have a checksum."""
    try:
        text = path.read_text("utf-8")
        require_unchanged(text)
        return tomllib.loads(text)
    except (OSError, ValueError, RecursionError) as error:
        raise ValueError(
            f"{str(path)!r} is not a readable gradation in TOML ({error}); restore it from a copy "
            "or write it again"
        ) from error
