"""Seals of metafast's own files: the format, the size and a checksum of every byte, at the front.

A sealed file begins with a head of 512 bytes: four lines of text, then zeros ::

    metafast sealed file
    metafast-database-2        the format and its version
    123456                     bytes after the head
    9f86d08...                 SHA-256 of the two lines above and of all bytes after the head

HDF5 calls such a head a user block and skips it. A file is checked whole, in pieces of bounded
size, before any other library sees a byte of it.
"""

from __future__ import annotations

import hashlib
import json
import os
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from metafast._base.files import atomic_write

HEAD_BYTES = 512  # the least user block of HDF5
_MARK = b"metafast sealed file\n"
_PIECE = 1 << 20
_COMMENT = "# sha256 of what follows: "


def seal(path: Path, name: str) -> None:
    """Write the head of a file whose first 512 bytes were kept free for it.

    Parameters
    ----------
    path : Path
    name : str
        Format with its version.
    """
    with path.open("r+b") as stream:
        head = _head_of(stream, name)
        stream.seek(0)
        stream.write(head)


def is_sealed(path: Path, name: str, older: bytes) -> bool:
    """Check the seal of a file; False if the file is older than seals.

    Parameters
    ----------
    path : Path
    name : str
        Format with its version that a sealed file must have.
    older : bytes
        First bytes of files that were written before there were seals.

    Raises
    ------
    ValueError
        If the file is damaged, of another format, or neither sealed nor an older one.
    """
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        if not head.startswith(_MARK):
            if head.startswith(older):
                return False
            raise ValueError("it is of another kind, or its first bytes are damaged")
        found = head[len(_MARK) :].split(b"\n", 1)[0]
        if head == _head_of(stream, name):
            return True
    if found != name.encode():
        raise ValueError(f"format is {found.decode(errors='replace')[:80]!r}, not {name!r}")
    raise ValueError("it was damaged or changed after it was written: its checksum does not fit")


def _head_of(stream: BinaryIO, name: str) -> bytes:
    """Head that fits the bytes after the first 512."""
    size = max(os.fstat(stream.fileno()).st_size - HEAD_BYTES, 0)
    described = f"{name}\n{size}\n".encode()
    digest = hashlib.sha256(described)
    stream.seek(HEAD_BYTES)
    while piece := stream.read(_PIECE):
        digest.update(piece)
    lines = _MARK + described + digest.hexdigest().encode() + b"\n"
    return lines.ljust(HEAD_BYTES, b"\0")


def write_sealed(path: str | os.PathLike[str], name: str, content: bytes | memoryview) -> None:
    """Write bytes of a format, sealed; an existing file is replaced only by a complete one."""
    with atomic_write(path) as partial:
        with partial.open("wb") as stream:
            stream.write(bytes(HEAD_BYTES))
            stream.write(content)
        seal(partial, name)


def sealed_content(path: Path, name: str, older: bytes) -> BytesIO:
    """Bytes after the head of a sealed file, or all bytes of one that is older than seals.

    Raises
    ------
    ValueError
        If the file is damaged, of another format, or neither sealed nor an older one.
    """
    start = HEAD_BYTES if is_sealed(path, name, older) else 0
    with path.open("rb") as stream:
        stream.seek(start)
        return BytesIO(stream.read())


def sealed_text(text: str) -> str:
    """Text with its checksum as a comment in front, for files that people edit."""
    return f"{_COMMENT}{_checksum(text)}, delete this line if you change the file\n{text}"


def require_unchanged(text: str) -> None:
    """Refuse text that does not fit the checksum in front of it, if there is one."""
    first, _, rest = text.partition("\n")
    if first.startswith(_COMMENT) and first[len(_COMMENT) :].split(",")[0] != _checksum(rest):
        raise ValueError(
            "it was damaged or changed after it was written: its checksum does not fit; if you "
            "changed it, delete its first line"
        )


def content_checksum(data: Any) -> str:
    """Checksum of plain values, for JSON files, which have no comments."""
    return _checksum(json.dumps(data, sort_keys=True))


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
