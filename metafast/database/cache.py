"""Where the full database is kept: the user's cache directory."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_cache_path

_FULL = "full_database.h5"


def cache_directory() -> Path:
    """The directory METAFAST_CACHE names, or the platform's usual place for caches."""
    chosen = os.environ.get("METAFAST_CACHE")
    return Path(chosen) if chosen else user_cache_path("metafast", appauthor=False)


def full_database_path() -> Path:
    """Where ``metafast database build`` writes when no other place is named."""
    return cache_directory() / _FULL


def full_database() -> Path:
    """Path of the full database.

    Raises
    ------
    ValueError
        If it has not been built.
    """
    path = full_database_path()
    if not path.is_file():
        raise ValueError(
            f"there is no full database at {str(path)!r}; build it once with "
            "`metafast database build`, about two minutes on two cores"
        )
    return path
