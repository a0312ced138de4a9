"""The documentation site: it has every public name and every page, and builds without warnings."""

import hashlib
import html
import importlib.util
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote

import pytest

import metafast as mf

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ENTRY = re.compile(r"^\.\. auto(?:function|class|exception|data|module):: ([\w.]+)$", re.MULTILINE)
LINK = re.compile(r'(?:href|src)="([^"]+)"')
TOCTREE = re.compile(r"^```\{toctree\}\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def test_every_public_name_has_one_entry():
    entries = [name for page in DOCS.glob("api/*.md") for name in ENTRY.findall(page.read_text())]
    names = [name.rpartition(".")[2] for name in entries]
    assert len(names) == len({*names})
    assert {*names} == {*mf.__all__, "plotting"}


def test_the_list_of_names_is_that_of_the_pages():
    listed = dict(
        re.findall(r"\]\((\w+)\.md\) \| (.*) \|$", (DOCS / "api/index.md").read_text(), re.M)
    )
    assert {*listed} == {page.stem for page in DOCS.glob("api/*.md")} - {"index"}
    for stage, names in listed.items():
        entries = ENTRY.findall((DOCS / "api" / f"{stage}.md").read_text())
        there = [name.rpartition(".")[2] for name in entries]
        assert [name.rpartition(".")[2] for name in re.findall(r"`([\w.]+)`", names)] == there


def listed_pages(page):
    """Paths of the pages in the tables of contents of a page."""
    for block in TOCTREE.findall(page.read_text()):
        for line in block.splitlines():
            if line and not line.startswith(":"):
                yield (page.parent / f"{line}.md").resolve()


def test_every_page_is_in_a_table_of_contents():
    pages = {*DOCS.glob("**/*.md")} - {*DOCS.glob("_build/**")}
    listed = [each for page in pages for each in listed_pages(page)]
    assert all(each.is_file() for each in listed)
    assert {page.resolve() for page in pages} - {*listed} == {DOCS / "index.md"}


@pytest.mark.skipif(
    importlib.util.find_spec("myst_parser") is None, reason="pip install 'metafast[docs]'"
)
def test_the_site_builds_without_warnings(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-c", str(DOCS)]
    done = subprocess.run(
        [*command, "-d", str(tmp_path / "doctrees"), str(ROOT), str(tmp_path / "html")],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    for page in ("docs/index", "docs/api/pipeline", "README", "benchmarks/RESULTS"):
        assert (tmp_path / "html" / f"{page}.html").is_file()
    objects = (tmp_path / "html" / "docs" / "api" / "pipeline.html").read_text()
    assert 'id="metafast.design"' in objects
    broken = [f"{page}: {link}" for page, link in broken_links(tmp_path / "html")]
    assert not broken, "\n".join(broken)


def test_what_ships_has_the_checksums_of_its_card():
    folder = ROOT / "metafast" / "assets"
    rows = re.findall(
        r"^\| `(.+)` \| `([0-9a-f]{64})` \|$", (folder / "README.md").read_text(), re.M
    )
    shipped = {path for path in folder.rglob("*") if path.suffix in {".h5", ".npy"}}
    assert {folder / name for name, _ in rows} == shipped
    for name, checksum in rows:
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == checksum


def broken_links(site):
    """(page, link) of the links within a site that lead to no file or to no place in it."""
    pages = {page: page.read_text(encoding="utf-8") for page in site.rglob("*.html")}
    places = {page: {*re.findall(r'\bid="([^"]+)"', text)} for page, text in pages.items()}
    for page, text in pages.items():
        for link in LINK.findall(text):
            outside = re.match(r"[a-z]+:|//|#$", link)
            # Sphinx leads back from sources by the name of the package, not of the module
            if outside or page.relative_to(site).parts[0] == "_modules":
                continue
            path, _, place = html.unescape(link).partition("#")
            target = (page.parent / unquote(path.partition("?")[0])).resolve() if path else page
            there = (
                not place or target.suffix != ".html" or unquote(place) in places.get(target, ())
            )
            if not target.exists() or not there:
                yield page.relative_to(site), link
