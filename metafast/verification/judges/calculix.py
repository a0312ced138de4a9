"""Judge CalculiX: its executable ``ccx`` with NLGEOM on plane stress elements CPS4.

ccx expands a CPS4 to a brick whose four edges across the plane change their length, so that the
thickness is continuous where metafast's is free in each point: equal within a percent at Poisson's
ratio 0.3, while near 0.5 the bricks lock. Its laws are

    neo-hookean            its user material CIARLET_EL, Ciarlet's
                           W = mu/2 (I1 - 3 - 2 ln J) + lambda/4 (J^2 - 1 - 2 ln J),
                           whose terms with lambda differ from metafast's by (ln J)^2 / 6
    st-venant-kirchhoff    *ELASTIC, which with NLGEOM means S = C : E
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from metafast._base.typing import FloatArray
from metafast.export.deck import boundary_text, load_text, mesh_text, section_text
from metafast.material import Material
from metafast.problems import Problem
from metafast.structure.finite.laws import LawName
from metafast.structure.quad_mesh import QuadMesh, quad_mesh
from metafast.verification.judges.errors import (
    JudgeError,
    MissingJudgeError,
    require_plane_stress,
)

_NAME = "body"
_THICKNESS = 1e-3  # in cell widths: small, so that the bricks do not bend across the plane
_TOLERANCE = 1e-6  # unbalanced force, and last change of displacement, relative to the largest
_YOUNG = 1e6  # displacements do not depend on it, but ccx takes small forces for none
_MATERIALS = {
    "neo-hookean": ("CIARLET_EL", "*USER MATERIAL, CONSTANTS=2"),
    "st-venant-kirchhoff": ("ELASTIC", "*ELASTIC"),
}


def displacement(
    pixels: Any,
    problem: Problem,
    material: Material,
    law: LawName = "neo-hookean",
    *,
    refine: int = 1,
    threads: int = 1,
    time_limit: float = 600.0,
) -> FloatArray:
    """Displacement (ny+1, nx+1, 2) of the pixel nodes at finite deformation; NaN in void.

    Parameters
    ----------
    pixels, problem, material, law, refine
        As in `metafast.solve_structure`; plane stress.
    threads : int
    time_limit : float
        Seconds after which ccx is stopped.

    Raises
    ------
    MissingJudgeError
        If there is no ccx on the PATH.
    JudgeError
        If ccx has no solution, or in plane strain.
    """
    require_plane_stress(material, "CalculiX")
    program = shutil.which("ccx")
    if program is None:
        raise MissingJudgeError("CalculiX", "apt install calculix-ccx, or put ccx on the PATH")
    mesh = quad_mesh(pixels, problem, refine)
    if len(mesh.stiffness):
        raise JudgeError("CalculiX judges no springs here: each would join hundreds of nodes")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        (folder / f"{_NAME}.inp").write_text(input_deck(mesh, material, law), encoding="ascii")
        said = _run(program, folder, threads, time_limit)
        results = folder / f"{_NAME}.dat"
        text = results.read_text(encoding="ascii") if results.is_file() else ""
    return mesh.spread(_last_displacement(text, len(mesh.places), said))


def input_deck(mesh: QuadMesh, material: Material, law: LawName) -> str:
    """Text of the .inp file: mesh, section, law, one step with NLGEOM."""
    name, keyword = _MATERIALS[law]
    scale = _YOUNG / material.young * _THICKNESS
    parts = (
        *mesh_text(mesh.coordinates, mesh.elements, "CPS4"),
        *section_text(name, f"{keyword}\n{_YOUNG:g}, {material.poisson:.12g}", _THICKNESS),
        "*STEP, NLGEOM, INC=1000\n*STATIC\n0.25, 1.0, 1e-4, 0.25\n",
        f"*CONTROLS, PARAMETERS=FIELD\n{_TOLERANCE:g}, {_TOLERANCE:g}\n",
        *boundary_text(mesh.held, mesh.values),
        *load_text(scale * mesh.force),
        "*NODE PRINT, NSET=ALL, FREQUENCY=1000\nU\n*END STEP\n",
    )
    return "".join(parts)


def _run(program: str, folder: Path, threads: int, time_limit: float) -> str:
    """What ccx printed."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    try:
        done = subprocess.run(
            [program, "-i", _NAME],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=time_limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise JudgeError(f"CalculiX did not end within {time_limit:.0f} s") from None
    return done.stdout


def _last_displacement(text: str, nodes: int, said: str) -> FloatArray:
    """Displacement (n, 2) of the last table in a .dat file."""
    rows = [line.split() for line in text.splitlines()]
    table = [row for row in rows if len(row) == 4 and row[0].isdigit()][-nodes:]
    if len(table) < nodes:
        reason = next((line.strip() for line in said.splitlines() if "*ERROR" in line), "")
        raise JudgeError(f"CalculiX has no displacement at the full load; {reason or 'no reason'}")
    values = np.array(table, dtype=float)
    u = np.empty((nodes, 2))
    u[values[:, 0].astype(int) - 1] = values[:, 1:3]
    return u
