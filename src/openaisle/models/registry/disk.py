"""Writing that survives a power cut, and the disk's refusals in the words of a `StorageError`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from openaisle.errors import StorageError


@contextmanager
def storage_faults(doing: str) -> Iterator[None]:
    """Turn an operating system's refusal inside the block into a `StorageError`; `doing` begins its detail."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{doing} failed: {error.strerror or error}.",
            "Check that the disk has room and that the shop's folder may be written; nothing was changed.",
        ) from error


def sync_tree(folder: Path) -> None:
    """Flush every file and folder under `folder`, itself included, to the disk."""
    for path in [*folder.rglob("*"), folder]:
        sync(path)


def sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def replace_file(path: Path, content: bytes) -> None:
    """All of the new content or all of the old, whatever happens."""
    temporary = path.with_name(f"{path.name}.tmp")
    temporary.write_bytes(content)
    sync(temporary)
    temporary.replace(path)
    sync(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Add one line at the end; a line that a crash cut short is ended first, so that it spoils no other."""
    with path.open("ab+") as file:
        if file.tell():
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                line = b"\n" + line
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync(path.parent)
