"""A feed's bytes as UTF-8, whatever it is packed or encoded in, with the position that progress needs."""

from __future__ import annotations

import codecs
import gzip
import io
import re
import zlib
from pathlib import Path
from typing import IO, Any, Protocol

from openaisle.catalog.feeds.foreign import refuse_foreign
from openaisle.errors import FeedError

SAMPLE = 262_144
_CHUNK = 262_144
_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_XML_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
_GUESSES = ("gb18030", "big5", "shift_jis", "cp1252", "latin-1")
"""Encodings in the order they are tried: the last takes any bytes."""


class FeedStream:
    """An open feed. `reader` gives its bytes as UTF-8; bytes that are not valid in the feed's encoding stay invalid.

    `damage` tells after the end was reached whether the file broke off (a truncated gzip), so that the last row must
    not be trusted. A context manager. Raises `FeedError` when the file cannot be opened or is plainly in another
    encoding.
    """

    def __init__(self, path: Path, encoding: str | None = None) -> None:
        self.path = path
        self.reader: IO[bytes]
        self._file = _open(path)
        self.size = path.stat().st_size
        self._read_elsewhere: int | None = None
        try:
            packed = self._file.peek(2)[:2] == _GZIP
            self._source = _Unpacked(gzip.GzipFile(fileobj=self._file) if packed else self._file)
            self.reader, self.sample = self._prepare(encoding)
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> FeedStream:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    @property
    def position(self) -> int:
        """Bytes of the file (packed, if it is) that were read so far."""
        return self._file.tell() if self._read_elsewhere is None else self._read_elsewhere

    def advance(self, share: float) -> None:
        """For a reader that opens the file by itself: the share of it that was read (0 to 1)."""
        self._read_elsewhere = int(self.size * share)

    @property
    def consumed(self) -> int:
        """Unpacked bytes that were taken so far, ahead of the rows by at most a chunk."""
        return self._source.consumed

    @property
    def damage(self) -> str | None:
        return self._source.damage

    def _prepare(self, encoding: str | None) -> tuple[IO[bytes], bytes]:
        head = _read_exactly(self._source, SAMPLE)
        refuse_foreign(head)
        encoding = _known(encoding) if encoding else _declared(head)
        rest = _Chained(head, self._source)
        is_utf8 = encoding in {"utf-8", "utf-8-sig", "ascii"}
        raw: io.RawIOBase = rest if is_utf8 else _Recoded(rest, encoding)
        reader = io.BufferedReader(raw, _CHUNK)
        sample = reader.peek(SAMPLE)[:SAMPLE]
        if sample.startswith(codecs.BOM_UTF8):
            reader.read(len(codecs.BOM_UTF8))
            sample = sample[len(codecs.BOM_UTF8) :]
        if not sample.startswith(b"PAR1"):
            _refuse_other_encodings(sample, encoding, head)
        return reader, sample


class _Source(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class _Unpacked:
    """Reads until the end or until the packing breaks, which it remembers instead of raising."""

    def __init__(self, source: io.BufferedReader | gzip.GzipFile) -> None:
        self._read = source.read1
        self.damage: str | None = None
        self.consumed = 0

    def read(self, size: int = -1, /) -> bytes:
        if self.damage:
            return b""
        try:
            chunk = self._read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            self.damage = f"the gzip file breaks off or is damaged ({error})"
            return b""
        self.consumed += len(chunk)
        return chunk


class _Chained(io.RawIOBase):
    """The bytes already read, then the rest."""

    def __init__(self, head: bytes, rest: _Source) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        chunk = self._head[: len(buffer)] or self._rest.read(len(buffer))
        self._head = self._head[len(chunk) :] if self._head else b""
        buffer[: len(chunk)] = chunk
        return len(chunk)


class _Recoded(io.RawIOBase):
    """Another encoding as UTF-8. Bytes that are invalid in it pass through, to be refused with their row."""

    def __init__(self, source: io.RawIOBase, encoding: str) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder(encoding)("surrogateescape")
        self._ready = b""
        self._ended = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready and not self._ended:
            chunk = self._source.read(_CHUNK) or b""
            self._ended = not chunk
            self._ready = self._decode(chunk)
        chunk, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def _decode(self, chunk: bytes) -> bytes:
        try:
            return self._decoder.decode(chunk, final=self._ended).encode("utf-8", "surrogateescape")
        except UnicodeError as error:
            raise FeedError(f"The feed is not in the encoding it should be ({error}).", "Check --encoding.") from error


def _open(path: Path) -> io.BufferedReader:
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise FeedError(f"There is no file {path}.", "Check the path.") from None
    except OSError as error:
        raise FeedError(f"The feed {path} cannot be opened ({error.strerror}).", "Name a readable file.") from error


def _read_exactly(source: _Source, size: int) -> bytes:
    parts: list[bytes] = []
    while size > 0 and (chunk := source.read(size)):
        parts.append(chunk)
        size -= len(chunk)
    return b"".join(parts)


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        codecs.getincrementaldecoder(name)
        "".encode(name)
    except (LookupError, ValueError, TypeError):
        mend = "Use a name such as utf-8, gb18030, big5 or utf-16."
        raise FeedError(f"There is no text encoding {encoding[:40]!r}.", mend) from None
    return name


def _declared(head: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return encoding
    declaration = _XML_ENCODING.match(head.removeprefix(codecs.BOM_UTF8).lstrip())
    return _known(declaration.group(1).decode()) if declaration else "utf-8"


def _refuse_other_encodings(sample: bytes, encoding: str, head: bytes) -> None:
    """Refuse a feed of which most lines beyond ASCII are not in its encoding; single bad lines are left to the rows."""
    lines = enumerate(sample.split(b"\n"), start=1)
    beyond_ascii = [(number, line) for number, line in lines if not line.isascii()]
    broken = [(number, error.start) for number, line in beyond_ascii if (error := _utf8_error(line))]
    if len(broken) * 2 <= len(beyond_ascii):
        return
    number, place = broken[0]
    if b"\0" in head:
        raise FeedError("The feed is not text.", "Save it as CSV, JSON or XML; for UTF-16, add --encoding utf-16.")
    guess = next(name for name in _GUESSES if name != encoding and _decodes(head, name))
    raise FeedError(
        f"The feed is not {encoding.upper()} (line {number:,}, byte {place + 1:,}).",
        f"Say which encoding it is in; try --encoding {guess}.",
    )


def _utf8_error(line: bytes) -> UnicodeDecodeError | None:
    try:
        codecs.utf_8_decode(line, "strict", False)  # the sample may end within a character
    except UnicodeDecodeError as error:
        return error
    return None


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return False
    return bool(data)
