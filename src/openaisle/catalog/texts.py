"""Text as it may be stored: no control characters, no lone surrogates, no more than its limit."""

from __future__ import annotations

import re

from openaisle.catalog.problems import Doubt

_UNWANTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def cleaned(text: str) -> str:
    """The text without control characters (tab and line breaks stay) and lone surrogates."""
    return text if text.isprintable() else _UNWANTED.sub("", text)


def shortened(text: str, limit: int) -> str | Doubt:
    """The text, cut to `limit` characters with a doubt if it is longer."""
    if len(text) <= limit:
        return text
    return Doubt(
        text[:limit], f"the text has {len(text):,} characters and was cut to {limit:,}", "Shorten the text in the feed."
    )
