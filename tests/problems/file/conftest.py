"""A problem file that is right, to be spoiled."""

import pytest

import metafast as mf

ARCH = """\
name = "arch"

[size]
rows = 3
cols = 8
cell_size = "10mm"

[parameters]
push = 0.2

[[supports]]
place = "left"
u_x = 0
u_y = 0

[[supports]]
place = "right"
u_x = "-push"
u_y = 0

[[targets]]
place = "top"
u_y = "push*sin(pi*x/L)"
"""


@pytest.fixture
def arch():
    """Text of a problem file."""
    return ARCH


@pytest.fixture
def read(tmp_path):
    """Function that writes a text to arch.toml and reads it."""

    def from_text(text, **changes):
        path = tmp_path / "arch.toml"
        path.write_text(text, encoding="utf-8")
        return mf.read_problem(path, **changes)

    return from_text
