"""Wrong values of every option of every command: one clear message, status 2, nothing written."""

import io
import zipfile

import h5py
import numpy as np
import pytest
from reference.hostile_arguments import Answer
from reference.hostile_commands import (
    GIVEN,
    command_answer,
    command_answers,
    commands,
    write_small_files,
)

_RANGE = "start = 0.1\nstop = 0.5\n"
_FIND = "families find --model=model.h5 --database=cells.h5 --output=f"
_LISTS = "C11 = [1, 2]\nC12 = [0, 0]\nC22 = [1, 2]\nC33 = [1, 1]\n"
GRADATIONS = {
    "syntax.py": "def gradation(:",
    "no_function.py": f"{_RANGE}gradation = 3",
    "strings.py": f"{_RANGE}def gradation(t): return ['a'] * 4",
    "text.py": f"{_RANGE}def gradation(t): return 'abcd'",
    "raises.py": f"{_RANGE}def gradation(t): return 1 / 0",
    "nan.py": f"{_RANGE}def gradation(t): return [t, float('nan'), t, t]",
    "leaves.py": "raise SystemExit(0)",
    "leaves_later.py": f"{_RANGE}def gradation(t): raise SystemExit(0)",
    "imports.py": "import no_such_module",
    "no_utf8.py": b"x = '\xff'",
    "scalars.toml": "parameter = 1\nC11 = 1\nC12 = 1\nC22 = 1\nC33 = 1\n",
    "infinite.toml": f"parameter = [0.1, inf]\n{_LISTS}",
    "booleans.toml": f"parameter = [false, true]\n{_LISTS}",
    "dates.toml": f"parameter = [1979-05-27, 1979-05-28]\n{_LISTS}",
    "no_utf8.toml": b"name = '\xff'",
}
COMMANDS = [
    *(f"{_FIND} --gradation={name}" for name in GRADATIONS),
    f"{_FIND} --count=1000000000",
    "assemble encrypted.npz",
    "assemble unknown_compression.npz",
    "homogenize large.npz",
    "homogenize large.npy",
    "homogenize large.h5",
    "database import large.npz --output=x.h5",
    "database import large.h5 --output=x.h5",
    "database build --output=b.h5 --scheduler=nonsense",
    "database build --output=b.h5 --size=1000000000000000",
    "database build --output=b.h5 --checkpoint=b.h5",
    "train --output=m.h5 --checkpoint=m.h5",
    "train --output=m.h5 --hidden=1000000000000",
    "train --output=m.h5 --latent=1000000000",
    "database plot cells.h5 --output=x.xyz",
    "database plot cells.h5 --output=x",
    "latent traverse --output=x",
    "families show cells.h5 --output=x",
    "homogenize cells.npy --refine=1000000000",
    "design bridge --output=d --rows=1000000 --cols=1000000",
    "design bridge --output=d --database=cells.h5 --mesh=100000",
    "design bridge --output=d --database=cells.h5 --candidates=1000000000",
    "problem check bridge --rows=1000000000000",
    "latent sample --output=s.png --count=10000000000",
]


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


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Folder of files that are wrong in ways that other libraries find."""
    folder = tmp_path_factory.mktemp("files")
    write_small_files(folder)
    for name, text in GRADATIONS.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    tables = {"unary": np.zeros((2, 2, 2)), "horizontal": np.eye(2), "vertical": np.eye(2)}
    np.savez(folder / "tables.npz", **tables)
    whole = (folder / "tables.npz").read_bytes()
    (folder / "encrypted.npz").write_bytes(_changed(whole, 6, 1))
    (folder / "unknown_compression.npz").write_bytes(_changed(whole, 8, 97))
    head = io.BytesIO()
    form = {"descr": "|u1", "fortran_order": False, "shape": (2**40, 8, 8)}
    np.lib.format.write_array_header_1_0(head, form)
    (folder / "large.npy").write_bytes(head.getvalue())
    with zipfile.ZipFile(folder / "large.npz", "w") as archive:
        archive.writestr("cells.npy", head.getvalue())
    with h5py.File(folder / "large.h5", "w") as file:
        file.create_dataset("cells", (2**40, 8, 8), "u1", chunks=(1024, 8, 8))
    return folder


def _changed(archive, offset, value):
    """A zip archive with one byte of every head changed, which lies two further in the index."""
    data = bytearray(archive)
    for mark, place in ((b"PK\x03\x04", offset), (b"PK\x01\x02", offset + 2)):
        found = data.find(mark)
        while found >= 0:
            data[found + place] = value
            found = data.find(mark, found + 1)
    return bytes(data)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("command", COMMANDS)
def test_commands_that_once_failed_unclearly(files, monkeypatch, command):
    monkeypatch.chdir(files)
    found, printed = command_answer(files, command.split(), refused=True)
    assert found is Answer.CLEAR, printed
