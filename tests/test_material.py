"""The base material: constants out of range are named."""

import pytest

import metafast as mf


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"young": -1}, "young is -1"),
        ({"poisson": 0.5, "plane": "strain"}, "poisson is 0.5"),
        ({"poisson": 1.0}, "poisson is 1; "),
        ({"plane": "curved"}, "plane is 'curved'"),
        ({"young": "stiff"}, "a number is needed"),
        ({"poisson": "0.3"}, "poisson is '0.3'; a number is needed"),
    ],
)
def test_bad_materials_are_named(options, message):
    with pytest.raises(ValueError, match=message):
        mf.Material(**options)
