"""JSON Lines: one product object a line, in the project's own JSON or any flat shape."""

from __future__ import annotations

import orjson

from openaisle.catalog.feeds.lines import Unreadable, lines
from openaisle.catalog.feeds.rows import EXCERPT, BadRow, Row, Rows
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.catalog.feeds.variants import expanded

_MEND = "Write one complete JSON object on each line, as UTF-8."


def read_jsonl(stream: FeedStream) -> Rows:
    """Rows from lines; a broken line costs only itself."""
    number = 0
    for line in lines(stream):
        if isinstance(line, Unreadable):
            number += 1
            yield BadRow(number, line.reason, line.mend, line.excerpt)
        elif not line.isspace():
            number += 1
            yield from _rows(number, line)


def _rows(number: int, line: bytes) -> Rows:
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        yield BadRow(number, f"the line is not valid JSON ({error})", _MEND, line[:EXCERPT].decode(errors="replace"))
        return
    if not isinstance(values, dict):
        yield BadRow(number, "the line is not a JSON object", _MEND, line[:EXCERPT].decode(errors="replace"))
        return
    for variant in expanded(values):
        yield Row(number, variant)
