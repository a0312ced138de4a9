"""Every public function with the same wrong values in place of each of its arguments."""

from __future__ import annotations

import inspect
import linecache
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir
from enum import Enum
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from time import perf_counter
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

import metafast as mf
from metafast.database.reading.named_arrays import TooLargeError

PACKAGE = str(Path(mf.__file__).parent)
SLOW = 20.0  # seconds, more than kernels take to compile


class Answer(Enum):
    """What a wrong argument led to."""

    CLEAR = "a clear error, or a value that is meant to be taken"
    ACCEPTED = "accepted silently"
    FOREIGN = "an error of another kind or in words of others"
    SLOW = "no answer in time"


class Accepted(BaseException):
    """The first report of work, which begins after all arguments were checked."""


class Call(NamedTuple):
    """A public function, arguments it takes, and wrong values that are right for some of them."""

    function: Callable[..., Any]
    arguments: dict[str, Any]
    right: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Refusing:
    """An object that does not become an array."""

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise RuntimeError("no array today")


def stop(_stage: str, done: int, *_: Any) -> None:
    """Progress that ends the work with its first step."""
    if done > 0:
        raise Accepted


# no argument takes these, except those that are named in `right`
NEVER: dict[str, Any] = {
    "object": object(),
    "refusing": Refusing(),
    "complex": np.full((2, 2), 1j),
    "masked": np.ma.masked_less([[0.0, 1.0], [1.0, 1.0]], 0.5),
    "strings": np.array([["a", "b"]]),
    "ragged": [[1, 2], [3]],
    "bytes": b"xy",
    "nan": float("nan"),
    "dict": {"a": 1},
    "function": lambda *_: None,
}
# some arguments take these
SOMETIMES: dict[str, Any] = {
    "none": None,
    "negative": -1,
    "half": 0.5,
    "infinite": float("inf"),
    "large": 2**70,
    "huge": 10**400,
    "text": "nonsense",
    "NUL": "a\0b",
    "long": "x" * 5000,
    "list": [],
    "empty": np.zeros((3, 0)),
    "cells": np.broadcast_to(np.uint8(0), (10**11, 8, 8)),
    "true": True,
}


# values that are right wherever an argument has this name
_RIGHT = {
    "progress": ("function",),
    "threads": ("none",),
    "penalty": ("large",),
    "volume": ("none", "half", "true"),
    "edge_weight": ("half", "large"),
    "geometric_weight": ("half", "large"),
    "mechanical_weight": ("half", "large"),
    "function": ("function",),
}


def answers() -> Iterator[tuple[str, str, Answer]]:
    """Call, argument and value, and the answer, for everything that can be called wrongly."""
    # "nonsense" is a right name for a file: it is written to a folder that goes away
    with TemporaryDirectory() as folder, chdir(folder), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, call in calls().items():
            for argument in call.arguments:
                for value in NEVER | SOMETIMES:
                    if not _is_right(call, argument, value):
                        yield name, f"{argument}={value}", answer(call, argument, value)


def _is_right(call: Call, argument: str, value: str) -> bool:
    """Whether the value is one that the argument is for."""
    if argument in _RIGHT:
        return value in _RIGHT[argument]
    return (value == "none" and call.arguments[argument] is None) or value in call.right.get(
        argument, ()
    )


def answer(call: Call, argument: str, value: str) -> Answer:
    """Answer of a call with one wrong argument, which is named."""
    found = answer_to(call, argument, (NEVER | SOMETIMES)[value])
    return Answer.CLEAR if found is Answer.ACCEPTED and value in SOMETIMES else found


def answer_to(call: Call, argument: str, wrong: Any) -> Answer:
    """Answer of a call with one wrong argument."""
    start = perf_counter()
    try:
        call.function(**(call.arguments | {argument: wrong}))
        found = Answer.ACCEPTED
    except Accepted:
        found = Answer.ACCEPTED
    except Exception as error:
        found = Answer.CLEAR if is_ours(error) else Answer.FOREIGN
    return Answer.SLOW if perf_counter() - start > SLOW else found


def is_ours(error: BaseException) -> bool:
    """Whether the error was raised by a statement of metafast, and is of a documented kind."""
    kinds = (ValueError, MemoryError, TypeError, FloatingPointError, mf.NoEquilibriumError)
    if type(error) not in kinds and not isinstance(error, TooLargeError):
        return False
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return False
    file = trace.tb_frame.f_code.co_filename
    line = linecache.getline(file, trace.tb_lineno).strip()
    if isinstance(error, TypeError) and "has no option" not in str(error):
        return False
    return file.startswith(PACKAGE) and line.startswith("raise")


def not_called() -> set[str]:
    """Public names that are results or constants and take no argument of a user."""
    return {
        "PAPER", "PAPER_FAMILY", "Assembly", "DecodedCells", "Encoder", "Errors",
        "ImportedDatabase", "IncompatibilityTables", "InverseCandidates", "InverseResult",
        "LabelCheck", "MrfInterrupted", "MrfResult", "NearestCells", "NoEquilibriumError",
        "ProblemFile", "PropertyField", "SignedDistance", "SimpSensitivities",
        "StructureResponse", "Trace", "TrainingResult", "Design", "Verification", "ReadCells",
        "Exported", "Printability", "EngineeringConstants", "SolidShare", "FailedDesign",
        "StudyRow", "StudyRun",
    }  # fmt: skip


@cache
def calls() -> dict[str, Call]:
    """Every public function and method with arguments that it takes."""
    rng = np.random.default_rng(0)
    cells = (rng.random((12, 8, 8)) < 0.9).astype(np.uint8)
    properties = rng.uniform(0.2, 0.3, (12, 4)) * [1.0, 0.1, 1.0, 0.5]
    database = mf.CellDatabase(cells, properties)
    gradation = mf.Gradation.isotropic_like()
    latents = rng.random((12, 3))
    family = mf.Family(
        gradation, np.linspace(0.1, 0.9, 12), latents, cells, properties, np.arange(12)
    )
    bridge, space = mf.problems.bridge(1, 3), mf.PropertySpace.from_properties(properties, 7)
    folder = Path(gettempdir()) / "no" / "such" / "folder"
    unary, table, choice = rng.random((2, 3, 4)), rng.random((4, 4)), np.zeros((1, 3, 2), int)
    targets = properties[:3].reshape(1, 3, 4)
    pixels, run = np.ones((8, 24), np.uint8), {"threads": 1, "progress": stop}
    named = {"coordinates": "log"}
    study = mf.Study("a", "bridge", {"swap_rounds": [0]}, {"rows": 1, "cols": 3})
    short = gradation.between(0.2, 0.3)
    along = mf.CellDatabase(cells, short.at(np.linspace(0.2, 0.3, 12)))
    graph = mf.family_graph(along, latents, short, terminals=2, threads=1)
    found = {
        "homogenize": Call(mf.homogenize, {"cells": cells, "phases": None, "refine": 1, **run}),
        "boundary_tractions": Call(mf.boundary_tractions, {"cells": cells, "phases": None, **run}),
        "displacement_fields": Call(
            mf.displacement_fields, {"cells": cells, "phases": None, "refine": 1, **run}
        ),
        "simp_sensitivities": Call(
            mf.simp_sensitivities, {"densities": 1.0 * cells, "phases": None, "penalty": 3.0, **run}
        ),
        "inverse_homogenize": Call(
            mf.inverse_homogenize,
            {"targets": properties, "initial": None, "phases": None, "volume": None}
            | {"options": None, "starts": 1, "pixels": 8, "iterations": 1, "seed": 0, **run},
        ),
        "InverseOptions": _options(mf.InverseOptions()),
        "Material": Call(mf.Material, {"young": 1.0, "poisson": 0.3, "plane": "stress"}),
        "Material.named": Call(mf.Material.named, {"name": "PLA", "plane": "stress"}),
        "Phases": Call(mf.Phases, {"solid": mf.Material(), "void": 1e-9}),
        "CellDatabase": Call(
            mf.CellDatabase,
            {"cells": cells, "properties": properties, "phases": None, "parents": None}
            | {"provenance": {}},
            {"provenance": ("dict",), "properties": ("none",)},
        ),
        "CellDatabase.take": Call(database.take, {"rows": [0, 1]}),
        "CellDatabase.nearest": Call(
            database.nearest, {"targets": properties, "k": 1, "threads": 1, **named}
        ),
        "CellDatabase.coordinates": Call(database.coordinates, {"kind": "log"}),
        "CellDatabase.subset": Call(database.subset, {"rows": [0, 1]}),
        "CellDatabase.relabel": Call(database.relabel, {"phases": mf.Phases(), **run}),
        "CellDatabase.load": Call(mf.CellDatabase.load, {"path": "none.h5"}),
        "CellDatabase.save": Call(database.save, {"path": folder / "cells.h5"}),
        "export_database": Call(
            mf.export_database, {"database": database, "path": folder / "cells.npz"}
        ),
        "build_database": Call(
            mf.build_database,
            {"size": 20, "phases": None, "options": None, "checkpoint": None, "seeds": 2}
            | {"iterations": 1, "seed": 0, "pixels": 8, **run},
        ),
        "GrowthOptions": _options(mf.GrowthOptions()),
        "PropertySpace": Call(
            mf.PropertySpace.from_properties,
            {"properties": properties, "nodes": 7, "closing": 1, **named},
        ),
        "PropertySpace.signed_distance": Call(space.signed_distance, {"properties": properties}),
        "Gradation": Call(
            mf.Gradation, {"parameter": [0.1, 0.2], "properties": properties[:2], "name": "a"}
        ),
        "Gradation.isotropic_like": Call(
            mf.Gradation.isotropic_like, {"material": None, "first": 0.02}
        ),
        "Gradation.of": Call(
            mf.Gradation.of,
            {"function": lambda t: [t, 0.1 * t, t, 0.3 * t], "start": 0.1, "stop": 0.5}
            | {"samples": 5},
        ),
        "Gradation.load": Call(mf.Gradation.load, {"path": "none.toml"}),
        "Gradation.save": Call(gradation.save, {"path": folder / "a.toml"}),
        "Gradation.at": Call(gradation.at, {"values": [0.1]}),
        "Gradation.nearest": Call(gradation.nearest, {"properties": properties, "threads": 1}),
        "Gradation.between": Call(gradation.between, {"low": 0.1, "high": 0.5}),
        "Family": Call(mf.Family, vars(family)),
        "Family.at": Call(family.at, {"values": [0.1]}),
        "Family.fitted_gradation": Call(family.fitted_gradation, {"width": 0.03}),
        "Family.save": Call(family.save, {"path": folder / "a.h5"}),
        "Family.load": Call(mf.Family.load, {"path": "none.h5"}),
        "FamilyOptions": _options(mf.FamilyOptions()),
        "find_families": Call(
            mf.find_families,
            {"database": database, "encoder": latents, "gradation": gradation, "count": 1}
            | {"decoder": None, "options": None, "neighbors": 2, "terminals": 2, **run},
        ),
        "family_graph": Call(
            mf.family_graph,
            {"database": database, "encoder": latents, "gradation": gradation}
            | {"decoder": None, "options": None, "neighbors": 2, **run},
        ),
        "families_of": Call(mf.families_of, {"graph": graph, "count": 1, "progress": stop}),
        "select_candidates": Call(
            mf.select_candidates,
            {"database": database, "encoder": latents, "targets": properties, "count": 2}
            | {"pool": None, "eligible": None, "cost": None, "max_deviation": 0.3, "threads": 1}
            | named,
        ),
        "property_errors": Call(
            mf.property_errors,
            {"database": database, "targets": properties, "candidates": np.zeros((12, 1), int)}
            | named,
        ),
        "pixel_components": Call(mf.pixel_components, {"database": database, "count": 2}),
        "inverse_candidates": Call(
            mf.inverse_candidates,
            {"database": database, "encoder": latents, "targets": properties, "count": 1}
            | {"pool": None, "iterations": 1, **named, **run},
        ),
        "incompatibility_tables": Call(
            mf.incompatibility_tables,
            {"candidates": choice, "cells": cells, "tractions": rng.random((12, 4, 3, 8, 2))}
            | {"geometric_weight": 1.0, "mechanical_weight": 1.0, "threads": 1},
        ),
        "assemble": Call(
            mf.assemble,
            {"database": database, "targets": targets, "candidates": choice, "edge_weight": 0.1}
            | {"geometric_weight": 1.0, "mechanical_weight": 1.0, "problem": None}
            | {"time_limit": None, "gap": 0.0, "max_iterations": 10, **named, **run},
        ),
        "join_sides": Call(mf.join_sides, {"pixels": pixels, "rows": 1, "cols": 3}),
        "printability": Call(
            mf.printability, {"pixels": pixels, "pixel_size": 1.0, "least_width": 0.0}
        ),
        "engineering_constants": Call(mf.engineering_constants, {"C": np.eye(3)[None]}),
        "cell_sheet": Call(mf.cell_sheet, {"cells": cells, "columns": None, "gap": None}),
        "export_structure": Call(
            mf.export_structure,
            {"pixels": pixels, "folder": folder, "formats": "png", "pixel_size": 1.0},
        ),
        "read_cells": Call(mf.read_cells, {"path": folder}),
        "ReadingOptions": _options(mf.ReadingOptions()),
        "ExportOptions": _options(mf.ExportOptions()),
        "progress_bars": Call(mf.progress_bars, {"transient": True}),
        "tile": Call(mf.tile, {"cells": cells, "arrangement": np.zeros((1, 3), int)}),
        "solve_mrf": Call(
            mf.solve_mrf,
            {"unary": unary, "horizontal": table, "vertical": table, "initial": None}
            | {"time_limit": None, "gap": 0.0, "max_iterations": 10, **run},
        ),
        "Problem": Call(mf.Problem, _fields(bridge)),
        "Problem.aiming_at": Call(bridge.aiming_at, {"target": bridge.target}),
        "Problem.rrmse": Call(bridge.rrmse, {"displacement": np.zeros((2, 4, 2))}),
        "load_cases": Call(
            mf.load_cases, {"name": "a", "cases": [bridge, bridge], "weights": None, "worst": False}
        ),
        "read_problem": Call(mf.read_problem, {"path": "bridge", "rows": 1, "cols": 3}),
        "optimize_properties": Call(
            mf.optimize_properties,
            {"problem": bridge, "space": space, "kinematics": "linear", "start": None}
            | {"smoothing": 1.5, "mesh": 1, "phases": None, "max_iterations": 1, "tolerance": 1e-3}
            | {"move": 0.05, "margin": 0.2, "symmetry": None, "progress": stop},
        ),
        "DesignOptions": _options(mf.DesignOptions()),
        "design": Call(
            mf.design,
            {"problem": bridge, "database": database, "encoder": None, "family": None}
            | {"material": None, "cell_size": None, "thickness": None, "options": None}
            | {"start": None, "checkpoint": None, "kinematics": "linear", **run},
        ),
        "Design.load": Call(mf.Design.load, {"path": "none.h5"}),
        "solve_structure": Call(
            mf.solve_structure,
            {"pixels": pixels, "problem": bridge, "phases": None, "kinematics": "linear"}
            | {"law": "neo-hookean", "refine": 1, "stresses": False, "start": None, **run},
        ),
        "solve_load_cases": Call(
            mf.solve_load_cases,
            {"pixels": pixels, "problems": [bridge], "phases": None, "refine": 1}
            | {"stresses": False, **run},
        ),
        "verify": Call(
            mf.verify,
            {"design": pixels, "problem": bridge, "phases": None, "refine": (1,)}
            | {"laws": ("neo-hookean",), "outside": False, **run},
        ),
        "design_many": Call(
            mf.design_many,
            {"problems": [bridge], "database": database, "options": None, "client": None}
            | {"kinematics": "linear", **run},
            {"problems": ("list",)},
        ),
        "Study": Call(
            mf.Study,
            {"name": "a", "problem": "bridge", "grid": {"swap_rounds": [0]}, "parameters": {}}
            | {"options": {}, "units": {}, "about": ""},
        ),
        "Study.load": Call(mf.Study.load, {"path": "none.toml"}),
        "run_study": Call(
            mf.run_study,
            {"study": study, "directory": folder, "database": database, "client": None, **run},
        ),
        "StudyResult.load": Call(mf.StudyResult.load, {"directory": "none"}),
        "Verification.load": Call(mf.Verification.load, {"path": "none.json"}),
    }
    for name in ("bridge", "graded_beam", "smiley", "gripper", "cloak"):
        function = getattr(mf.problems, name)
        given = inspect.signature(function).parameters.values()
        found[f"problems.{name}"] = Call(function, {each.name: each.default for each in given})
    return found | _generative(database, properties)


def _generative(database: mf.CellDatabase, properties: Any) -> dict[str, Call]:
    from metafast.generative.config import Architecture
    from metafast.generative.network import Networks
    from metafast.generative.vae import Scaling

    sizes = Architecture(8, 8, latent=3, channels=2, hidden=8, regressor=4, correction=4)
    scaling = Scaling(np.zeros(4), np.ones(4))
    vae = mf.CellVAE(Networks(sizes), (8, 8), False, scaling, mf.Phases())
    z, latent = np.random.default_rng(0).random((12, 3)), mf.latent
    found = {
        "CellVAE.encode": Call(vae.encode, {"cells": database.cells, "steps": 0}),
        "CellVAE.decode": Call(vae.decode, {"z": z}),
        "CellVAE.cells": Call(vae.cells, {"z": z, "threshold": 0.9}),
        "CellVAE.predict": Call(vae.predict, {"z": z}),
        "CellVAE.load": Call(mf.CellVAE.load, {"path": "none.h5"}),
        "train_vae": Call(
            mf.train_vae,
            {"database": database, "config": mf.TrainingConfig(epochs=1, batch=4), "start": None}
            | {"checkpoint": None, "progress": stop},
        ),
        "TrainingConfig": _options(mf.TrainingConfig()),
        "latent.traverse": Call(
            latent.traverse,
            {
                "vae": vae,
                "start": z[0],
                "direction": z[1],
                "length": 1.0,
                "steps": 2,
                "join": False,
                "rising": "C11",
            },
        ),
        "latent.interpolate": Call(
            latent.interpolate, {"vae": vae, "first": z[0], "last": z[1], "steps": 2, "join": False}
        ),
        "latent.sample": Call(
            latent.sample, {"vae": vae, "count": 2, "seed": 0, "rounds": 1, "progress": stop}
        ),
        "latent.property_arrow": Call(
            latent.property_arrow,
            {
                "z": z,
                "properties": properties,
                "name": "C11",
                "method": "slope",
                "near": z[0],
                "cells": 10,
            },
        ),
        "latent.principal_map": Call(latent.principal_map, {"z": z, "fitted": 10}),
        "latent.decode_cells": Call(
            latent.decode_cells, {"vae": vae, "z": z, "walk": False, "join": False}
        ),
        "latent.ascend": Call(
            latent.ascend,
            {"vae": vae, "starts": z[:1], "name": "C11", "length": 1.0, "steps": 1}
            | {"join": False, "progress": stop},
        ),
    }
    return found


def _options(defaults: Any) -> Call:
    return Call(type(defaults), _fields(defaults))


def _fields(value: Any) -> dict[str, Any]:
    names = inspect.signature(type(value)).parameters
    return {name: getattr(value, name) for name in names}
