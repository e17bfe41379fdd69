"""Examples that are there twice, and weigh double."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from openaisle.learning.data.check.findings import Finding, Level, some
from openaisle.learning.data.digest import SPLITS, as_line
from openaisle.learning.data.keys import main_text
from openaisle.learning.examples import DataSet, Example


def duplicates(data: DataSet) -> Iterator[Finding]:
    """Examples of one split that are equal in everything."""
    again: list[Example] = []
    for name in SPLITS:
        seen: Counter[bytes] = Counter()
        for example in getattr(data, name):
            line = as_line(example)
            if seen[line]:
                again.append(example)
            seen[line] += 1
    if again:
        yield Finding(
            Level.WARNING,
            "duplicates",
            f"{len(again):,} examples are there more than once.",
            len(again),
            some(dict.fromkeys(map(main_text, again))),
            "Drop the repetitions, unless they are meant to weigh more.",
        )
