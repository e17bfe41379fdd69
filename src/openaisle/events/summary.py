"""What a log holds, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from openaisle.storage import fetch


@dataclass(frozen=True, slots=True)
class Summary:
    """`first` and `last` are times in milliseconds since 1970, None in an empty log. `unknown` events are of products
    that the catalogue does not have; `marks` counts those that are not a person's, by reason."""

    events: int
    kinds: Mapping[str, int]
    unknown: int
    marks: Mapping[str, int]
    shoppers: int
    sessions: int
    first: int | None
    last: int | None


def summarize(engine: Engine) -> Summary:
    """Count everything; reads the whole log."""
    groups = fetch(
        engine, "SELECT kind, known, mark, count(*), min(time), max(time) FROM events GROUP BY kind, known, mark", ()
    )
    kinds, marks, unknown = Counter[str](), Counter[str](), 0
    for kind, known, mark, count, _, _ in groups:
        kinds[kind] += count
        unknown += 0 if known else count
        if mark:
            marks[mark] += count
    return Summary(
        sum(kinds.values()),
        dict(kinds.most_common()),
        unknown,
        dict(marks.most_common()),
        _distinct(engine, "shopper"),
        _distinct(engine, "session"),
        min((group[4] for group in groups), default=None),
        max((group[5] for group in groups), default=None),
    )


def _distinct(engine: Engine, column: str) -> int:
    query = f"SELECT count(*) FROM (SELECT DISTINCT {column} FROM events WHERE {column} <> '') AS each_once"  # noqa: S608
    return int(fetch(engine, query, ())[0][0])
