"""What feed readers give: rows of named values, and rows that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Row(NamedTuple):
    """One product's values as the feed has them. `number` counts the feed's rows from 1, without a header."""

    number: int
    values: Mapping[str, Any]


class BadRow(NamedTuple):
    """A row that cannot be read. `excerpt` is its beginning; `ends_feed` says that nothing after it could be read."""

    number: int
    reason: str
    mend: str
    excerpt: str = ""
    ends_feed: bool = False


Rows = Iterator[Row | BadRow]

EXCERPT = 200
"""Characters of a bad row that are shown."""
