import gzip
from pathlib import Path

import pytest

from openaisle.catalog.feeds.formats import read_feed
from openaisle.catalog.feeds.rows import Row
from openaisle.catalog.feeds.stream import FeedStream


@pytest.fixture
def read(tmp_path: Path):
    """Reads content as a feed of this name: (rows, bad rows, format)."""

    def reading(name: str, content: bytes | str, format_: str | None = None, encoding: str | None = None):
        data = content.encode() if isinstance(content, str) else content
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") and data[:2] != b"\x1f\x8b" else data)
        with FeedStream(path, encoding) as stream:
            found, rows = read_feed(stream, format_)
            items = list(rows)
        good = [row for row in items if isinstance(row, Row)]
        return good, [row for row in items if not isinstance(row, Row)], found

    return reading
