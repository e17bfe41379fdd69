"""What a caller asks."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """By words and meaning, by words alone, or by meaning alone."""

    HYBRID = "hybrid"
    LEXICAL = "lexical"
    DENSE = "dense"


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search. An empty query browses.

    `filter` is an expression of the filter language; `facets` are field names, or `FIELD:low,high,…` for counts per
    numeric range; a field in `disjunctive` is counted as if the filter had no condition on it; `sort` is
    `FIELD:asc` or `FIELD:desc`, relevance without it. `shopper` is who asks, as the shop knows them: what they did
    before moves what suits them up. `group` shows the variants of one product as one hit. `ads` lets sponsored products
    stand on the first page, where campaigns of the shop fit.
    """

    query: str
    limit: int = 10
    offset: int = 0
    filter: str | None = None
    facets: tuple[str, ...] = ()
    disjunctive: tuple[str, ...] = ()
    sort: str | None = None
    mode: Mode = Mode.HYBRID
    shopper: str | None = None
    explain: bool = False
    group: bool = True
    ads: bool = True
