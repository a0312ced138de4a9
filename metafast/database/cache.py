"""Cache directory of the user, where the full database is kept."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

_FULL = "full_database.h5"


def cache_directory() -> Path:
    """Directory named by METAFAST_CACHE, or else the platform's cache directory."""
    chosen = os.environ.get("METAFAST_CACHE")
    return Path(chosen) if chosen else user_cache_path("metafast", appauthor=False)


def full_database_path() -> Path:
    """Path that ``metafast database build`` writes to by default."""
    return cache_directory() / _FULL


def full_database() -> Path:
    """Path of the full database.

    Raises
    ------
    ValueError
        If the full database has not been built.
    """
    path = full_database_path()
    if not path.is_file():
        raise ValueError(
            f"there is no full database at {str(path)!r}; build it once with "
            "`metafast database build`, about two minutes on two cores"
        )
    return path
