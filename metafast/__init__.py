"""metafast: data-driven design of mechanical metamaterials, with proof.

>>> import metafast as mf
>>> result = mf.design(mf.problems.bridge())
>>> result.save("runs/bridge")
"""

from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

try:
    from metafast import _core as _core
except ImportError as error:
    raise ImportError(
        "metafast's compiled core is missing: install the package (pip install .) instead of "
        "importing its source folder"
    ) from error

from metafast import problems
from metafast._base.equilibrium import NoEquilibriumError
from metafast.assembly import (
    IncompatibilityTables,
    MrfInterrupted,
    MrfResult,
    incompatibility_tables,
    solve_mrf,
)
from metafast.assembly.joining import join_sides
from metafast.assembly.layout import tile
from metafast.assembly.tiling import Assembly, assemble
from metafast.database import (
    CellDatabase,
    GrowthOptions,
    ImportedDatabase,
    LabelCheck,
    NearestCells,
    ReadCells,
    ReadingOptions,
    build_database,
    export_database,
    import_database,
    merge_databases,
    read_cells,
)
from metafast.export import (
    Exported,
    ExportOptions,
    Printability,
    cell_sheet,
    export_structure,
    printability,
)
from metafast.homogenization import (
    SimpSensitivities,
    boundary_tractions,
    displacement_fields,
    homogenize,
    simp_sensitivities,
)
from metafast.inverse import InverseOptions, InverseResult, inverse_homogenize
from metafast.macro import PropertyField, optimize_properties
from metafast.material import Material
from metafast.phases import Phases
from metafast.pipeline import PAPER, Design, DesignOptions, Errors, Trace, design
from metafast.pipeline.problem_file import read_problem
from metafast.problems import Problem, load_cases
from metafast.problems.file import ProblemFile
from metafast.properties import (
    EngineeringConstants,
    Gradation,
    PropertySpace,
    SignedDistance,
    SolidShare,
    engineering_constants,
)
from metafast.selection import (
    PAPER_FAMILY,
    Encoder,
    Family,
    FamilyOptions,
    InverseCandidates,
    families_of,
    family_graph,
    find_families,
    inverse_candidates,
    pixel_components,
    property_errors,
    select_candidates,
)
from metafast.structure import StructureResponse, solve_load_cases, solve_structure
from metafast.verification import Verification, verify

if TYPE_CHECKING:
    from metafast.generative import (
        CellVAE,
        DecodedCells,
        TrainingConfig,
        TrainingResult,
        latent,
        train_vae,
    )

__version__ = version("metafast")

__all__ = [
    "PAPER",
    "PAPER_FAMILY",
    "Assembly",
    "CellDatabase",
    "CellVAE",
    "DecodedCells",
    "Design",
    "DesignOptions",
    "Encoder",
    "EngineeringConstants",
    "Errors",
    "ExportOptions",
    "Exported",
    "Family",
    "FamilyOptions",
    "Gradation",
    "GrowthOptions",
    "ImportedDatabase",
    "IncompatibilityTables",
    "InverseCandidates",
    "InverseOptions",
    "InverseResult",
    "LabelCheck",
    "Material",
    "MrfInterrupted",
    "MrfResult",
    "NearestCells",
    "NoEquilibriumError",
    "Phases",
    "Printability",
    "Problem",
    "ProblemFile",
    "PropertyField",
    "PropertySpace",
    "ReadCells",
    "ReadingOptions",
    "SignedDistance",
    "SimpSensitivities",
    "SolidShare",
    "StructureResponse",
    "Trace",
    "TrainingConfig",
    "TrainingResult",
    "Verification",
    "assemble",
    "boundary_tractions",
    "build_database",
    "cell_sheet",
    "design",
    "displacement_fields",
    "engineering_constants",
    "export_database",
    "export_structure",
    "families_of",
    "family_graph",
    "find_families",
    "homogenize",
    "import_database",
    "incompatibility_tables",
    "inverse_candidates",
    "inverse_homogenize",
    "join_sides",
    "latent",
    "load_cases",
    "merge_databases",
    "optimize_properties",
    "pixel_components",
    "printability",
    "problems",
    "property_errors",
    "read_cells",
    "read_problem",
    "select_candidates",
    "simp_sensitivities",
    "solve_load_cases",
    "solve_mrf",
    "solve_structure",
    "tile",
    "train_vae",
    "verify",
]

# torch takes a second to import and few need it
_GENERATIVE = (
    "CellVAE",
    "DecodedCells",
    "TrainingConfig",
    "TrainingResult",
    "latent",
    "train_vae",
)


def __getattr__(name: str) -> Any:
    if name in _GENERATIVE:
        return getattr(import_module("metafast.generative"), name)
    raise AttributeError(f"module 'metafast' has no attribute {name!r}")
