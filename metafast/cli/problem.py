"""``metafast problem``: check, draw and list problem files; their JSON Schema."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from metafast.cli.outputs import FigureWidth, require_picture_target, width_of
from metafast.cli.shared import Overwrite, console, table_of

if TYPE_CHECKING:
    from metafast.problems import Problem
    from metafast.problems.file import ProblemFile

problem_app = typer.Typer(help="Check, draw and list problem files.", no_args_is_help=True)

FileOrName = Annotated[str, typer.Argument(help="A .toml file, a shipped problem, or a design.")]
Rows = Annotated[int | None, typer.Option(help="Cells from top to bottom.")]
Cols = Annotated[int | None, typer.Option(help="Cells from left to right.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="NAME=VALUE in place of a parameter of the problem; can be given several times.",
        show_default=False,
    ),
]


def open_problem(
    problem: str, rows: int | None, cols: int | None, settings: list[str] | None
) -> ProblemFile:
    """The file of a problem, with sizes and parameters from the command line."""
    from metafast.pipeline.problem_file import read_problem

    parameters: dict[str, float | str] = {}
    for setting in settings or ():
        name, sign, value = (part.strip() for part in setting.partition("="))
        if not (name and sign and value) or name in ("rows", "cols"):
            raise ValueError(
                f"--set came with {setting!r}; NAME=VALUE is needed, for instance "
                "--set compression=0.5"
            )
        parameters[name] = value
    return read_problem(problem, rows=rows, cols=cols, **parameters)


@problem_app.command()
def check(
    problem: FileOrName, rows: Rows = None, cols: Cols = None, settings: Settings = None
) -> None:
    """Check a problem file, and print what it asks for."""
    from metafast.problems.cases import case_of
    from metafast.report import size_text

    file = open_problem(problem, rows, cols, settings)
    task, cell, thickness = file.problem, file.cell_size, file.thickness
    table = table_of(f"{task.name}: no fault found")
    size = size_text(task)
    if cell is not None:
        size += f", {task.rows * cell:g} x {(task.period - 1) * cell:g} mm"
    table.add_row("size", size + (f", {thickness:g} mm thick" if thickness is not None else ""))
    for number in range(task.copies):
        case = case_of(task, number)
        if task.cases:
            table.add_row("load case", case.name, style="bold")
        for row in _load_case(case):
            table.add_row(*row)
    if task.objective == "compliance" or task.compliance_weight:
        alone = "alone" if task.objective == "compliance" else f"weight {task.compliance_weight:g}"
        table.add_row("compliance", alone)
    if task.solid_share is not None:
        table.add_row("solid share", f"at most {task.solid_share:g}")
    if file.material is not None:
        material = file.material
        table.add_row("material", f"E = {material.young:g} MPa, nu = {material.poisson:g}")
    for name, value in file.options.items():
        table.add_row(name, str(value))
    console.print(table)


def _load_case(task: Problem) -> Iterator[tuple[str, str]]:
    """Supports, targets and loads of one load case."""
    for title, array in (("supports", task.prescribed), ("targets", task.target)):
        for component, name in enumerate(("u_x", "u_y")):
            values = array[..., component]
            values = values[values == values]
            if len(values):
                text = f"{len(values)} nodes, {values.min():g} to {values.max():g} cells"
                yield f"{title}, {name}", text
    for title, loads in (("forces", task.forces), ("springs", task.springs)):
        if loads is not None:
            count = int(loads.any(axis=2).sum())
            yield title, f"{count} nodes, at most {abs(loads).max():g}"
    if task.tractions is not None:
        count = int(task.tractions.any(axis=3).sum())
        largest = abs(task.tractions).max()
        yield "tractions", f"{count} sides of cells, at most {largest:g}"


@problem_app.command()
def draw(
    problem: FileOrName,
    output: Annotated[Path, typer.Option(help="Picture: .png, .pdf or .svg.")],
    rows: Rows = None,
    cols: Cols = None,
    settings: Settings = None,
    width: FigureWidth = "double",
    overwrite: Overwrite = False,
) -> None:
    """Draw the supports, the loads and the targets of a problem."""
    figure_width = width_of(width)
    require_picture_target(output, overwrite)
    file = open_problem(problem, rows, cols, settings)
    from metafast.plotting import plot_problem

    plot_problem(file.problem, cell_size=file.cell_size, path=output, width=figure_width)
    console.print(f"written to {output}")


@problem_app.command()
def schema(
    study: Annotated[bool, typer.Option("--study", help="Of study files instead.")] = False,
) -> None:
    """Print the JSON Schema of problem files or studies, for editors and other programs."""
    import json

    if study:
        from metafast.studies.models import study_schema as made
    else:
        from metafast.pipeline.problem_options import schema as made
    print(json.dumps(made(), indent=2))


@problem_app.command("list")
def shipped() -> None:
    """List the problems that ship with metafast."""
    import tomllib

    from metafast.problems.file import shipped_problems, shipped_text

    table = table_of("problems", "name", "")
    table.columns[1].justify = "left"
    for name in shipped_problems():
        table.add_row(name, tomllib.loads(shipped_text(name))["about"])
    console.print(table)


@problem_app.command()
def show(
    problem: Annotated[
        str,
        typer.Argument(help="A shipped problem, a .toml file, or the directory of a design."),
    ],
) -> None:
    """Print the text of a problem file, also the one that a design was made from."""
    from metafast.pipeline.problem_file import holds_design, source_of_design, source_text

    if not holds_design(problem):
        print(source_text(problem)[0], end="")
        return
    source = source_of_design(problem)
    for name, value in source.changes.items():
        print(f"# changed: {name} = {value}")
    print(source.text, end="")
