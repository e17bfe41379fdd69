"""Tells a feed's format from its name and its beginning."""

from __future__ import annotations

import re

from openaisle.catalog.feeds.stream import FeedStream
from openaisle.errors import FeedError

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".jsonld": "jsonld",
    ".parquet": "parquet",
    ".xml": "google_xml",
    ".rss": "google_xml",
    ".atom": "google_xml",
}
_SHOPIFY = (b"Handle", b"Variant Price")
_GOOGLE = (b"image_link", b"image link")
_OBJECT_PER_LINE = re.compile(rb"\{[^\n]*\}\s*\n\s*\{")
_LINKED_DATA = re.compile(rb'"@(context|graph|type)"\s*:')


def detect(stream: FeedStream) -> str:
    """The format's name. What the content shows beats what the name says. Raises `FeedError` when neither tells."""
    named = _named(stream)
    beginning = stream.sample.lstrip()
    if beginning.startswith(b"PAR1"):
        return "parquet"
    if beginning.startswith(b"<"):
        return "google_xml"
    if beginning.startswith((b"{", b"[")) and named not in {"csv", "tsv"}:
        return _json_kind(beginning, named)
    if named in {"csv", "tsv", None}:
        return _delimited_kind(beginning, named)
    return named


def _named(stream: FeedStream) -> str | None:
    suffixes = [suffix.lower() for suffix in stream.path.suffixes if suffix.lower() not in {".gz", ".gzip"}]
    return _SUFFIXES.get(suffixes[-1]) if suffixes else None


def _json_kind(beginning: bytes, named: str | None) -> str:
    if _LINKED_DATA.search(beginning[:4096]):
        return "jsonld"
    if beginning.startswith(b"["):
        return "json"
    return "jsonl" if named == "jsonl" or _OBJECT_PER_LINE.match(beginning) else "json"


def _delimited_kind(beginning: bytes, named: str | None) -> str:
    header = beginning.split(b"\n", 1)[0]
    if all(sign in header for sign in _SHOPIFY):
        return "shopify"
    if b"\t" in header:
        return "google_tsv" if any(sign in header for sign in _GOOGLE) else "tsv"
    if named is None and b"," not in header and b";" not in header:
        raise FeedError("The feed's format cannot be told from its name or content.", "Name it with --format.")
    return named or "csv"
