"""The top of a ranking read once more, query and product together, for as long as the time allows.

A cross-encoder tells answers from near misses better than words and vectors do, and costs a run of a model for every
product. So it sees the top alone, and as much of it as its own measured speed fits into the budget; what it says is one
more named part of the score. That part is never negative, so the products it read stay above those it did not.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from openaisle.catalog.serialization import from_json
from openaisle.engines.protocol import Scores
from openaisle.errors import ModelError
from openaisle.indexing.texts import encoded_text
from openaisle.models.protocol import Reranker
from openaisle.search.present import Bodies
from openaisle.search.question import Question
from openaisle.search.rank import IDENTIFIER, RERANKER, Ranked
from openaisle.search.request import Mode, SearchRequest
from openaisle.settings import RerankerSettings

_Number = TypeVar("_Number", bound=np.generic)

_LOG = logging.getLogger(__name__)
_CHUNK = 8
"""Pairs between two looks at the clock."""
_FORGETTING = 0.9
"""What is left of the measured cost each time nothing fitted: one slow moment must not switch it off for good."""
_NEW = 0.3
"""Share of the newest measurement in the cost."""


class Cost:
    """Milliseconds that a pair takes, as measured; safe to share between threads."""

    def __init__(self, milliseconds: float) -> None:
        self._milliseconds = milliseconds
        self._lock = threading.Lock()

    @property
    def milliseconds(self) -> float:
        return self._milliseconds

    def measured(self, milliseconds: float, pairs: int) -> None:
        with self._lock:
            self._milliseconds += _NEW * (milliseconds / pairs - self._milliseconds)

    def forget(self) -> None:
        with self._lock:
            self._milliseconds *= _FORGETTING


@dataclass(frozen=True, slots=True)
class Top:
    """The candidates of a ranking: `places` are positions in it, `products` says which candidate each place belongs to
    (variants of one product are one candidate), and `first` is the best place of each candidate."""

    places: NDArray[np.intp]
    products: NDArray[np.intp]
    first: NDArray[np.intp]


class RerankStep:
    """Safe for many threads."""

    def __init__(self, reranker: Reranker, settings: RerankerSettings, bodies: Bodies) -> None:
        self._reranker = reranker
        self._settings = settings
        self._bodies = bodies
        self._cost = Cost(_probed(reranker))

    @property
    def cost(self) -> float:
        """Milliseconds that a pair takes now."""
        return self._cost.milliseconds

    def applies(self, request: SearchRequest, question: Question, ranked: Ranked) -> bool:
        """Whether there is something to re-rank: not a page behind the top, not what was found by its number, and not
        where words or meaning alone are asked for."""
        return (
            self._settings.budget_ms > 0
            and request.mode is Mode.HYBRID
            and not question.intent.browses
            and request.offset < self._settings.top
            and not (IDENTIFIER in ranked.parts and ranked.parts[IDENTIFIER].any())
        )

    def rerank(self, question: Question, ranked: Ranked, grouped: bool) -> Ranked:
        """The ranking with its top in a new order; as it was where the model fails."""
        deadline = time.perf_counter() + self._settings.budget_ms / 1e3
        fitting = min(self._settings.top, int(self._settings.budget_ms / self.cost))
        if fitting < 2:
            self._cost.forget()
            return ranked
        top = _top(question, ranked, grouped, fitting)
        texts = self._texts(question, ranked, top)
        try:
            relevances = self._scored(question.intent.text, texts, deadline)
        except ModelError:
            _LOG.exception("The reranker failed; the ranking stays as it was.")
            return ranked
        return _reordered(ranked, _known(top, len(relevances)), relevances * np.float32(self._settings.weight))

    def _texts(self, question: Question, ranked: Ranked, top: Top) -> list[str]:
        ids = question.snapshot.ids(ranked.rows[top.first])
        products = self._bodies(ids)
        return [self._text(products, id) for id in ids]

    def _text(self, products: Mapping[str, Mapping[str, object]], id: str) -> str:
        body = products.get(id)  # a product may have been deleted since the index was written
        return "" if body is None else encoded_text(from_json(dict(body)), self._settings.fields)

    def _scored(self, query: str, texts: Sequence[str], deadline: float) -> Scores:
        """Relevances of the first texts, as many as the deadline leaves time for."""
        scored: list[Scores] = []
        done = 0
        while done < len(texts):
            part = texts[done : done + _CHUNK]
            started = time.perf_counter()
            left = (deadline - started) * 1e3
            if left < self.cost * len(part):
                part = part[: max(0, int(left / self.cost))]
            if not part:
                break
            scored.append(self._reranker.score(query, part))
            self._cost.measured((time.perf_counter() - started) * 1e3, len(part))
            done += len(part)
        return np.concatenate(scored) if scored else np.empty(0, np.float32)


def _probed(reranker: Reranker) -> float:
    """Milliseconds a pair, seen on titles of a usual length; the first run is slower and does not count."""
    titles = ["Stainless steel water bottle with a straw lid, 500 ml, blue"] * _CHUNK
    reranker.score("water bottle", titles)
    started = time.perf_counter()
    reranker.score("water bottle", titles)
    return max(1e-3, (time.perf_counter() - started) * 1e3 / _CHUNK)


def _top(question: Question, ranked: Ranked, grouped: bool, count: int) -> Top:
    """The best `count` products with those of their variants that stand among them."""
    if not grouped:
        places = np.arange(min(count, len(ranked.rows)))
        return Top(places, places, places)
    first, inverse = _grouped(question, ranked, count)
    order = np.argsort(first)
    number = np.empty(len(first), np.intp)
    number[order] = np.arange(len(first))
    products = number[inverse]
    behind = np.flatnonzero(products >= count)
    places = np.arange(behind[0] if len(behind) else len(products))
    return Top(places, products[places], first[order][:count])


def _grouped(question: Question, ranked: Ranked, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where each product begins, and which one each place belongs to, as far down as more than `count` products go."""
    width = 4 * count
    while True:
        groups = question.snapshot.groups(ranked.rows[:width])
        _, first, inverse = np.unique(groups, return_index=True, return_inverse=True)
        if len(first) > count or width >= len(ranked.rows):
            return first, inverse
        width *= 4


def _known(top: Top, count: int) -> Top:
    """The part of the top that comes before the first product that there was no time for."""
    behind = np.flatnonzero(top.products >= count)
    end = behind[0] if len(behind) else len(top.places)
    return Top(top.places[:end], top.products[:end], top.first[:count])


def _reordered(ranked: Ranked, top: Top, contributions: Scores) -> Ranked:
    """`contributions` are per candidate; each of its variants gets the same."""
    part = np.zeros(len(ranked.rows), np.float32)
    part[top.places] = contributions[top.products]
    parts = {**ranked.parts, RERANKER: part}
    scores = ranked.scores + part
    end = len(top.places)
    order = np.lexsort((ranked.rows[:end], -scores[:end]))
    return Ranked(
        _prefix(ranked.rows, order),
        _prefix(scores, order),
        {name: _prefix(each, order) for name, each in parts.items()},
    )


def _prefix(values: NDArray[_Number], order: NDArray[np.intp]) -> NDArray[_Number]:
    """The values, the first of them in this order."""
    moved = values.copy()
    moved[: len(order)] = values[order]
    return moved
