"""Wrong arguments that once got no clear answer: refused as a kind, soon, in words of ours."""

import pytest
from reference.bad_inputs import ROWS, bad_input_answers
from reference.hostile_arguments import Answer


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ROWS)
def test_wrong_arguments_are_refused(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    wrong = [f"{call}: {found.value}" for call, found in bad_input_answers([kind])
             if found is not Answer.CLEAR]  # fmt: skip
    assert not wrong, "\n".join(wrong)
    assert not list(tmp_path.iterdir())
