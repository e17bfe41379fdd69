"""CSV and TSV (RFC 4180; the delimiter is that of the header), with recovery after a broken row."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from openaisle.catalog.feeds.lines import Unreadable, lines
from openaisle.catalog.feeds.rows import EXCERPT, BadRow, Row, Rows
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.limits import LINE_BYTES
from openaisle.errors import FeedError

_DELIMITERS = (",", "\t", ";", "|")
_RECORD_LINES = 5_000
_QUOTE_MEND = 'Close every quoted field, and write a quote inside one twice ("").'
_ENCODING_MEND = "Write the feed as UTF-8, or name its encoding with --encoding."


def read_delimited(stream: FeedStream) -> Rows:
    """Rows by column name. Raises `FeedError` when there is no header."""
    records = _Records(stream)
    header = records.header()
    for number, record in enumerate(records, start=1):
        if isinstance(record, Unreadable):
            yield BadRow(number, record.reason, record.mend, record.excerpt)
        elif len(record) == len(header):
            yield Row(number, dict(zip(header, record, strict=True)))
        else:
            yield _fitted(number, record, header)


def _fitted(number: int, record: list[str], header: list[str]) -> Row | BadRow:
    """A row of another width than the header: fine if what is over is empty."""
    if len(record) > len(header) and not any(record[len(header) :]):
        return Row(number, dict(zip(header, record, strict=False)))
    reason = f"the row has {len(record):,} columns, the header {len(header):,}"
    mend = "Quote fields that hold the delimiter or a line break, and give every row all columns."
    return BadRow(number, reason, mend, ",".join(record)[:EXCERPT])


class _Records:
    """Records as lists of fields. A record with an unclosed quote costs only its first line; the next are read anew."""

    def __init__(self, stream: FeedStream) -> None:
        self._lines = lines(stream)
        self._again: deque[bytes | Unreadable] = deque()
        self._delimiter = ","

    def header(self) -> list[str]:
        line = next((line for line in self._lines if isinstance(line, Unreadable) or line.strip()), None)
        if line is None or isinstance(line, Unreadable):
            told = "is empty" if line is None else f"has no readable header ({line.reason})"
            raise FeedError(f"The feed {told}.", "Give a file whose first line names the columns.")
        text = _decoded(line)
        if isinstance(text, Unreadable):
            raise FeedError(f"The feed's header cannot be read ({text.reason}).", text.mend)
        self._delimiter = max(_DELIMITERS, key=text.count)
        fields = self._parse(line, text)
        if isinstance(fields, Unreadable):
            raise FeedError(f"The feed's header cannot be read ({fields.reason}).", fields.mend)
        return _unique([field.strip() for field in fields])

    def __iter__(self) -> Iterator[list[str] | Unreadable]:
        while (line := self._next()) is not None:
            if isinstance(line, Unreadable):
                yield line
            elif not line.isspace():
                text = _decoded(line)
                yield text if isinstance(text, Unreadable) else self._parse(line, text)

    def _next(self) -> bytes | Unreadable | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _parse(self, line: bytes, text: str) -> list[str] | Unreadable:
        if '"' not in text:
            return text.rstrip("\r\n").split(self._delimiter)
        more: list[bytes | Unreadable] = []
        try:
            return next(csv.reader(self._record_lines(text, more), delimiter=self._delimiter, strict=True))
        except (csv.Error, StopIteration) as error:
            self._again.extendleft(reversed(more))
            return Unreadable(f"the row's quotes do not match ({error})", _QUOTE_MEND, text[:EXCERPT])

    def _record_lines(self, text: str, more: list[bytes | Unreadable]) -> Iterator[str]:
        """The first line, then those that a quoted field goes on in; notes the latter in `more`."""
        yield text
        size = len(text)
        while size < LINE_BYTES and len(more) < _RECORD_LINES and (line := self._next()) is not None:
            more.append(line)
            following = line if isinstance(line, Unreadable) else _decoded(line)
            if isinstance(following, Unreadable):
                return
            size += len(following)
            yield following


def _decoded(line: bytes) -> str | Unreadable:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        reason = f"the row is not valid text (byte {error.start + 1:,} of the line)"
        return Unreadable(reason, _ENCODING_MEND, line[:EXCERPT].decode(errors="replace"))


def _unique(names: list[str]) -> list[str]:
    """Column names, none empty and none twice."""
    taken: dict[str, int] = {}
    unique = []
    for place, raw in enumerate(names, start=1):
        name = raw or f"column {place}"
        taken[name] = taken.get(name, 0) + 1
        unique.append(name if taken[name] == 1 else f"{name} ({taken[name]})")
    return unique
