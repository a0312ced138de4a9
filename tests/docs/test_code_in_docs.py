"""Python blocks of the documentation run; options on its command lines exist."""

import re
import shlex
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import typer
from PIL import Image

import metafast as mf
from metafast.cli.app import app
from metafast.problems import CellKind

ROOT = Path(__file__).parents[2]
PAGES = ("README.md", "docs/howto.md", "docs/tutorial.md")
EVERY_PAGE = sorted(
    path.relative_to(ROOT).as_posix() for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]
)
BLOCK = re.compile(r"^(?:<!-- (slow) -->\n)?```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(
    r"metafast (?:design|study|plot|solve|report|problem|verify|export|database|train|latent"
    r"|families|homogenize|inverse|assemble|app)\b.*"
)


def blocks(page):
    """(first line, slow, code) of every Python block of a page."""
    text = (ROOT / page).read_text()
    return [
        (text[: found.start(2)].count("\n") + 1, bool(found[1]), found[2])
        for found in BLOCK.finditer(text)
    ]


def run(page, slow, folder, monkeypatch):
    """Run the blocks in order in one namespace, those marked slow only if asked to."""
    monkeypatch.chdir(folder)
    matplotlib.use("Agg")
    names = {"__name__": page}
    for line, is_slow, code in blocks(page):
        if is_slow and not slow:
            continue
        # empty lines in front: a traceback then names the line of the page
        exec(compile("\n" * (line - 1) + code, str(ROOT / page), "exec"), names)


@pytest.mark.parametrize("page", PAGES)
def test_python_blocks_run(page, tmp_path, monkeypatch):
    assert blocks(page)
    run(page, False, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(
    "page", [page for page in PAGES if any(slow for _, slow, _ in blocks(page))]
)
def test_slow_python_blocks_run(page, tmp_path, monkeypatch):
    run(page, True, tmp_path, monkeypatch)


TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_problem_files_in_text_are_right(tmp_path):
    text, loads, asked, body, cases, study = TOML.findall((ROOT / "docs" / "howto.md").read_text())
    (tmp_path / "arch.toml").write_text(text)
    file = mf.read_problem(tmp_path / "arch.toml")
    same = mf.read_problem("arch")
    assert file.problem.name == "arch"
    np.testing.assert_allclose(file.problem.target, same.problem.target, atol=1e-15)
    np.testing.assert_allclose(file.problem.prescribed, same.problem.prescribed, atol=1e-15)
    assert mf.read_problem(tmp_path / "arch.toml", rise="2mm").problem.rows == 5
    Image.new("L", (50, 50), "black").save(tmp_path / "rib.png")
    (tmp_path / "arch.toml").write_text(text + body)
    holed = mf.read_problem(tmp_path / "arch.toml").problem
    assert (holed.kinds[-1] == CellKind.GIVEN).all()
    assert not holed.present[2:4, 3:5].any()
    assert holed.designed.sum() == 4 * 20 - 4
    (tmp_path / "arch.toml").write_text(text + loads)
    loaded, young = mf.read_problem(tmp_path / "arch.toml").problem, file.material.young
    assert loaded.forces.min() == pytest.approx(-2 / (young * 10 * 4))
    assert loaded.tractions.min() == pytest.approx(-0.1 / (young * 4))
    assert loaded.springs.max() == pytest.approx(5 / (young * 4))
    (tmp_path / "arch.toml").write_text(text + asked.replace("compliance", "displacement"))
    assert mf.read_problem(tmp_path / "arch.toml").problem.solid_share == 0.5
    worst, case = cases.split("\n\n", 1)
    bottom = "[[supports]]\nplace = 'bottom'\nu_y = 0\n"
    head = text[: text.index("[[supports]]")] + bottom
    lifted = case.replace("squeezed", "lifted").replace("0.3*", "0.2*")
    (tmp_path / "arch.toml").write_text(f"{worst}\n{head}\n{case}\n{lifted}")
    both = mf.read_problem(tmp_path / "arch.toml").problem
    assert both.worst
    assert both.cases == ("squeezed", "lifted")
    (tmp_path / "study.toml").write_text(study)
    assert mf.Study.load(tmp_path / "study.toml") == mf.Study.load(ROOT / "examples/study.toml")


def commands(page):
    """Command lines of metafast in console blocks and in inline code."""
    text = (ROOT / page).read_text()
    shell = "\n".join(
        re.findall(r"^```(?:console|bash)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    )
    inline = re.findall(
        r"`([^`\n]*(?:\n[^`\n]+)?)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)
    )
    lines = shell.replace("\\\n", " ").splitlines() + [code.replace("\n", " ") for code in inline]
    for line in lines:
        found = COMMAND.search(line)
        if found and (line in inline or line.startswith("$")):
            yield shlex.split(found[0].replace("...", ""), comments=True)[1:]


def command_of(words):
    """The typer command of a command line, and the words after its name."""
    command, words = typer.main.get_command(app), list(words)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    return command, words


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_command_lines_have_only_options_that_exist(page):
    for words in commands(page):
        command, rest = command_of(words)
        assert not hasattr(command, "commands") or not rest, f"no such command: {' '.join(words)}"
        known = {name for option in command.params for name in option.opts + option.secondary_opts}
        known.add("--help")
        for word in rest:
            option = word.partition("=")[0]
            assert not option.startswith("-") or option in known, f"{option} in: {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES)
def test_options_named_in_text_exist(page):
    """Inline code that is a single option names one of some command."""
    every = set()

    def collect(command):
        every.update(name for option in command.params for name in option.opts)
        for inner in getattr(command, "commands", {}).values():
            collect(inner)

    collect(typer.main.get_command(app))
    named = re.findall(r"`(--[a-z-]+)[^`]*`", (ROOT / page).read_text())
    assert set(named) <= every


def test_commands_are_found():
    assert sum(len(list(commands(page))) for page in EVERY_PAGE) > 20


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_links_and_pictures_exist(page):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(([^)#:]*)(?:#[^)]*)?\)", text):
        assert not target or ((ROOT / page).parent / target).exists(), target


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_links_to_headings_exist(page):
    text = (ROOT / page).read_text()
    for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", text):
        other = (ROOT / page).parent / target if target else ROOT / page
        titles = re.findall(r"^#+ (.*)$", other.read_text(), re.MULTILINE)
        slugs = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
        assert heading in slugs, f"{target}#{heading}"


def test_theory_has_a_page_for_folders_of_the_package():
    for page in (ROOT / "docs" / "theory").glob("*.md"):
        whole = page.stem in ("index", "departures", "mutants")  # pages for all stages
        assert whole or (ROOT / "metafast" / page.stem).is_dir(), page.stem
