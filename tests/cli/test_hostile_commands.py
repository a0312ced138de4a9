"""Wrong values of every option of every command: one clear message, status 2, nothing written."""

import pytest
from reference.hostile_arguments import Answer
from reference.hostile_commands import GIVEN, command_answers, commands


def test_every_command_is_walked():
    assert {name for name, _ in commands()} == set(GIVEN)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_wrong_values_are_refused_clearly(every):
    found = list(command_answers(every))
    assert len(found) > (1000 if every else 200)
    wrong = [f"{command} {what}: {answer.value}: {printed[-300:]}"
             for command, what, answer, printed in found if answer is not Answer.CLEAR]  # fmt: skip
    assert not wrong, "\n".join(wrong)
