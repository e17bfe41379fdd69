"""Google Merchant's tab-separated feed."""

from __future__ import annotations

from openaisle.catalog.feeds.delimited import read_delimited
from openaisle.catalog.feeds.google import normalized
from openaisle.catalog.feeds.rows import Rows
from openaisle.catalog.feeds.stream import FeedStream


def read_google_tsv(stream: FeedStream) -> Rows:
    """Rows by attribute name."""
    return normalized(read_delimited(stream))
