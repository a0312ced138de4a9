"""Public names of metafast and their modules; `metafast._base.lazy` reads them from here."""

from metafast import (
    app as app,
    assembly as assembly,
    cells as cells,
    cli as cli,
    database as database,
    export as export,
    generative as generative,
    homogenization as homogenization,
    inverse as inverse,
    macro as macro,
    material as material,
    phases as phases,
    pipeline as pipeline,
    plotting as plotting,
    problems as problems,
    properties as properties,
    report as report,
    selection as selection,
    structure as structure,
    verification as verification,
)
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
from metafast.generative import (
    CellVAE,
    DecodedCells,
    TrainingConfig,
    TrainingResult,
    latent,
    train_vae,
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

__version__: str

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
