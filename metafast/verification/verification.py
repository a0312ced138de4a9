"""Verification of a structure: its solutions, their limit, outside judgements, and the file."""

from __future__ import annotations

import json
import math
import os
import warnings
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from metafast._base.extras import MissingPackageError
from metafast._base.files import (
    atomic_write,
    require_path,
    require_writable_directory,
)
from metafast._base.one_line import one_line
from metafast._base.sealed import content_checksum
from metafast.report.tables import Table
from metafast.verification.extrapolation import Extrapolation
from metafast.verification.outside import Judgement
from metafast.verification.solution import Solution

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from metafast.plotting.style import Width

FILE_NAME, PICTURE_NAME = "verification.json", "load_path.png"
_FORMAT = "metafast-verification-2"
_OLDER = "metafast-verification-1"  # without a checksum


@dataclass(frozen=True)
class Verification:
    """Figures of a structure by kinematics, law and mesh, and what programs from outside say.

    Attributes
    ----------
    problem : str
        Name of the problem.
    cells, pixels : tuple of int
        Rows and columns.
    material : str
        Material of the solid.
    solutions : tuple of Solution
        Linear elasticity first, then each law at finite deformation, from coarse to fine meshes.
    extrapolations : tuple of Extrapolation
        Their limits on a mesh without end, where there are two meshes.
    judgements : tuple of Judgement
        Comparisons with programs from outside.
    version : str
        Version of metafast.
    """

    problem: str
    cells: tuple[int, int]
    pixels: tuple[int, int]
    material: str
    solutions: tuple[Solution, ...]
    extrapolations: tuple[Extrapolation, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    version: str = field(default="", compare=False)

    __repr__ = one_line

    @property
    def headline(self) -> float:
        """RRMSE at finite deformation by the first law, extrapolated or on the finest mesh.

        Infinite if a mesh on which the body was solved has no equilibrium at the full load.
        """
        return self._headline()[0]

    @property
    def headline_source(self) -> str:
        """Kinematics, law and mesh of the headline in words."""
        return self._headline()[1]

    def solution(self, law: str, refine: int) -> Solution:
        """The solution of a law ("linear" for linear elasticity) on a mesh.

        Raises
        ------
        ValueError
            If there is none.
        """
        for each in self.solutions:
            if (each.law, each.refine) == (law, refine):
                return each
        known = ", ".join(f"{each.law!r} at {each.refine}" for each in self.solutions)
        raise ValueError(f"there is no solution of {law!r} at refine {refine}; there are {known}")

    def extrapolation(self, law: str) -> Extrapolation | None:
        """The limit of a law ("linear" for linear elasticity); None without two meshes."""
        return next((each for each in self.extrapolations if each.law == law), None)

    def tables(self) -> list[Table]:
        """Tables for the terminal and for reports; those without rows left out."""
        from metafast.verification.presentation import tables_of

        return tables_of(self)

    def save(self, directory: str | os.PathLike[str]) -> Path:
        """Write ``verification.json`` and the picture ``load_path.png``; returns the directory.

        Raises
        ------
        ValueError
            If the directory cannot be written.
        """
        folder = require_writable_directory(directory)
        data = {"format": _FORMAT} | {name: _plain(value) for name, value in asdict(self).items()}
        data["sha256"] = content_checksum(data)
        with atomic_write(folder / FILE_NAME) as partial:
            partial.write_text(json.dumps(data, indent=1, allow_nan=False), encoding="utf-8")
        (folder / PICTURE_NAME).unlink(missing_ok=True)  # that of an older file
        if any(each.path for each in self.solutions):
            try:
                self.plot(folder / PICTURE_NAME)
            except MissingPackageError as missing:
                warnings.warn(
                    f"{PICTURE_NAME} is left out: {missing}", RuntimeWarning, stacklevel=2
                )
        return folder

    def plot(
        self, path: str | os.PathLike[str] | None = None, *, width: Width | None = None
    ) -> Figure:
        """Draw the load paths of all laws and meshes, and write the figure if there is a path.

        Parameters
        ----------
        path : path, optional
            Where to write it: .png, .pdf or .svg.
        width : {"single", "double"} or float, optional
            89 mm, 183 mm (the default) or a number of mm.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        ValueError
            If no body was followed at finite deformation, the width is out of range, or the file
            cannot be written.
        """
        from metafast.plotting import plot_load_paths

        solved = {
            f"{each.law}, {each.refine} x {each.refine}": each
            for each in self.solutions
            if each.path
        }
        paths = {name: each.steps for name, each in solved.items()}
        linear = {name: self.solution("linear", each.refine).rrmse for name, each in solved.items()}
        return plot_load_paths(paths, self.problem, linear=linear, path=path, width=width)

    @staticmethod
    def load(path: str | os.PathLike[str]) -> Verification:
        """Reopen a verification.

        Parameters
        ----------
        path : path
            ``verification.json``, or the directory that holds it.

        Raises
        ------
        ValueError
            If the file is missing or no verification.
        """
        source = require_path(path)
        source = source / FILE_NAME if source.is_dir() else source
        if not source.is_file():
            raise ValueError(f"there is no verification at {str(source)!r}; check the path")
        try:
            data = json.loads(source.read_text(encoding="utf-8"))
            digest = data.pop("sha256", None)
            if data.get("format") != (_OLDER if digest is None else _FORMAT):
                raise ValueError(f"its format is {data.get('format')!r}, not {_FORMAT!r}")
            if digest is not None and digest != content_checksum(data):
                raise ValueError("it was damaged or changed: its checksum does not fit")
            del data["format"]
            return _from_plain(data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise ValueError(
                f"{str(source)!r} is not a readable verification ({error}); verify again"
            ) from error

    def _headline(self) -> tuple[float, str]:
        finite = [each for each in self.solutions if each.kinematics == "finite"]
        law = finite[0].law
        mine = [each for each in finite if each.law == law]
        lost = [each for each in mine if each.load < 1.0]
        if lost:
            where = f"{lost[0].refine} x {lost[0].refine} elements per pixel"
            return math.inf, f"{law}, {where}: {lost[0].note}"
        limit = self.extrapolation(law)
        if limit is not None:
            meshes = " and ".join(map(str, limit.levels[-2:]))
            return limit.rrmse, f"{law}, extrapolated from {meshes} elements per pixel side"
        solved = [each for each in mine if each.is_solved]
        if not solved:
            return math.inf, f"{law}: {mine[-1].note}"
        finest = solved[-1]
        return finest.rrmse, f"{law}, {finest.refine} x {finest.refine} elements per pixel"


def _plain(value: Any) -> Any:
    """Plain values for JSON, which has no infinity: null in its place."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(each) for each in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _from_plain(data: dict[str, Any]) -> Verification:
    """A verification from plain values; numbers that are missing take the default, infinity."""

    def given(row: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in row.items() if value is not None}

    extrapolations = [
        Extrapolation(**(given(row) | {"levels": tuple(row["levels"])}))
        for row in data["extrapolations"]
    ]
    lists = {
        "cells": tuple(data["cells"]),
        "pixels": tuple(data["pixels"]),
        "solutions": tuple(Solution.from_dict(given(row)) for row in data["solutions"]),
        "extrapolations": tuple(extrapolations),
        "judgements": tuple(Judgement(**given(row)) for row in data["judgements"]),
    }
    return Verification(**(data | lists))
