"""Lines of the project's own JSON Lines files, which may be longer than those of data from outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from openaisle.errors import DataError

_LONGEST_LINE = 64 << 20
"""A query with all that was judged for it, or with 64 negatives, is one line."""


def numbered_bytes(path: Path) -> Iterator[tuple[int, bytes]]:
    """Line numbers from 1 and lines, blank ones left out. Raises `DataError`."""
    try:
        with path.open("rb") as file:
            number = 0
            while line := file.readline(_LONGEST_LINE + 1):
                number += 1
                if len(line) > _LONGEST_LINE:
                    raise DataError(f"{path}, line {number}: longer than 64 MiB.", "Check that it is the right file.")
                if line.strip():
                    yield number, line
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.", "Check that the file is there.") from error
