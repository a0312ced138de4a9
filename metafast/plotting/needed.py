"""matplotlib, without which nothing is drawn: the package imports this first, for a clear error."""

from metafast._base.extras import need

matplotlib = need("matplotlib", "a picture", "matplotlib")
