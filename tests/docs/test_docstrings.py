"""Examples in docstrings run and give what they say; designs and studies are only called."""

import doctest
import inspect
import re
from pathlib import Path
from types import ModuleType
from unittest.mock import create_autospec

import numpy as np
import pytest

import metafast as mf

HOWTO = Path(__file__).parents[2] / "docs" / "howto.md"
LONG = {"design": mf.Design, "design_many": None, "run_study": mf.StudyResult}


class Checker(doctest.OutputChecker):
    """Compares what an example says only where it says something."""

    def check_output(self, want, got, optionflags):
        return not want or super().check_output(want, got, optionflags)


def examples():
    """Doctests of the package and of every public function, class and method, by name."""
    finder, found = doctest.DocTestFinder(recurse=True), {}
    own = {"metafast": ModuleType("metafast", mf.__doc__)}
    for name, each in {**own, **{name: getattr(mf, name) for name in mf.__all__}}.items():
        if callable(each) or name in own:
            home = inspect.getmodule(each) if callable(each) else each
            tests = finder.find(each, name, home, globs={})
            found |= {test.name: test for test in tests if test.examples}
    return found


EXAMPLES = examples()


@pytest.fixture
def names(monkeypatch):
    """What examples may use; long functions check how they are called and return stand-ins."""
    for name, kind in LONG.items():
        made = None if kind is None else create_autospec(kind, instance=True)
        monkeypatch.setattr(mf, name, create_autospec(getattr(mf, name), return_value=made))
    return {"mf": mf, "np": np}


def test_there_are_some():
    assert {"metafast", "homogenize", "solve_mrf", "tile", "Study"} <= EXAMPLES.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_run(name, names, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arch = re.search(r"^```toml\n(.*?)^```$", HOWTO.read_text(encoding="utf-8"), re.M | re.S)[1]
    (tmp_path / "arch.toml").write_text(arch, encoding="utf-8")
    test = EXAMPLES[name]
    test.globs = names
    said = []
    result = doctest.DocTestRunner(Checker()).run(test, out=said.append)
    assert result.attempted == len(test.examples)
    assert result.failed == 0, "".join(said)
