"""Texts that say nothing, and texts of which a model reads only the beginning."""

from __future__ import annotations

from collections.abc import Iterator

from openaisle.learning.data.check.findings import Finding, Level, some
from openaisle.learning.data.check.texts import every_example, texts_of
from openaisle.learning.data.keys import main_text
from openaisle.learning.examples import DataSet

OVER_LONG = 2000
"""Characters: more than 512 tokens in any language."""


def empty(data: DataSet) -> Iterator[Finding]:
    """Examples with a text of blanks."""
    blank = [example for example in every_example(data) if not all(map(str.strip, texts_of(example)))]
    if blank:
        yield Finding(
            Level.ERROR,
            "empty_text",
            f"{len(blank):,} examples have an empty text.",
            len(blank),
            some(map(main_text, blank)),
            "Drop them, or name the column that holds the text.",
        )


def over_long(data: DataSet) -> Iterator[Finding]:
    """Texts longer than models commonly read."""
    long = {text for example in every_example(data) for text in texts_of(example) if len(text) > OVER_LONG}
    if long:
        yield Finding(
            Level.NOTE,
            "over_long",
            f"{len(long):,} texts are longer than {OVER_LONG:,} characters; models read the beginning alone.",
            len(long),
            some(sorted(long)),
            "Put what matters first, or choose fewer fields under [data].",
        )
