"""The lines of a file that may be gzipped, in bounded memory whatever is in it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openaisle.errors import EventsError
from openaisle.events.limits import LINE_BYTES

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line by its number from 1; `text` is None where it is longer than a line may be."""

    number: int
    text: bytes | None


class Lines:
    """An open file. A context manager; raises `EventsError` when it cannot be opened.

    `damage` tells after the last line whether the file broke off (a truncated gzip).
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
            self.size = path.stat().st_size
        except FileNotFoundError:
            raise EventsError(f"There is no file {path}.", "Check the path.") from None
        except OSError as error:
            raise EventsError(f"{path} cannot be opened ({error.strerror}).", "Name a readable file.") from error
        packed = self._file.peek(2)[:2] == _GZIP
        self._source = gzip.GzipFile(fileobj=self._file) if packed else self._file
        self.damage: str | None = None

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """Bytes of the file (packed, if it is) that were read so far."""
        return self._file.tell()

    def __iter__(self) -> Iterator[Line]:
        """Every line that is not blank."""
        for number, text in enumerate(self._texts(), start=1):
            if text is None or text.strip():
                yield Line(number, text)

    def _texts(self) -> Iterator[bytes | None]:
        rest, too_long, first = b"", False, True
        for chunk in self._chunks():
            whole = rest + (chunk.removeprefix(_BYTE_ORDER_MARK) if first else chunk)
            first = False
            *lines, rest = whole.split(b"\n")
            for line in lines:
                yield None if too_long or len(line) > LINE_BYTES else line
                too_long = False
            if len(rest) > LINE_BYTES:
                rest, too_long = b"", True
        if too_long or rest:
            yield None if too_long else rest

    def _chunks(self) -> Iterator[bytes]:
        try:
            while chunk := self._source.read1(_CHUNK):  # gives what there is before damage
                yield chunk
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.damage = f"the gzip file breaks off or is damaged ({error})"
