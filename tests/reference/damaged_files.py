"""Damage of files as disks and networks do it, and small files of every format to damage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import metafast as mf

BLOCK = 4096  # largest damaged block in bytes
DAMAGES = ("bit", "bits", "zeros", "noise", "truncated", "longer")


class Outcome(Enum):
    """What loading a damaged file led to."""

    REFUSED = "refused with words of ours"
    SAME = "accepted with the same content"
    CHANGED = "accepted with changed content"
    FOREIGN = "refused with words of others"


class Format(NamedTuple):
    """A format: a writer of a small file into a folder, and a reader that returns its content."""

    write: Callable[[Path], Path]
    read: Callable[[Path], Any]


def damaged(whole: bytes, kind: str, rng: np.random.Generator) -> bytes:
    """The bytes of a file with one damage."""
    data = np.frombuffer(whole, np.uint8).copy()
    if kind == "truncated":
        return whole[: rng.integers(len(whole))]
    if kind == "longer":
        return whole + rng.bytes(rng.integers(1, BLOCK))
    if kind in ("bit", "bits"):
        places = rng.integers(len(data), size=1 if kind == "bit" else rng.integers(2, 65))
        data[places] ^= (1 << rng.integers(8, size=len(places))).astype(np.uint8)
    else:
        size = int(rng.integers(1, max(min(BLOCK, len(data) // 2), 2)))
        start = int(rng.integers(len(data) - size + 1))
        block = np.zeros(size) if kind == "zeros" else rng.integers(256, size=size)
        data[start : start + size] = block
    return data.tobytes()


def outcome(path: Path, read: Callable[[Path], Any], content: Any) -> Outcome:
    """Load a file that may be damaged, and compare with the content of the whole one."""
    try:
        found = plain(read(path))
    except ValueError as error:
        ours = type(error) is ValueError and path.name in str(error)
        return Outcome.REFUSED if ours else Outcome.FOREIGN
    except Exception:
        return Outcome.FOREIGN
    return Outcome.SAME if found == content else Outcome.CHANGED


def plain(value: Any) -> Any:
    """Content that compares by value: arrays as bytes with dtype and shape, objects by fields."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if hasattr(value, "detach"):
        return plain(value.detach().numpy())
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return value.hex()
    return plain(vars(value)) if hasattr(value, "__dict__") else value


def formats() -> dict[str, Format]:
    """Every format that metafast reads back."""
    return {
        "database": Format(_write_database, _read_database),
        "design": Format(_write_design, mf.Design.load),
        "family": Format(_write_family, mf.Family.load),
        "gradation": Format(_write_gradation, mf.Gradation.load),
        "model": Format(_write_model, _read_model),
        "training checkpoint": Format(_write_training, _read_training),
        "growth checkpoint": Format(_write_growth, _read_growth),
        "verification": Format(_write_verification, mf.Verification.load),
        "study": Format(_write_study, _read_study),
    }


def _cells(count: int = 30) -> Any:
    return np.random.default_rng(0).random((count, 8, 8)) < 0.8


def _properties(count: int = 30) -> Any:
    return np.random.default_rng(1).uniform(0.2, 0.3, (count, 4)) * [1.0, 0.1, 1.0, 0.5]


def _write_database(folder: Path) -> Path:
    made = mf.CellDatabase(_cells(), _properties(), provenance={"made_by": "a test", "seed": 1})
    return made.save(folder / "cells.h5")


def _read_database(path: Path) -> Any:
    found = mf.CellDatabase.load(path)
    arrays = found.cells, found.properties, found.parents
    return arrays, found.phases, found.provenance, found.shape, found.symmetric


def _write_family(folder: Path) -> Path:
    gradation = mf.Gradation.isotropic_like()
    parameter, latents = np.linspace(0.1, 0.9, 30), np.random.default_rng(2).random((30, 4))
    family = mf.Family(
        gradation, parameter, latents, _cells().astype(np.uint8), _properties(), np.arange(30)
    )
    return family.save(folder / "family.h5")


def _write_gradation(folder: Path) -> Path:
    return mf.Gradation.isotropic_like().save(folder / "gradation.toml")


def _model() -> Any:
    import torch

    from metafast.generative.config import Architecture
    from metafast.generative.network import Networks
    from metafast.generative.vae import CellVAE, Scaling

    torch.manual_seed(0)
    sizes = Architecture(8, 8, latent=3, channels=2, hidden=8, regressor=4, correction=4)
    scaling = Scaling(np.arange(4.0), np.ones(4))
    return CellVAE(Networks(sizes), (8, 8), False, scaling, mf.Phases(), {"made_by": "a test"})


def _write_model(folder: Path) -> Path:
    return _model().save(folder / "model.h5")


def _read_model(path: Path) -> Any:
    from metafast.generative.vae import CellVAE

    found = CellVAE.load(path)
    weights = dict(found.networks.state_dict())
    return weights, found.shape, found.quarter, found.scaling, found.phases, found.provenance


def _write_training(folder: Path) -> Path:
    from metafast.generative.checkpoint import save_checkpoint

    state = {"epoch": 3, "networks": dict(_model().networks.state_dict()), "history": "[]"}
    save_checkpoint(folder / "state.pt", "a run", state)
    return folder / "state.pt"


def _read_training(path: Path) -> Any:
    from metafast.generative.checkpoint import load_checkpoint

    return load_checkpoint(path, "a run")


def _growth() -> Any:
    from metafast.cells.repair import Limits
    from metafast.database.growing.children import Recipe
    from metafast.database.growing.population import Population

    recipe = Recipe(mf.Phases(), 4, Limits(), 1, keep_simple=False)
    return Population(recipe, 100), np.random.default_rng(3)


def _write_growth(folder: Path) -> Path:
    from metafast.database.growing.checkpoint import GrowthState, save_state

    population, rng = _growth()
    packed = rng.integers(256, size=(30, 2)).astype(np.uint8)
    population.append(packed, _properties(), np.full(30, -1))
    save_state(folder / "growth.npz", {"size": 100}, GrowthState(3, 2, 1), population, rng)
    return folder / "growth.npz"


def _read_growth(path: Path) -> Any:
    from metafast.database.growing.checkpoint import load_state

    population, rng = _growth()
    state = load_state(path, {"size": 100}, population, rng)
    columns = [population.column(name) for name in ("packed", "properties", "parents")]
    return state, columns, rng.bit_generator.state


def _write_verification(folder: Path) -> Path:
    from metafast.verification.solution import Solution

    solution = Solution("linear", "linear", 2, 0.0123, 0.0456, stable=True, seconds=1.5)
    made = mf.Verification("bridge", (4, 30), (200, 1500), "a solid", (solution,), version="1")
    return made.save(folder) / "verification.json"


def _write_study(folder: Path) -> Path:
    from metafast.studies.folder import folder_of

    study = mf.Study("a", "bridge", {"compression": [0.5, "2*1"]}, {"rows": 1, "cols": 3})
    return folder_of(study, folder / "study", None) / "study.json"


def _read_study(path: Path) -> Any:
    from metafast.studies.folder import read_study_file

    return read_study_file(path.parent)


def _write_design(folder: Path) -> Path:
    """A file with every field of a design, numbers of no meaning."""
    from metafast.pipeline.design_file import write_parts

    rng = np.random.default_rng(4)
    field = _filled(mf.PropertyField, rng, kinematics="linear")
    assembly, response = _filled(mf.Assembly, rng), _filled(mf.StructureResponse, rng)
    given = {"problem": mf.problems.bridge(1, 3), "field": field, "response": response}
    given |= {"certified": assembly, "assembly": assembly, "trace": mf.Trace()}
    given |= {"options": mf.DesignOptions(), "provenance": {"made_by": "a test"}}
    given |= {"pixels": (rng.random((10, 30)) < 0.7).astype(np.uint8)}
    given |= {name: rng.random((2, 4, 2)) for name in ("aim", "predicted", "fine_displacement")}
    write_parts(mf.Design(**given), folder / "design.h5")
    return folder / "design.h5"


def _filled(kind: Any, rng: np.random.Generator, **given: Any) -> Any:
    values: dict[str, Any] = {"FloatArray": lambda: rng.random((2, 4, 2))}
    values |= {"IntArray": lambda: rng.integers(9, size=(2, 3)), "float": rng.random}
    values |= {"AnyArray": lambda: rng.random((3, 4)).astype(np.float32), "str": lambda: "a"}
    values |= {"BoolArray": lambda: rng.random((10, 30)) < 0.7, "int": lambda: 7}
    values |= {"bool": lambda: True, "Kinematics": lambda: "linear"}
    values |= {"dict[str, float]": lambda: {"total": 1.5}}
    made = {each.name: values[str(each.type)]() for each in fields(kind) if each.name not in given}
    return kind(**made, **given)
