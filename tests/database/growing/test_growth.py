"""Growth: distinct sound cells, right labels, reproducible, resumable."""

import numpy as np
import pytest

import metafast as mf
from metafast.database import GrowthOptions, thin_database
from metafast.database.growing.scores import ScoreGrid, draw_parents
from metafast.properties import swapped


@pytest.fixture(scope="module")
def small():
    return mf.build_database(1500, seeds=120, iterations=8, seed=3)


def test_cells_are_distinct_and_symmetric(small):
    flat = small.cells.reshape(len(small), -1)
    assert len(np.unique(flat, axis=0)) == len(small) == 1500
    assert small.symmetric


def test_properties_are_those_of_the_cells(small):
    c = mf.homogenize(small.cells, small.phases)
    np.testing.assert_allclose(small.properties[:, 0], c[:, 0, 0], atol=1e-12)
    np.testing.assert_allclose(small.properties[:, 1], c[:, 0, 1], atol=1e-12)
    np.testing.assert_allclose(small.properties[:, 2], c[:, 1, 1], atol=1e-12)
    np.testing.assert_allclose(small.properties[:, 3], c[:, 2, 2], atol=1e-12)


def test_parents_come_before_their_children(small):
    rows = np.arange(len(small))
    assert (small.parents < rows).all()
    assert (small.parents == -1).sum() > 50
    assert (small.parents >= 0).sum() > 500


def test_transposes_are_there_with_directions_swapped(small):
    known = {cell.tobytes(): row for row, cell in enumerate(small.cells)}
    turned = [known.get(np.ascontiguousarray(cell.T).tobytes()) for cell in small.cells[:1400]]
    found = [(row, other) for row, other in enumerate(turned) if other is not None]
    assert len(found) > 1300
    rows, others = np.array(found).T
    turned = swapped(small.properties[others])
    np.testing.assert_allclose(small.properties[rows], turned, atol=1e-10)


def test_same_seed_same_database_with_any_threads():
    kwargs = {"seeds": 20, "iterations": 3, "seed": 5}
    one = mf.build_database(500, threads=1, **kwargs)
    two = mf.build_database(500, threads=2, **kwargs)
    assert (one.cells == two.cells).all()
    assert (one.properties == two.properties).all()
    other = mf.build_database(500, **{**kwargs, "seed": 6})
    assert (one.cells != other.cells).any()


def test_an_interrupted_build_resumes_to_the_identical_database(tmp_path):
    kwargs = {"seeds": 20, "iterations": 40, "seed": 5}
    whole = mf.build_database(900, **kwargs)
    calls = []

    def interrupt(_stage, done, *_):
        calls.append(done)
        if len(calls) == 15:
            raise KeyboardInterrupt

    path = tmp_path / "state.npz"
    with pytest.raises(KeyboardInterrupt):
        mf.build_database(900, checkpoint=path, progress=interrupt, **kwargs)
    assert path.exists()
    resumed = mf.build_database(900, checkpoint=path, **kwargs)
    assert (whole.cells == resumed.cells).all()
    assert (whole.properties == resumed.properties).all()
    assert (whole.parents == resumed.parents).all()
    with pytest.raises(ValueError, match="another size"):
        mf.build_database(901, checkpoint=path, **kwargs)
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ValueError, match="cannot be read"):
        mf.build_database(900, checkpoint=path, **kwargs)


def test_a_full_space_ends_with_a_warning_also_after_an_interruption(tmp_path):
    kwargs = {"seeds": 1, "iterations": 1, "pixels": 8}
    kwargs |= {"minimum_solid_width": 3, "minimum_void_width": 3}
    with pytest.warns(RuntimeWarning, match="growth stopped at"):
        grown = mf.build_database(500, **kwargs)
    assert 0 < len(grown) < 500
    path = tmp_path / "state.npz"
    calls = []

    def interrupt(*_):
        calls.append(0)
        if len(calls) == 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mf.build_database(500, checkpoint=path, progress=interrupt, **kwargs)
    with pytest.warns(RuntimeWarning, match="growth stopped at"):
        resumed = mf.build_database(500, checkpoint=path, **kwargs)
    assert (resumed.cells == grown.cells).all()


def test_extreme_and_sparse_cells_are_drawn_more_often():
    rng = np.random.default_rng(0)
    crowd = rng.normal(0.5, 0.01, (4000, 4))
    lonely = np.array([[0.9, 0.3, 0.9, 0.3], [0.1, 0.02, 0.1, 0.05]])
    p = np.concatenate([crowd, lonely])
    p[:, 1] = 0.3 * p[:, 0]
    nodes, unit = ScoreGrid(mf.Material()).place(p)
    drawn = draw_parents(nodes, unit, 4000, rng)
    share = np.isin(drawn, [4000, 4001]).mean()
    assert share > 0.1, "two lonely cells of 4002 must be drawn far above their number"


def test_of_cells_in_one_place_the_easier_ones_are_drawn_more_often():
    p = np.repeat([[0.5, 0.1, 0.5, 0.15]], 400, axis=0)
    nodes, unit = ScoreGrid(mf.Material()).place(p)
    ease = np.where(np.arange(400) < 200, 3.0, 1.0)
    drawn = draw_parents(nodes, unit, 20_000, np.random.default_rng(0), ease)
    times = np.bincount(drawn, minlength=400)
    often = times > 1000
    assert 0.35 < times[often].sum() / 20_000 < 0.5, "extreme ones, drawn without regard to it"
    times[often] = 0
    assert times[:200].sum() / times.sum() == pytest.approx(0.75, abs=0.02)


def test_thinning_keeps_the_extent(small):
    thin = thin_database(small, 300)
    assert len(thin) == 300
    span = np.ptp(small.properties, axis=0)
    assert (np.ptp(thin.properties, axis=0) > 0.8 * span).all()
    with pytest.raises(ValueError, match="has 1500 cells"):
        thin_database(small, 2000)
    with pytest.raises(ValueError, match="least_side_solid is 2"):
        thin_database(small, 300, least_side_solid=2)


def test_thinning_prefers_cells_with_solid_sides(small):
    plain, solid = (thin_database(small, 300, least_side_solid=least) for least in (0.0, 0.5))
    shares = [(thin.side_solid() >= 0.5).mean() for thin in (plain, solid)]
    assert shares[1] > shares[0] + 0.05


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"size": 0}, "size is 0"),
        ({"size": 10, "pixels": 25}, "an even number"),
        ({"size": 10, "seed": -1}, "seed is -1"),
        ({"size": 10, "phases": "steel"}, "a metafast.Material is needed"),
        ({"size": 10, "checkpoint": "/nowhere/at/all.npz"}, "there is no directory"),
        ({"size": 10, "minimum_solid_width": 30}, "minimum_solid_width is 30; at most 25"),
        ({"size": 10, "minimum_void_width": 0}, "minimum_void_width is 0"),
        ({"size": 10, "minimum_contact": 51}, "minimum_contact is 51; a side has 50"),
        ({"size": 10, "client": "tcp://here"}, "a dask.distributed.Client is needed"),
        ({"size": 10, "options": GrowthOptions(seeds=3), "seeds": 0}, "seeds is 0"),
    ],
)
def test_bad_arguments_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        mf.build_database(**options)
