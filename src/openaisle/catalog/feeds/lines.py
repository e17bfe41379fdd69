"""Lines of a feed, none of them longer in memory than the limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.limits import LINE_BYTES

TRUNCATED_MEND = "Get the whole file again; the rows before this one were read."


class Unreadable(NamedTuple):
    """A line that cannot be taken, and why."""

    reason: str
    mend: str
    excerpt: str = ""


def lines(stream: FeedStream) -> Iterator[bytes | Unreadable]:
    """Each line with its line break. One that is too long is read past; after damage the last one is not trusted."""
    readline = stream.reader.readline
    while line := readline(LINE_BYTES + 1):
        if len(line) > LINE_BYTES and not line.endswith(b"\n"):
            yield _passed_over(stream, line)
        elif line.endswith(b"\n") or not stream.damage:
            yield line
        else:
            yield Unreadable(stream.damage, TRUNCATED_MEND, _excerpt(line))
            return
    if stream.damage:
        yield Unreadable(stream.damage, TRUNCATED_MEND)


def _passed_over(stream: FeedStream, beginning: bytes) -> Unreadable:
    length = len(beginning)
    while rest := stream.reader.readline(LINE_BYTES):
        length += len(rest)
        if rest.endswith(b"\n"):
            break
    reason = f"the row has {length:,} bytes, more than {LINE_BYTES:,}"
    return Unreadable(reason, "Shorten the row, or check that the file has line breaks.", _excerpt(beginning))


def _excerpt(line: bytes) -> str:
    return line[:200].decode(errors="replace")
