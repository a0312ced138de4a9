"""A study of four tiny runs, two of which need more memory than there is."""

import warnings

import pytest
from reference.studies import STUDY

import metafast as mf


@pytest.fixture(scope="session")
def cells():
    """Few cells, to be quick."""
    return mf.CellDatabase.default().subset(slice(0, None, 200))


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    path = tmp_path_factory.mktemp("study") / "study.toml"
    path.write_text(STUDY)
    return mf.Study.load(path)


@pytest.fixture
def quiet():
    """So few cells come nowhere near the targets, and designs say so."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the cells at hand cannot do this")
        yield


@pytest.fixture(scope="session")
def done(study, cells, tmp_path_factory):
    """The study, run once; not to be changed."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the cells at hand cannot do this")
        return mf.run_study(study, tmp_path_factory.mktemp("done"), cells)
