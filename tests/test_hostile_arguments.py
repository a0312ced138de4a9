"""Wrong arguments of every public function: a clear error of ours, soon, and nothing accepted."""

import inspect

import pytest
from reference.hostile_arguments import Answer, answers, calls, not_called

import metafast as mf

ELSEWHERE = {"latent", "problems"}  # modules, whose functions are called by their own names
OTHERS = {"merge_databases", "import_database"}


def test_every_public_name_is_called():
    called = {name.split(".")[0] for name in calls()}
    assert set(mf.__all__) - called - not_called() - ELSEWHERE - OTHERS == set()


def test_every_argument_is_called():
    for name, call in calls().items():
        kinds = inspect.signature(call.function).parameters.values()
        needed = {each.name for each in kinds if each.default is each.empty}
        assert needed <= {*call.arguments, "changes", "parameters", "args", "kwargs"}, name


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_wrong_arguments_are_refused_clearly():
    wrong = [f"{name}({what}): {found.value}" for name, what, found in answers()
             if found is not Answer.CLEAR]  # fmt: skip
    assert not wrong, "\n".join(wrong)
