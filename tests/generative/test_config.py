"""Training options: checks, and what stands for None."""

import re

import pytest

import metafast as mf
from metafast.cli.dataclass_options import parameter_help
from metafast.generative.config import Architecture


def test_none_is_the_usual_size_or_that_of_the_start():
    usual, start = Architecture(), Architecture(latent=8, channels=4, hidden=64, corrections=1)
    whole = mf.TrainingConfig().completed()
    assert (whole.latent, whole.hidden, whole.corrections) == (
        usual.latent,
        usual.hidden,
        usual.corrections,
    )
    config = mf.TrainingConfig(corrections=3)
    again = config.completed(start)
    assert (again.latent, again.hidden, again.corrections) == (8, 64, 3)
    sizes = config.architecture(7, 9, start)
    assert sizes == Architecture(7, 9, latent=8, channels=4, hidden=64, corrections=3)
    assert again.completed(usual) == again  # nothing is left open


def test_rates_are_those_of_the_optimiser_and_lower_from_a_start():
    """So that training does not destroy what the start knows; a given rate stays."""
    for optimizer in ("muon", "adam", "rmsprop"):
        config = mf.TrainingConfig(optimizer=optimizer)
        assert config.completed().learning_rate == config.peak
        assert config.completed(Architecture()).learning_rate == 0.25 * config.peak
    config = mf.TrainingConfig(learning_rate=3e-3)
    assert config.completed(Architecture()).learning_rate == config.peak == 3e-3


def test_defaults_in_words_are_the_defaults():
    """Where None stands for a number, the description says which."""
    said = parameter_help(mf.TrainingConfig)
    usual = mf.TrainingConfig().completed()
    for name in ("latent", "hidden", "corrections"):
        assert re.search(rf"else {getattr(usual, name)}\b", said[name]), name
    for optimizer, words in (("muon", "for Muon"), ("adam", "for Adam and RMSprop")):
        rate = f"{mf.TrainingConfig(optimizer=optimizer).peak:.0e}".replace("e-0", "e-")
        assert f"{rate} {words}" in said["learning_rate"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 0}, "epochs is 0"),
        ({"batch": 1.5}, "batch is 1.5"),
        ({"learning_rate": 0}, "learning_rate is 0"),
        ({"optimizer": "sgd"}, "optimizer is 'sgd'"),
        ({"device": "tpu"}, "device is 'tpu'"),
        ({"held_out": 0.7}, "held_out is 0.7"),
        ({"hidden": 0}, "hidden is 0"),
        ({"latent": 2.5}, "latent is 2.5"),
        ({"corrections": -1}, "corrections is -1"),
        ({"epochs": None}, "epochs is None"),
        ({"kl_weight": -1}, "kl_weight is -1"),
        ({"regression_weight": "much"}, "regression_weight is 'much'"),
        ({"shifts": 2}, "shifts is 2"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        mf.TrainingConfig(**options)
