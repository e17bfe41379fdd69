"""Lines of a UTF-8 text file, gzipped or not, within limits, with clear errors."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from openaisle.errors import BadRequest

Fail = Callable[[str, str], BadRequest]

_GZIP_MAGIC = b"\x1f\x8b"
_LONGEST_LINE = 64 * 1024
_MOST_LINES = 50_000_000
_MEND_SIZE = "Split the file."


def numbered_lines(path: Path, fail: Fail) -> Iterator[tuple[int, str]]:
    """Line numbers (from 1) and lines without their ends, blank ones left out; `fail(detail, mend)` makes the error."""
    try:
        with _open(path) as stream:
            yield from _lines(stream, path, fail)
    except (OSError, EOFError) as error:
        raise fail(f"{path}: {error}.", "Check that the file exists, is readable and is complete.") from error


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as probe:
        zipped = probe.read(2) == _GZIP_MAGIC
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]


def _lines(stream: BinaryIO, path: Path, fail: Fail) -> Iterator[tuple[int, str]]:
    number = 0
    while raw := stream.readline(_LONGEST_LINE + 1):
        number += 1
        if len(raw) > _LONGEST_LINE:
            raise fail(f"{path}, line {number}: longer than {_LONGEST_LINE} bytes.", "Check that the file is text.")
        if number > _MOST_LINES:
            raise fail(f"{path}: more than {_MOST_LINES:,} lines.", _MEND_SIZE)
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise fail(f"{path}, line {number}: not UTF-8 ({error.reason}).", "Save the file as UTF-8.") from error
        if line.strip():
            yield number, line
