"""Mutants of the paper's equations, and which of them the tests kill.

Run: python benchmarks/mutants.py [NAME ...] [--list] [--write]
A mutant is the package with one number, operator or call of an equation changed. The tests of that
equation are run on each; a mutant that they let pass is a survivor. Names choose equations, --list
prints the mutants without running any, --write renders docs/theory/mutants.md (all equations).
The files of the package stay as they are: each mutant is compiled in a process of its own. What
was found is kept in results/mutants.partial until the code or the tests of an equation change.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib.abc
import importlib.machinery
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mutant_sites import Mutant, mutants_of_cpp, mutants_of_python
from mutants_of_the_paper import EQUATIONS, KNOWN, Equation

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "theory" / "mutants.md"
PARTIAL = ROOT / "benchmarks" / "results" / "mutants.partial"  # what is known for the same files
PRELOADED = (
    "numpy", "scipy.ndimage", "scipy.sparse.csgraph", "torch", "numba", "sklearn.decomposition",
    "h5py", "networkx", "hypothesis", "pytest",
)  # fmt: skip
HEAD = """\
# Mutants of the paper's equations

Written by `python benchmarks/mutants.py --write`. A mutant is the code of an equation with one
number, operator or call changed: a factor of 2 made 3, a sum made a mean, a sign turned. The tests
of the equation ran on each of them. What they let pass is not pinned down, and got a test, unless
the change computes the same or another test kills it: those are below.

| equation | code | mutants | killed | known | survive |
|---|---|---|---|---|---|
"""


class MutatedModule(importlib.machinery.SourceFileLoader):
    """Loader that compiles another source in place of a module's own."""

    source = ""

    def get_code(self, fullname):
        return compile(self.source, self.path, "exec", dont_inherit=True)


class MutatedImport(importlib.abc.MetaPathFinder):
    """Finder of the one module that is mutated."""

    def __init__(self, path: Path, source: str) -> None:
        self.name = ".".join(path.with_suffix("").parts)
        self.path, self.source = ROOT / path, source

    def find_spec(self, fullname, path=None, target=None):
        if fullname != self.name:
            return None
        loader = MutatedModule(fullname, str(self.path))
        loader.source = self.source
        return importlib.machinery.ModuleSpec(fullname, loader, origin=str(self.path))


def passes(equation: Equation, mutant: Mutant | None, limit: float) -> bool:
    """Whether the tests of an equation pass on a mutant; on the package itself for None.

    Tests that take longer than the limit, in seconds, do not pass: a loop may never end.
    """
    if equation.path.suffix == ".cpp":
        return passes_in_cpp(equation, None if mutant is None else mutant.source)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        os._exit(run_tests(equation, mutant))
    begun = time.monotonic()
    while time.monotonic() - begun < limit:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def run_tests(equation: Equation, mutant: Mutant | None) -> int:
    """Exit status of pytest, in a process of its own."""
    import pytest

    if mutant is not None:
        sys.meta_path.insert(0, MutatedImport(equation.path, mutant.source))
    os.chdir(ROOT)
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0",
               "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
    try:
        return int(pytest.main([*options, *equation.tests]))
    except BaseException:
        return 1


def passes_in_cpp(equation: Equation, source: str | None) -> bool:
    """Whether the unit tests (GoogleTest) of a C++ file pass, with another source in its place."""
    with tempfile.TemporaryDirectory() as folder:
        program, file = Path(folder) / "tests", Path(folder) / equation.path.name
        file.write_text((ROOT / equation.path).read_text() if source is None else source)
        words = ["g++", "-std=c++20", "-O1", "-w", "-ffp-contract=off", f"-I{ROOT / 'cpp'}"]
        words += [str(file), *(str(ROOT / test) for test in equation.tests)]
        words += ["-lgtest_main", "-lgtest", "-lpthread", "-o", str(program)]
        for command in (words, [str(program)]):
            try:
                ended = subprocess.run(command, capture_output=True, timeout=60, check=False)
            except subprocess.TimeoutExpired:
                return False
            if ended.returncode:
                return False
        return True


def mutants_of(equation: Equation) -> list[Mutant]:
    """All mutants of an equation."""
    source = (ROOT / equation.path).read_text()
    if equation.path.suffix == ".cpp":
        return mutants_of_cpp(source, equation.names)
    found = mutants_of_python(source, equation.names)
    for old, new in equation.replaced:
        if source.count(old) != 1:
            raise ValueError(f"{equation.path} has {old!r} {source.count(old)} times, not once")
        found.append(Mutant(f"{old.strip()} → {new.strip()}", source.replace(old, new)))
    for mutant in found:
        ast.parse(mutant.source)
    return found


def judged(equation: Equation) -> tuple[int, list[str]]:
    """As `judge`, or what it found before for the same code and tests."""
    files = [equation.path, *{Path(test.split("::")[0]) for test in equation.tests}]
    text = "".join(sorted((ROOT / file).read_text() for file in files)) + repr(equation)
    key = hashlib.sha256(text.encode()).hexdigest()
    found = json.loads(PARTIAL.read_text()) if PARTIAL.exists() else {}
    if key not in found:
        result = judge(equation)
        found = json.loads(PARTIAL.read_text()) if PARTIAL.exists() else {}
        new = PARTIAL.with_suffix(".new")
        new.write_text(json.dumps({**found, key: result}))
        new.replace(PARTIAL)
        return result
    count, survivors = found[key]
    return count, survivors


def judge(equation: Equation) -> tuple[int, list[str]]:
    """Number of mutants of an equation, and those that survive."""
    begun = time.monotonic()
    if not passes(equation, None, 600.0):
        raise SystemExit(f"the tests of {equation.name} fail without any mutant; mend them first")
    base = time.monotonic() - begun
    mutants, survivors = mutants_of(equation), []
    for mutant in mutants:
        if passes(equation, mutant, 30.0 + 5.0 * base):
            survivors.append(mutant.name)
            known = KNOWN.get((equation.name, mutant.name))
            print(f"  {'known' if known else 'SURVIVES'}: {mutant.name}", flush=True)
    spent = time.monotonic() - begun
    killed = len(mutants) - len(survivors)
    print(f"{equation.name}: {killed} of {len(mutants)} killed, {spent:.0f} s", flush=True)
    return len(mutants), survivors


def page(results: dict[str, tuple[int, list[str]]]) -> str:
    """The page of the docs."""
    rows, same, alive = [], [], []
    for equation in EQUATIONS:
        count, survivors = results[equation.name]
        known = [each for each in survivors if (equation.name, each) in KNOWN]
        names = ", ".join(f"`{name}`" for name in equation.names) or "single lines"
        left = len(survivors) - len(known)
        rows.append(f"| {equation.name} | `{equation.path}`: {names} | {count} "
                    f"| {count - len(survivors)} | {len(known)} | {left} |")  # fmt: skip
        for each in known:
            shown = each.replace("|", "\\|")
            same.append(f"| {equation.name} | `{shown}` | {KNOWN[equation.name, each]} |")
        alive += [f"- {equation.name}: `{each}`" for each in survivors if each not in known]
    total = sum(count for count, _ in results.values())
    left = sum(len(survivors) for _, survivors in results.values())
    rows.append(f"| all | | {total} | {total - left} | {len(same)} | {len(alive)} |")
    text = HEAD + "\n".join(rows) + "\n"
    if same:
        head = [
            "",
            "## Known survivors",
            "",
            "| equation | mutant | why |",
            "|---|---|---|",
        ]
        text += "\n".join([*head, *same, ""])
    return text + ("\n## Survivors\n\n" + "\n".join(alive) + "\n" if alive else "")


def main() -> None:
    """Judge the equations that were asked for."""
    form = argparse.RawTextHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    parser.add_argument("names", nargs="*", help="equations; all by default")
    parser.add_argument("--list", action="store_true", help="print the mutants and run none")
    parser.add_argument("--write", action="store_true", help="write the page of the docs")
    given = parser.parse_args()
    chosen = [e for e in EQUATIONS if not given.names or any(n in e.name for n in given.names)]
    if given.list:
        for equation in chosen:
            print(equation.name, *(f"  {each.name}" for each in mutants_of(equation)), sep="\n")
        return
    if given.write and len(chosen) < len(EQUATIONS):
        parser.error("--write needs all equations; leave the names out")
    sys.path.insert(0, str(ROOT))
    for name in PRELOADED:  # forked processes then start at once
        importlib.import_module(name)
    results = {equation.name: judged(equation) for equation in chosen}
    if given.write:
        partial = PAGE.with_suffix(".partial")
        partial.write_text(page(results))
        partial.replace(PAGE)
    alive = [(name, each) for name, (_, survivors) in results.items() for each in survivors]
    if not all(each in KNOWN for each in alive):
        raise SystemExit("some mutants survive")


if __name__ == "__main__":
    main()
