"""Options from dataclasses: every kind of field, defaults and help typed once."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import pytest
import typer
from typer.testing import CliRunner

from metafast.cli.dataclass_options import options_from, parameter_help


@dataclass(frozen=True)
class Settings:
    """Settings of a stage.

    Parameters
    ----------
    rounds : int
        Number of `passes`;
        two lines.
    weight, least_width : float
        Weight or width, relative to ``E``.

        A second paragraph.
    kinematics : {"finite", "linear"}
        Kinematics of the body.
    source : {"near", "far"}, optional
        Where cells come from.
    exact : bool
        Exact integration.
    limit : float, optional
        Limit in seconds; none by default.
    path : Path
    hidden : int
        Not shown.

    Raises
    ------
    ValueError
        If rounds is negative.
    """

    rounds: int = 5
    weight: float = 0.5
    least_width: float = 2.0
    kinematics: Literal["finite", "linear"] = "finite"
    source: Literal["near", "far"] | None = None
    exact: bool = False
    limit: float | None = None
    path: Path = field(default_factory=lambda: Path("here"))
    hidden: int = 7
    derived: int = field(default=0, init=False)

    def __post_init__(self):
        if self.rounds < 0:
            raise ValueError(f"rounds is {self.rounds}; at least 0 is needed")


def command_of(received):
    app = typer.Typer()

    @app.command()
    @options_from(Settings, skip=("hidden",))
    def work(
        name: Annotated[str, typer.Argument(help="A name.")],
        settings: Settings,
        loud: Annotated[bool, typer.Option(help="Aloud.")] = False,
    ) -> None:
        """Work on something."""
        received.append((name, settings, loud))

    return app


def run(*arguments):
    received = []
    result = CliRunner().invoke(command_of(received), [*arguments])
    return result, received


def test_defaults_are_those_of_the_dataclass():
    result, received = run("bridge")
    assert result.exit_code == 0, result.output
    assert received == [("bridge", Settings(), False)]


def test_every_kind_of_field_can_be_said():
    result, received = run(
        *("bridge", "--rounds", "2", "--weight", "0.25", "--least-width", "3"),
        *("--kinematics", "linear", "--source", "far", "--exact", "--limit", "1.5"),
        *("--path", "there", "--loud"),
    )
    assert result.exit_code == 0, result.output
    expected = Settings(2, 0.25, 3.0, "linear", "far", True, 1.5, Path("there"))
    assert received == [("bridge", expected, True)]
    assert received[0][1].hidden == 7
    assert run("bridge", "--no-exact")[1][0][1].exact is False


def test_what_is_no_choice_or_no_number_is_refused():
    for arguments, said in (
        (("--kinematics", "quadratic"), "finite"),
        (("--rounds", "few"), "rounds"),
        (("--hidden", "3"), "hidden"),
        (("--derived", "3"), "derived"),
    ):
        result, received = run("bridge", *arguments)
        assert result.exit_code == 2
        assert said in result.output
        assert not received


def test_the_dataclass_checks_the_values():
    result, _ = run("bridge", "--rounds", "-1")
    assert isinstance(result.exception, ValueError)
    assert "rounds is -1" in str(result.exception)


def test_help_comes_from_the_docstring():
    text = CliRunner().invoke(command_of([]), ["--help"], env={"COLUMNS": "200"}).output
    assert "Work on something." in text
    for part in (
        "Number of passes; two lines.",
        "Weight or width, relative to E. A second paragraph.",
        "finite|linear",
        "near|far",
        "[default: 5]",
        "Limit in seconds; none by default.",
        "--no-exact",
    ):
        assert part in text, text
    assert "Not shown" not in text
    assert "negative" not in text


def test_descriptions_of_parameters():
    found = parameter_help(Settings)
    assert found["weight"] == found["least_width"]
    assert "path" not in found
    assert found["hidden"] == "Not shown."

    class Undocumented:
        pass

    assert parameter_help(Undocumented) == {}


def test_required_fields_are_required_options():
    @dataclass
    class Needed:
        size: int

    app, received = typer.Typer(), []

    @app.command()
    @options_from(Needed)
    def work(needed: Needed) -> None:
        received.append(needed)

    assert CliRunner().invoke(app, []).exit_code == 2
    assert CliRunner().invoke(app, ["--size", "3"]).exit_code == 0
    assert received == [Needed(3)]


def test_mistakes_of_the_programmer_are_named():
    with pytest.raises(TypeError, match="no field colour"):
        options_from(Settings, skip=("colour",))
    with pytest.raises(TypeError, match="needs a parameter of type Settings"):
        options_from(Settings)(lambda: None)

    def work(rounds: int, settings: Settings) -> None: ...

    with pytest.raises(TypeError, match="both have rounds"):
        options_from(Settings)(work)
