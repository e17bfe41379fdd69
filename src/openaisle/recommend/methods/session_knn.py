"""Sessions like this one: what was opened in them.

V-SkNN with the three decays of STAN (Ludewig and Jannach, 2018; Garg et al., 2019): products seen late in this session
count more, sessions of late count more, and what stood near the shared product in the other session counts more; what
everybody opens counts less (idf).
"""

from __future__ import annotations

from dataclasses import astuple, dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers
from openaisle.recommend.interactions import Interactions, Times
from openaisle.recommend.protocol import Arrays
from openaisle.recommend.scores import NOTHING, SparseScores, summed
from openaisle.recommend.sparse_rows import Rows, grouped, places_of

_DAY_MS = 86_400_000.0


@dataclass(frozen=True, slots=True)
class SessionKnn:
    """`neighbours` sessions are read out, of at most `sample` newest ones per product of the session. `recency` is in
    positions, `age_days` in days, `distance` in positions: what each needs to lose 63 % of its say."""

    neighbours: int = 300
    sample: int = 1000
    recency: float = 1.5
    age_days: float = 7.0
    distance: float = 2.0
    idf: float = 1.0
    longest: int = 20

    def fit(self, interactions: Interactions) -> SessionKnnModel:
        offsets = interactions.offsets
        ends = interactions.time[offsets[1:] - 1]
        return SessionKnnModel(self, Rows(offsets, interactions.product), ends, len(interactions.products))


class SessionKnnModel:
    """Sessions, and for each product the places it has in them, the newest session last."""

    def __init__(self, settings: SessionKnn, sessions: Rows, ends: Times, products: int) -> None:
        self._settings = settings
        self._sessions = sessions
        self._ends = ends
        owner = np.repeat(np.arange(len(ends), dtype=np.int32), np.diff(sessions.offsets))
        newest = np.argsort(ends[owner], kind="stable").astype(np.int32)
        self._postings = grouped(sessions.values[newest], newest, products)
        self._owner = owner
        frequency = np.diff(self._postings.offsets)
        self._idf = (np.log(max(1, len(ends)) / np.maximum(1, frequency)) ** settings.idf).astype(np.float32)

    def scores(self, context: Context) -> SparseScores:
        trail = self._known(context.remembered)[-self._settings.longest :]
        if len(trail) == 0:
            return NOTHING
        sessions, similarity, matched = self._neighbours(trail, context.time)
        if len(sessions) == 0:
            return NOTHING
        starts, ends = self._sessions.offsets[sessions], self._sessions.offsets[sessions + 1]
        places, owner = places_of(starts, ends)
        products = self._sessions.values[places]
        distance = np.abs(places - matched[owner])
        values = similarity[owner] * np.exp(-distance / self._settings.distance) * self._idf[products]
        return summed(products, values)

    def _known(self, products: Numbers) -> Numbers:
        return products[products < len(self._postings.offsets) - 1]

    def _neighbours(self, trail: Numbers, now: int) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
        """The most similar sessions, their similarity, and the place of the product in them that was seen last."""
        settings = self._settings
        ends = self._postings.offsets[trail + 1]
        starts = np.maximum(self._postings.offsets[trail], ends - settings.sample)
        found, owner = places_of(starts, ends)
        places = self._postings.values[found]
        weights = np.exp((np.arange(len(trail)) - (len(trail) - 1)) / settings.recency)
        sessions = self._owner[places]
        if len(sessions) == 0:
            return sessions.astype(np.int64), weights[:0], sessions.astype(np.int64)
        order = np.lexsort((places, owner, sessions))
        sessions, places, owner = sessions[order], places[order], owner[order]
        firsts = np.flatnonzero(np.concatenate(([True], np.diff(sessions) != 0)))
        lasts = np.concatenate((firsts[1:], [len(sessions)])) - 1
        # a product that comes twice in the trail or in the session counts once a trail place
        once = np.concatenate(([True], (np.diff(sessions) != 0) | (np.diff(owner) != 0)))
        unique, matched = sessions[firsts], places[lasts]
        similarity = np.add.reduceat(np.where(once, weights[owner], 0.0), firsts)
        length = self._sessions.offsets[unique + 1] - self._sessions.offsets[unique]
        age = np.maximum(0, now - self._ends[unique]) / _DAY_MS
        similarity = similarity / np.sqrt(length) * np.exp(-age / settings.age_days)
        if len(unique) > settings.neighbours:
            best = np.argpartition(-similarity, settings.neighbours - 1)[: settings.neighbours]
            unique, matched, similarity = unique[best], matched[best], similarity[best]
        return unique.astype(np.int64), similarity, matched.astype(np.int64)

    def arrays(self) -> Arrays:
        return {
            "settings": np.array(astuple(self._settings), np.float64),
            "offsets": self._sessions.offsets,
            "values": self._sessions.values,
            "ends": self._ends,
            "products": np.array(len(self._postings.offsets) - 1),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        neighbours, sample, recency, age, distance, idf, longest = arrays["settings"].tolist()
        settings = SessionKnn(int(neighbours), int(sample), recency, age, distance, idf, int(longest))
        sessions = Rows(arrays["offsets"], arrays["values"])
        return cls(settings, sessions, arrays["ends"], int(arrays["products"]))

    def refreshed(self, new: Interactions) -> Self:
        offsets = np.concatenate((self._sessions.offsets, self._sessions.offsets[-1] + new.offsets[1:]))
        values = np.concatenate((self._sessions.values, new.product))
        ends = np.concatenate((self._ends, new.time[new.offsets[1:] - 1]))
        return type(self)(self._settings, Rows(offsets, values), ends, len(new.products))
