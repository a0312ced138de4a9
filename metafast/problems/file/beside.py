"""Files beside a problem file: pictures, drawings and tables that it names, kept with its text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

LARGEST = 20_000_000  # bytes of all files that a problem names: they are kept in its design


class Beside:
    """Files that a problem names, from its folder or as a design kept them.

    Parameters
    ----------
    folder : Path
        Folder of the problem file; where `kept` has the files, an empty one to put them into.
    kept : mapping of str to bytes, optional
        Contents by the names that the problem has for them.

    Attributes
    ----------
    files : dict of str to bytes
        Contents of the files that were asked for.
    """

    def __init__(self, folder: Path, kept: Mapping[str, bytes] | None = None) -> None:
        self.files: dict[str, bytes] = {}
        self._folder, self._kept = folder, kept

    def path(self, name: str) -> Path:
        """Path of the file of a name; nothing is there if there is no such file.

        Raises
        ------
        ValueError
            If the files are too large to be kept.
        """
        if self._kept is not None:
            return self._restored(name, self._kept)
        path = self._folder / name
        if name not in self.files and path.is_file():
            room = LARGEST - sum(map(len, self.files.values()))
            if path.stat().st_size > room:
                raise ValueError(
                    f"with {path.name!r} the files that the problem names have more than "
                    f"{LARGEST:,} bytes, and designs keep them; shorten tables, save pictures with "
                    "fewer pixels"
                )
            try:
                self.files[name] = path.read_bytes()
            except OSError as error:
                raise ValueError(f"{path.name!r} cannot be read ({error}); mend it") from None
        return path

    def _restored(self, name: str, kept: Mapping[str, bytes]) -> Path:
        """Path of a kept file; names may lead out of the folder, paths here do not."""
        if name not in kept:
            return self._folder / "missing" / Path(name).name
        place = self._folder / str(list(kept).index(name))
        path = place / Path(name).name
        if name not in self.files:
            self.files[name] = kept[name]
            place.mkdir()
            path.write_bytes(kept[name])
        return path
