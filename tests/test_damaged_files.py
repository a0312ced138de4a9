"""Damaged files are never accepted with changed content; files without a checksum still open."""

from collections import Counter
from time import perf_counter

import h5py
import numpy as np
import pytest
from reference.damaged_files import DAMAGES, Outcome, damaged, formats, outcome, plain

import metafast as mf
from metafast._base.hdf5 import array_in
from metafast._base.sealed import HEAD_BYTES, seal

FORMATS = formats()
COUNT = 42


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Path and content of a file of each format."""
    folder = tmp_path_factory.mktemp("whole")
    paths = {name: each.write(folder) for name, each in FORMATS.items()}
    return {name: (path, plain(FORMATS[name].read(path))) for name, path in paths.items()}


@pytest.mark.parametrize("name", FORMATS)
def test_damage_is_noticed(whole, name, tmp_path):
    path, content = whole[name]
    data, rng = path.read_bytes(), np.random.default_rng(5)
    target, found = tmp_path / path.name, Counter()
    for k in range(COUNT):
        target.write_bytes(damaged(data, DAMAGES[k % len(DAMAGES)], rng))
        start = perf_counter()
        found[outcome(target, FORMATS[name].read, content)] += 1
        assert perf_counter() - start < 5.0
    assert not found[Outcome.CHANGED]
    assert not found[Outcome.FOREIGN]
    assert found[Outcome.REFUSED] > 0.9 * COUNT, "some damage is of blanks or comments"


@pytest.mark.parametrize("name", ["database", "design", "family", "model"])
def test_files_of_the_version_before_seals_open(whole, name, tmp_path):
    path, content = whole[name]
    old = tmp_path / path.name
    old.write_bytes(path.read_bytes())
    with h5py.File(old, "r+") as file:
        kind, _, version = file.attrs["format"].rpartition("-")
        file.attrs["format"] = f"{kind}-{int(version) - 1}"
    old.write_bytes(old.read_bytes()[HEAD_BYTES:])  # addresses count from the end of the head
    assert plain(FORMATS[name].read(old)) == content


@pytest.mark.parametrize("name", ["training checkpoint", "growth checkpoint"])
def test_checkpoints_without_a_seal_open(whole, name, tmp_path):
    path, content = whole[name]
    old = tmp_path / path.name
    old.write_bytes(path.read_bytes()[HEAD_BYTES:])
    assert plain(FORMATS[name].read(old)) == content


def test_a_newer_version_is_named(whole, tmp_path):
    path = tmp_path / "cells.h5"
    path.write_bytes(whole["database"][0].read_bytes())
    seal(path, "metafast-database-9")
    with pytest.raises(ValueError, match="format is 'metafast-database-9'"):
        mf.CellDatabase.load(path)


def test_a_small_file_cannot_claim_a_large_array(tmp_path):
    """2^40 rows of fill value take no space in HDF5."""
    with h5py.File(tmp_path / "bomb.h5", "w") as file:
        file.create_dataset("properties", (1 << 40, 4), "f8", chunks=(1024, 4))
        with pytest.raises(ValueError, match="claims 35,184,372,088,832 bytes where 0 are stored"):
            array_in(file, "properties")


def test_a_changed_gradation_asks_for_its_first_line(whole, tmp_path):
    text = whole["gradation"][0].read_text()
    path = tmp_path / "mine.toml"
    path.write_text(text.replace("Eq. 7", "mine"))
    with pytest.raises(ValueError, match="if you changed it, delete its first line"):
        mf.Gradation.load(path)
    path.write_text(text.replace("Eq. 7", "mine").partition("\n")[2])
    assert mf.Gradation.load(path).name == "mine"
