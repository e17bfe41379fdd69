"""Queries and their answers as distributions: lengths, languages, words, places among the vectors, scores."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from openaisle.language import Analyzer, Lexicon
from openaisle.language.script import language_of
from openaisle.models.protocol import Encoder
from openaisle.search.request import SearchRequest

if TYPE_CHECKING:
    from openaisle.shop import Shop

LENGTHS = (2, 4, 8, 16, 32, 64)
"""Characters that begin a further class of lengths."""
_MOST_SEARCHED = 2_000
_MOST_WORDS = 50_000
_CLUSTERS = 12
_LEAST_PER_CLUSTER = 20
_SCORE_CLASSES = 10
_SEED = 7

Tell = Callable[[str, int, int | None], None]
Centroids = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """Counts of one set of queries under one model.

    `lengths`, `clusters` and `scores` count queries per class; `bounds` are the scores of the best hit that begin a
    class, `centroids` the unit vectors that queries are nearest to (none without an encoder, or from few queries).
    `words` are the distinct terms that were asked for, `terms` how many were in all, `unknown` those of them that no
    product has. `searched` of the queries, a sample, were searched and encoded; `unanswered` of these found nothing.
    """

    model: str
    queries: int
    lengths: tuple[int, ...]
    languages: Mapping[str, int]
    words: tuple[str, ...]
    terms: int
    unknown: int
    searched: int
    unanswered: int
    bounds: tuple[float, ...]
    scores: tuple[int, ...]
    centroids: Centroids
    clusters: tuple[int, ...]
    new: int = 0
    """Of the terms, those that the profile it is compared with does not have; in a profile that others are compared
    with, those that came once, which says how many of further terms would be new by nature (Good, 1953)."""


def profile_of(shop: Shop, queries: Sequence[str], tell: Tell, like: Profile | None = None) -> Profile:
    """The profile of the queries, each counted as often as it comes. With `like`, in the classes of that profile, so
    that the two can be compared."""
    sample = _sample(queries, shop.settings.search.max_query_length)
    best = _best_scores(shop, sample, tell)
    answered = np.array([score for score in best if score is not None], dtype=np.float64)
    bounds = _quantiles(answered) if like is None else like.bounds
    vectors = _vectors(shop.encoder, sample)
    centroids = _centroids(vectors) if like is None else like.centroids
    terms = _terms(shop, queries)
    snapshot = shop.engine.snapshot()
    return Profile(
        model=shop.settings.encoder.name,
        queries=len(queries),
        lengths=_classes(np.array([len(query) for query in queries]), LENGTHS),
        languages=dict(Counter(language_of(query) for query in queries)),
        words=tuple(term for term, _ in terms.most_common(_MOST_WORDS)),
        terms=terms.total(),
        unknown=sum(count for term, count in terms.items() if snapshot.frequency(term) == 0),
        searched=len(sample),
        unanswered=len(best) - len(answered),
        bounds=bounds,
        scores=_classes(answered, bounds),
        centroids=centroids,
        clusters=_nearest(vectors, centroids),
        new=_once(terms) if like is None else _unheard(terms, frozenset(like.words)),
    )


def _once(terms: Counter[str]) -> int:
    return sum(count == 1 for count in terms.values())


def _unheard(terms: Counter[str], known: frozenset[str]) -> int:
    return sum(count for term, count in terms.items() if term not in known)


def _sample(queries: Sequence[str], longest: int) -> list[str]:
    chosen = list(queries)
    if len(chosen) > _MOST_SEARCHED:
        chosen = random.Random(_SEED).sample(chosen, _MOST_SEARCHED)
    return [query[:longest] for query in chosen]


def _best_scores(shop: Shop, queries: Sequence[str], tell: Tell) -> list[float | None]:
    """The score of each query's first hit; None where nothing was found."""
    best: list[float | None] = []
    for number, query in enumerate(queries, start=1):
        hits = shop.search(SearchRequest(query, limit=1, ads=False)).hits
        best.append(hits[0].score if hits else None)
        tell("searching", number, len(queries))
    return best


def _quantiles(scores: NDArray[np.float64]) -> tuple[float, ...]:
    """Scores that part the queries into classes of about one size."""
    if len(scores) == 0:
        return ()
    parts = np.quantile(scores, np.linspace(0, 1, _SCORE_CLASSES + 1)[1:-1])
    return tuple(float(bound) for bound in np.unique(parts))


def _classes(values: NDArray[np.generic], bounds: Sequence[float]) -> tuple[int, ...]:
    places = np.searchsorted(np.asarray(bounds, dtype=np.float64), values, side="right")
    return tuple(int(count) for count in np.bincount(places, minlength=len(bounds) + 1))


def _vectors(encoder: Encoder | None, queries: Sequence[str]) -> NDArray[np.float32] | None:
    return None if encoder is None or not queries else encoder.encode_queries(queries)


def _centroids(vectors: NDArray[np.float32] | None) -> Centroids:
    """Spherical k-means, with at least a few queries a cluster."""
    if vectors is None or len(vectors) < 2 * _LEAST_PER_CLUSTER:
        return ()
    import faiss

    count = min(_CLUSTERS, len(vectors) // _LEAST_PER_CLUSTER)
    means = faiss.Kmeans(
        vectors.shape[1], count, spherical=True, seed=_SEED, niter=20, min_points_per_centroid=1, verbose=False
    )
    means.train(np.ascontiguousarray(vectors))
    return tuple(tuple(round(float(value), 6) for value in row) for row in means.centroids)


def _nearest(vectors: NDArray[np.float32] | None, centroids: Centroids) -> tuple[int, ...]:
    if vectors is None or not centroids:
        return ()
    nearest = np.argmax(vectors @ np.asarray(centroids, dtype=np.float32).T, axis=1)
    return tuple(int(count) for count in np.bincount(nearest, minlength=len(centroids)))


def _terms(shop: Shop, queries: Sequence[str]) -> Counter[str]:
    analyzer = Analyzer(Lexicon(shop.engine.built_with.lexicon))
    return Counter(term for query in queries for term in analyzer.terms(query))
