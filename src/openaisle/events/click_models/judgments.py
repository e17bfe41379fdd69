"""Graded judgments from a click model: what `openaisle eval` measures with and the learning room learns from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from openaisle.events.click_models.model import Fitted
from openaisle.events.click_models.pages import Floats, Pages

HIGHEST_GAIN = 3.0
LEAST_CLICKS = 3
"""Clicks that a query needs before anything is said of it."""
LEAST_CONFIDENCE = 0.5
"""Below, an estimate is the query's average more than the product's own clicks."""
_NO_ANSWER = 0.1
"""Relevance, as a part of the best of the query, under which the gain is 0."""


@dataclass(frozen=True, slots=True)
class ClickJudgment:
    """How well a product answers a query, as clicks tell.

    `gain` is relevance as a part of the best product's, times 3; `relevance` with its 95 % interval from `lower` to
    `upper` is a chance. `confidence` is the part of it that comes from the product's own clicks.
    """

    query: str
    product_id: str
    gain: float
    confidence: float
    relevance: float
    lower: float
    upper: float
    impressions: int
    clicks: int


def judged(fitted: Fitted, pages: Pages, spellings: Mapping[str, str] | None = None) -> Iterator[ClickJudgment]:
    """Queries in order, the best product of each first. `spellings` says how a query is written.

    The best of a query is the one with the highest lower bound, so that a stroke of luck sets no standard.
    """
    pairs, relevance = pages.pairs, fitted.relevance
    lower, upper = relevance.bounds()
    shown, clicked = pages.count(), pages.count(pages.clicked)
    enough = np.bincount(pairs.query, clicked, minlength=len(pairs.queries)) >= LEAST_CLICKS
    kept = np.flatnonzero(enough[pairs.query] & (relevance.confidence >= LEAST_CONFIDENCE) & (shown > 0))
    gains = _gains(pairs.query[kept], relevance.mean[kept], lower[kept])
    names = spellings or {}
    for place in np.lexsort((pairs.product[kept], -relevance.mean[kept], pairs.query[kept])):
        pair = kept[place]
        query = pairs.queries[pairs.query[pair]]
        yield ClickJudgment(
            names.get(query, query),
            pairs.products[pairs.product[pair]],
            float(gains[place]),
            round(float(relevance.confidence[pair]), 3),
            round(float(relevance.mean[pair]), 5),
            round(float(lower[pair]), 5),
            round(float(upper[pair]), 5),
            int(shown[pair]),
            int(clicked[pair]),
        )


def write_judgments(judgments: Iterable[ClickJudgment], path: Path) -> int:
    """Write them as a table that `openaisle eval` reads, and tell how many there are.

    Ids and queries with tabs or line breaks, which such a table cannot hold, are left out.
    """
    columns = [field.name for field in fields(ClickJudgment)]
    count = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("\t".join(columns) + "\n")
        for judgment in judgments:
            if _fits(judgment.query) and _fits(judgment.product_id):
                file.write("\t".join(_written(getattr(judgment, name)) for name in columns) + "\n")
                count += 1
    return count


def _gains(query: NDArray[np.int32], mean: Floats, lower: Floats) -> Floats:
    order = np.lexsort((lower, query))
    last_of_query = np.ones(len(order), np.bool_)
    last_of_query[:-1] = query[order][1:] != query[order][:-1]
    best = np.zeros(int(query.max(initial=-1)) + 1)
    best[query[order][last_of_query]] = mean[order][last_of_query]
    share = np.minimum(mean / best[query], 1.0)
    return np.where(share < _NO_ANSWER, 0.0, np.round(HIGHEST_GAIN * share, 1))


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _fits(text: str) -> bool:
    return text == text.strip() and text.isprintable()
