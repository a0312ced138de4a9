"""Checkpoint of a growing database, from which growth continues as if never interrupted."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from metafast._base.sealed import sealed_content, write_sealed
from metafast.database.growing.population import Population

Arguments = dict[str, str | int | float]
_FORMAT = "metafast-growth-2"
_ZIP = b"PK\x03\x04"  # first bytes of .npz files, which had no seal before


@dataclass
class GrowthState:
    """Counters of the rounds so far.

    Attributes
    ----------
    iteration : int
        Rounds done.
    drawn, kept : int
        Recent children and those accepted, which set the number to draw next.
    rounds_without_child : int
        Latest rounds in a row that accepted no child.
    """

    iteration: int = 0
    drawn: int = 0
    kept: int = 0
    rounds_without_child: int = 0


def save_state(
    path: Path,
    arguments: Arguments,
    state: GrowthState,
    population: Population,
    rng: np.random.Generator,
) -> None:
    """Write the state; an existing file is replaced only by a complete one."""
    header = {"arguments": arguments, "state": asdict(state), "rng": rng.bit_generator.state}
    content = BytesIO()
    np.savez(
        content,
        header=np.frombuffer(json.dumps(header).encode(), dtype=np.uint8),
        packed=population.column("packed"),
        properties=population.column("properties"),
        parents=population.column("parents"),
    )
    write_sealed(path, _FORMAT, content.getbuffer())


def load_state(
    path: Path, arguments: Arguments, population: Population, rng: np.random.Generator
) -> GrowthState:
    """Fill the empty population and set the random generator from a file.

    Parameters
    ----------
    path : Path
    arguments : dict
        Arguments of the build, which the file must share.
    population : Population
    rng : Generator

    Raises
    ------
    ValueError
        If the file cannot be read or belongs to a build with other arguments.
    """
    try:
        with np.load(sealed_content(path, _FORMAT, _ZIP), allow_pickle=False) as file:
            header = json.loads(file["header"].tobytes().decode())
            parts = file["packed"], file["properties"], file["parents"]
            saved = header["arguments"]
            state = GrowthState(**header["state"])
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, BadZipFile) as error:
        raise ValueError(
            f"checkpoint {str(path)!r} cannot be read ({error}); delete it to start again"
        ) from error
    if saved != arguments:
        differing = [name for name in arguments if saved.get(name) != arguments[name]]
        raise ValueError(
            f"checkpoint {str(path)!r} belongs to a build with another {', '.join(differing)}; "
            "use the same arguments or another checkpoint"
        )
    population.append(*parts)
    rng.bit_generator.state = header["rng"]
    return state
