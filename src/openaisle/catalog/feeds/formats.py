"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from openaisle.catalog.feeds.delimited import read_delimited
from openaisle.catalog.feeds.detect import detect
from openaisle.catalog.feeds.google_tsv import read_google_tsv
from openaisle.catalog.feeds.google_xml import read_google_xml
from openaisle.catalog.feeds.json_document import read_json
from openaisle.catalog.feeds.jsonl import read_jsonl
from openaisle.catalog.feeds.jsonld import read_jsonld
from openaisle.catalog.feeds.parquet import read_parquet
from openaisle.catalog.feeds.rows import Rows
from openaisle.catalog.feeds.shopify import read_shopify
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.errors import FeedError

READERS: Mapping[str, Callable[[FeedStream], Rows]] = {
    "csv": read_delimited,
    "tsv": read_delimited,
    "jsonl": read_jsonl,
    "json": read_json,
    "jsonld": read_jsonld,
    "parquet": read_parquet,
    "google_xml": read_google_xml,
    "google_tsv": read_google_tsv,
    "shopify": read_shopify,
}


def read_feed(stream: FeedStream, format_: str | None = None) -> tuple[str, Rows]:
    """The feed's format (as named, or detected) and its rows. Raises `FeedError` for a format there is not."""
    name = format_ or detect(stream)
    if name not in READERS:
        raise FeedError(f"There is no feed format {name[:40]!r}.", f"Use one of: {', '.join(READERS)}.")
    if not stream.sample and stream.damage:
        raise FeedError(
            f"Of the feed {stream.path.name} nothing can be read: {stream.damage}.", "Get the whole file again."
        )
    if not stream.sample:
        raise FeedError(f"The feed {stream.path.name} is empty.", "Give a file with products.")
    return name, READERS[name](stream)
