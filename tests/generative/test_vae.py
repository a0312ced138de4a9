"""The model: encode, decode, files that reopen, input that is refused."""

import h5py
import numpy as np
import pytest
import torch

import metafast as mf
from metafast.generative.config import Architecture
from metafast.generative.correction import map_estimate
from metafast.generative.network import Networks
from metafast.generative.vae import Scaling


def linear_design(*arguments, **options):
    """A design for small displacements, which takes a fraction of the time."""
    return mf.design(*arguments, **({"kinematics": "linear"} | options))


def test_encode_decode_predict(trained, grown):
    vae = trained.vae
    cells = grown.take(slice(0, 300))
    z = vae.encode(cells)
    assert z.shape == (300, 16)
    chance = vae.decode(z)
    assert chance.shape == cells.shape
    assert chance.min() >= 0
    assert chance.max() <= 1
    assert ((chance > 0.5) != (cells > 0)).mean() < 0.2
    assert (chance == chance[:, ::-1]).all()
    assert (chance == chance[:, :, ::-1]).all()
    assert (vae.cells(z) == (chance > 0.9)).all()
    assert np.corrcoef(vae.predict(z)[:, 0], grown.properties[:300, 0])[0, 1] > 0.8


def test_predictions_are_not_exchanged(trained, grown):
    """C11 and C22 of cells that are much stiffer in one direction."""
    vae = trained.vae
    wide = np.argsort(grown.properties[:, 0] - grown.properties[:, 2])[-50:]
    said = vae.predict(vae.encode(grown.take(wide)))
    assert said[:, 0].mean() > said[:, 2].mean() + 0.1
    turned = vae.predict(vae.encode(grown.take(wide).transpose(0, 2, 1)))
    assert turned[:, 2].mean() > turned[:, 0].mean() + 0.1


def test_steps_lead_to_a_more_probable_point(trained, grown):
    """Of cell and prior together; the plain encoder's guess is where they start."""
    vae = trained.vae
    cells = grown.take(slice(0, 200))
    pixels = cells[:, :25, :25]

    def improbable(z):
        chance = np.clip(vae.decode(z)[:, :25, :25], 1e-12, 1 - 1e-12)
        nats = -np.where(pixels > 0, np.log(chance), np.log(1 - chance)).sum(axis=(1, 2))
        return nats + 0.5 * (z**2).sum(axis=1)

    guess, found = vae.encode(cells), vae.encode(cells, steps=5)
    better = improbable(found) < improbable(guess)
    assert better.mean() > 0.99
    wrong = [((vae.decode(z) > 0.5) != (cells > 0)).mean() for z in (guess, found)]
    assert wrong[1] < wrong[0]


@pytest.mark.parametrize("steps", [-1, 1.5])
def test_steps_are_counted(trained, grown, steps):
    with pytest.raises(ValueError, match=f"steps is {steps}"):
        trained.vae.encode(grown.take([0]), steps)


def test_batches_do_not_matter(trained, grown):
    vae = trained.vae
    cells = grown.take(slice(0, 70))
    np.testing.assert_allclose(vae.encode(cells)[40:41], vae.encode(cells[40:41]), atol=1e-5)
    # in float32: curvatures in bfloat16 differ by the number of cells, and so does the way
    pixels = torch.from_numpy(cells[:, :25, :25].reshape(len(cells), -1).astype(np.float32))
    guess = torch.from_numpy(vae.encode(cells).astype(np.float32))

    def found(rows, steps):
        with torch.no_grad():
            decoder = vae.networks.decoder
            return map_estimate(decoder, pixels[rows], guess[rows], steps, bfloat16=False)

    for steps in (
        5,
        25,
    ):  # a cell ends where it ends, however long its neighbours in the batch take
        together = found(slice(None), steps)
        for k in range(36, 46):
            alone = found(slice(k, k + 1), steps)
            np.testing.assert_allclose(together[k : k + 1], alone, atol=1e-4)


def test_loading_draws_no_random_numbers_and_misses_no_weight(trained, tmp_path):
    vae = trained.vae
    path = vae.save(tmp_path / "vae.h5")
    torch.manual_seed(5)
    state = torch.get_rng_state()
    mf.CellVAE.load(path)
    assert (torch.get_rng_state() == state).all()
    with h5py.File(path, "r+") as file:
        del file["correction.last.bias"]
    with pytest.raises(ValueError, match="not a readable metafast model"):
        mf.CellVAE.load(path)


def test_files_reopen(trained, grown, tmp_path):
    vae = trained.vae
    back = mf.CellVAE.load(vae.save(tmp_path / "vae.h5"))
    cells = grown.take(slice(0, 20))
    np.testing.assert_array_equal(back.encode(cells), vae.encode(cells))
    z = vae.encode(cells)
    np.testing.assert_array_equal(back.predict(z), vae.predict(z))
    assert back.phases == vae.phases
    assert back.provenance == vae.provenance
    assert back.provenance["config"]["epochs"] == 3
    small = mf.CellVAE.load(vae.save(tmp_path / "half.h5", half=True))
    assert (tmp_path / "half.h5").stat().st_size < 0.6 * (tmp_path / "vae.h5").stat().st_size
    np.testing.assert_allclose(small.decode(z), vae.decode(z), atol=0.02)


def test_damaged_files_are_refused(trained, tmp_path):
    vae = trained.vae
    path = vae.save(tmp_path / "vae.h5")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ValueError, match="not a readable metafast model"):
        mf.CellVAE.load(path)
    with pytest.raises(ValueError, match="no model at"):
        mf.CellVAE.load(tmp_path / "nothing.h5")


def test_whole_cells_of_any_size():
    networks = Networks(Architecture(9, 14, latent=3, channels=4, hidden=8))
    scaling = Scaling(np.zeros(4), np.ones(4))
    vae = mf.CellVAE(networks, (9, 14), False, scaling, mf.Material())
    cells = (np.random.default_rng(0).random((5, 9, 14)) < 0.5).astype(np.uint8)
    assert vae.decode(vae.encode(cells)).shape == (5, 9, 14)


def test_bad_input_is_named(trained):
    vae = trained.vae
    with pytest.raises(ValueError, match="9x9 pixels; this model was trained on 50x50"):
        vae.encode(np.ones((1, 9, 9)))
    skew = np.ones((1, 50, 50), np.uint8)
    skew[0, 3, 4] = 0
    with pytest.raises(ValueError, match="not mirror-symmetric"):
        vae.encode(skew)
    with pytest.raises(ValueError, match=r"z has shape \(2, 5\)"):
        vae.decode(np.zeros((2, 5)))
    with pytest.raises(ValueError, match="finite numbers are needed"):
        vae.decode(np.full((1, 16), np.nan))


def test_the_design_takes_it(trained):
    made = linear_design(
        mf.problems.bridge(1, 4, compression=0.1), encoder=trained.vae, swap_rounds=0
    )
    assert made.provenance["encoder"] == "CellVAE"
    assert torch.is_grad_enabled()
