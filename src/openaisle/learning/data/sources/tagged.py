"""Texts with typed spans (JSON Lines): what token tagging learns from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

from openaisle.learning.data.rows import Row, read_rows
from openaisle.learning.examples import Span, Tagged

_MEND = 'Write spans as [{"start": 0, "end": 4, "type": "BRAND"}], counted in characters, end not included.'


def from_tagged(path: Path, columns: Mapping[str, str] | None = None) -> Iterator[Tagged]:
    """One example a line of `text` and `spans`; raises `DataError` for spans outside the text or over each other."""
    for row in read_rows(path, ("text", "spans"), (), columns):
        text = row.values["text"]
        if not isinstance(text, str):
            raise row.fail("text is not a text", _MEND)
        yield Tagged(text, _spans(row, text, row.values["spans"]))


def _spans(row: Row, text: str, stated: Any) -> tuple[Span, ...]:
    if not isinstance(stated, list):
        raise row.fail("spans is not a list", _MEND)
    spans = tuple(sorted({_span(row, text, span) for span in stated}, key=lambda span: (span.start, span.end)))
    for before, after in pairwise(spans):
        if after.start < before.end:
            raise row.fail(
                f"the spans {before.start} to {before.end} and {after.start} to {after.end} overlap",
                "Keep one of the two.",
            )
    return spans


def _span(row: Row, text: str, stated: Any) -> Span:
    if not isinstance(stated, dict):
        raise row.fail("a span is not an object", _MEND)
    start, end, type_ = stated.get("start"), stated.get("end"), stated.get("type")
    if not (type(start) is int and type(end) is int and isinstance(type_, str) and type_.strip()):
        raise row.fail("a span lacks start, end or type", _MEND)
    if not 0 <= start < end <= len(text):
        raise row.fail(f"the span {start} to {end} is not inside the text of {len(text)} characters", _MEND)
    said = stated.get("text")
    if isinstance(said, str) and said != text[start:end]:
        raise row.fail(f"the span {start} to {end} is {text[start:end]!r}, not {said!r}", _MEND)
    return Span(start, end, type_.strip())
