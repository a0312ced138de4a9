"""The list of mutants fits today's code, and the page of the docs says how they fared."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "theory" / "mutants.md").read_text()


@pytest.fixture(scope="module")
def mutants():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import mutants

    yield mutants
    sys.path.remove(str(ROOT / "benchmarks"))
    for name in ("mutants", "mutant_sites", "mutants_of_the_paper"):
        sys.modules.pop(name, None)


def test_every_equation_has_mutants_and_every_mutant_compiles(mutants):
    for equation in mutants.EQUATIONS:
        found = mutants.mutants_of(equation)
        assert found, equation.name
        names = [each.name for each in found]
        assert len(set(names)) == len(names)
        assert all((ROOT / test.split("::")[0]).exists() for test in equation.tests)
        source = (ROOT / equation.path).read_text()
        assert all(each.source != source for each in found)


def test_known_survivors_are_mutants(mutants):
    names = {e.name: {m.name for m in mutants.mutants_of(e)} for e in mutants.EQUATIONS}
    assert all(mutant in names[equation] for equation, mutant in mutants.KNOWN)


def test_the_page_has_every_equation_and_no_survivor(mutants):
    rows = dict(
        re.findall(r"^\| (.+?) \| `.*\| (\d+ \| \d+ \| \d+ \| \d+) \|$", PAGE, re.MULTILINE)
    )
    assert list(rows) == [equation.name for equation in mutants.EQUATIONS]
    for numbers in rows.values():
        count, killed, known, alive = map(int, numbers.split(" | "))
        assert count == killed + known + alive
        assert alive == 0
    assert "## Survivors" not in PAGE


def test_a_mutant_is_what_is_imported(mutants, tmp_path):
    """A changed source takes the place of the module's own, and its file stays as it is."""
    found = mutants.mutants_of_python("def half(x):\n    return 0.5 * x\n", ("half",))
    assert {each.name for each in found} == {"half: 0.5 * x → 0.5 / x", "half: 0.5 → 0.75"}
    space = {}
    exec(next(each.source for each in found if "0.75" in each.name), space)
    assert space["half"](4.0) == 3.0
    text = "double half(double x) {\n    return x / 2.0;\n}\n"
    (only,) = mutants.mutants_of_cpp("\n" + text, ("half",))
    assert "return x * 2.0;" in only.source
