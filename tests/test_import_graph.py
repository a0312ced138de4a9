"""Imports of the package point one way: no circle, and no stage imports a later one.

Read from the sources, without an import of the package; imports inside functions count, those for
type checkers do not.
"""

import ast
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parent.parent / "metafast"
PACKAGE = ROOT.name

# each line may import the lines above it and, where several share it, its own
STAGES = (
    ("_base",),
    ("material", "q4", "phases"),
    ("cells",),
    ("properties",),
    ("homogenization",),
    ("inverse",),
    ("database",),
    ("generative",),
    ("selection",),
    ("problems",),
    ("macro",),
    ("assembly",),
    ("structure",),
    ("plotting", "report", "export"),
    ("pipeline",),
    ("verification",),
    ("studies",),
    ("app",),
    ("cli",),
    ("__init__", "__main__"),
)
LEVEL = {name: level for level, names in enumerate(STAGES) for name in names}
# stages that only the top and each other may import
LEAVES = {"plotting", "report", "export", "app", "cli"}
TOP = {"pipeline", "verification", "studies", "app", "cli", "__init__", "__main__"}
DATA = {"assets"}  # files of data, no code
COMPILED = {f"{PACKAGE}._core"}


def module_name(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


SOURCES = {module_name(path): path for path in sorted(ROOT.rglob("*.py"))}


class Imports(ast.NodeVisitor):
    """Lines and names of all imports of the package, except those under ``TYPE_CHECKING``."""

    def __init__(self, module, is_package):
        self.module, self.is_package, self.names = module, is_package, []

    def visit_If(self, node):
        if "TYPE_CHECKING" in ast.unparse(node.test):
            for statement in node.orelse:
                self.visit(statement)
        else:
            self.generic_visit(node)

    def visit_Import(self, node):
        self.names += [(node.lineno, alias.name) for alias in node.names]

    def visit_ImportFrom(self, node):
        base = node.module or ""
        if node.level:
            parents = self.module.split(".")
            parents = parents[: len(parents) - node.level + self.is_package]
            base = ".".join([*parents, *([base] if base else [])])
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            self.names.append((node.lineno, inner if inner in {*SOURCES, *COMPILED} else base))


def imports():
    """(importing module, line, imported module) of the package's own modules."""
    for module, path in SOURCES.items():
        visitor = Imports(module, path.name == "__init__.py")
        visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
        for line, name in visitor.names:
            if name.split(".")[0] == PACKAGE and name not in COMPILED:
                yield module, line, name


EDGES = list(imports())


def stage(module):
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def told(module, line, name):
    return f"{SOURCES[module].relative_to(ROOT.parent)}:{line} imports {name}"


def test_every_import_is_of_a_module_that_exists():
    missing = [told(*edge) for edge in EDGES if edge[2] not in SOURCES]
    assert not missing, "\n".join(missing)


def test_the_root_holds_only_what_every_stage_needs():
    files = {path.stem for path in ROOT.glob("*.py")}
    assert files == {"__init__", "__main__", "material", "phases", "q4"}


def test_every_folder_is_a_stage():
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    unknown = folders - set(LEVEL) - DATA
    assert not unknown, f"not in the order of the stages: {', '.join(sorted(unknown))}"


def test_no_circles():
    graph = nx.DiGraph((module, name) for module, _, name in EDGES)
    circles = [part for part in nx.strongly_connected_components(graph) if len(part) > 1]
    wrong = [told(*edge) for part in circles for edge in EDGES if {edge[0], edge[2]} <= part]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", [name for names in STAGES for name in names])
def test_no_import_against_the_stages(name):
    wrong = [
        told(*edge)
        for edge in EDGES
        if stage(edge[0]) == name and stage(edge[2]) not in DATA
        and LEVEL[stage(edge[2])] > LEVEL[name]
    ]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_pictures_reports_and_commands_are_imported_by_the_top_alone():
    wrong = [
        told(*edge)
        for edge in EDGES
        if stage(edge[2]) in LEAVES and stage(edge[0]) not in LEAVES | TOP
    ]
    assert not wrong, "\n".join(wrong)
