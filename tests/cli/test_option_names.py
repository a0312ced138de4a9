"""Errors on the command line name the option that was typed, not the argument in Python."""

import pytest
import typer

from metafast.cli.app import app
from metafast.cli.option_names import option_names, with_options

GROUP = typer.main.get_command(app)


def commands(command=GROUP, words=()):
    """Words and command of every command, those of groups too."""
    inner = getattr(command, "commands", {})
    if not inner:
        yield words, command
    for name, each in inner.items():
        yield from commands(each, (*words, name))


ALL = dict(commands())


@pytest.mark.parametrize("words", ALL, ids=" ".join)
def test_every_option_is_named_as_it_is_typed(words):
    names = option_names(GROUP, [*words, "--other", "1"])
    options = {each.name: each for each in ALL[words].params if each.param_type_name == "option"}
    assert set(options) <= set(names)
    for name, option in names.items():
        assert any(option in each.opts for each in options.values())
        assert with_options(f"{name} is 0; 1 is needed", names) == f"{option} is 0; 1 is needed"


def test_words_that_are_no_arguments_are_left():
    names = option_names(GROUP, ["design", "bridge"])
    for message in (
        "arch.toml, line 3, design.candidates: candidates is 0; at least 1 is needed",
        "the rows of the database came; use fewer rows",
        "count is what there is",
    ):
        assert with_options(message, {"rows": "--rows", "candidates": "--candidates"}) == message
    text = "400 cells carry; lower least_stiffness, or use a larger database"
    assert "lower --least-stiffness, or" in with_options(text, names)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("design", "bridge", "--candidates", "0"), "--candidates is 0"),
        (("design", "bridge", "--least-side-solid", "3"), "--least-side-solid is 3"),
        (("latent", "sample", "--count", "0"), "--count is 0"),
    ],
)
def test_the_option_is_in_the_error(run, tmp_path, capsys, arguments, message):
    assert run(*arguments, "--output", tmp_path / "out.png") == 2
    assert capsys.readouterr().err.startswith(f"error: {message}")
