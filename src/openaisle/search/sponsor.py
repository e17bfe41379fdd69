"""Sponsored products on a page: what those who place ads are told of it, and what they may place.

Who advertises, and who wins a place, is decided outside. Here a sponsored product becomes a hit like any other, and
only one that the shopper asked for: it matches the query under its filter, it can be had now, and whichever of its
variants is advertised, it stands on the page once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.filters.expression import Comparison, Operator
from openaisle.search.arrange import Page
from openaisle.search.question import Question
from openaisle.search.rank import Ranked
from openaisle.search.response import Hit

_TO_BE_HAD = Comparison("in_stock", Operator.EQUAL, True)
_Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Standing:
    """How well a product answers, on the scale of its page. Variants that are shown as one share the `key`."""

    key: str
    score: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A hit as ads know it: `id` is the key of its `Standing`."""

    id: str
    hit: Hit

    @property
    def score(self) -> float:
        return self.hit.score


@dataclass(frozen=True, slots=True)
class AdSpace:
    """A page on which ads may stand. `shown` makes hits of places in the ranking; `shopper` is "" where unknown."""

    query_id: str
    shopper: str
    question: Question
    ranked: Ranked
    page: Page
    hits: tuple[Hit, ...]
    shown: Callable[[Page], tuple[Hit, ...]]

    @property
    def query(self) -> str:
        return self.question.intent.text

    @property
    def meaning(self) -> NDArray[np.float32] | None:
        """The query's vector; None where words alone were searched for."""
        return None if self.question.meaning is None else self.question.meaning.vector

    @property
    def organic(self) -> tuple[Entry, ...]:
        keys = self._keys(self.page.places)
        return tuple(Entry(keys[hit.id], hit) for hit in self.hits)

    def standings(self, ids: Sequence[str]) -> Mapping[str, Standing]:
        """Of products, those that may be shown."""
        places = self._places(ids)
        scores = self.ranked.scores[places].tolist()
        return {id: Standing(key, score) for (id, key), score in zip(self._keys(places).items(), scores, strict=True)}

    def entries(self, ids: Sequence[str]) -> Mapping[str, Entry]:
        """Of products, those that may be shown, as hits."""
        places = self._places(ids)
        keys = self._keys(places)
        chosen = Page(places, self._variants(places), self.page.total, self.page.groups)
        return {hit.id: Entry(keys[hit.id], hit) for hit in self.shown(chosen)}

    def _places(self, ids: Sequence[str]) -> _Places:
        places = np.flatnonzero(np.isin(self.ranked.rows, self.question.snapshot.find(ids)))
        return places[self.question.snapshot.passing(self.ranked.rows[places], _TO_BE_HAD)]

    def _keys(self, places: _Places) -> dict[str, str]:
        ids = self.question.snapshot.ids(self.ranked.rows[places])
        groups = self.page.groups
        return dict(zip(ids, ids if groups is None else map(str, groups[places].tolist()), strict=True))

    def _variants(self, places: _Places) -> _Places:
        groups = self.page.groups
        if groups is None:
            return np.ones(len(places), np.intp)
        return np.array([np.count_nonzero(groups == groups[place]) for place in places], np.intp)


class Ads(Protocol):
    """What chooses ads. Raises no `OpenAisleError`: where it fails, a page goes without."""

    def applies(self, *, query: str, offset: int, ordered: bool) -> bool:
        """Whether such a page may have ads now; cheap, and false where nobody advertises."""
        ...

    def arranged(self, space: AdSpace) -> tuple[Hit, ...]:
        """The hits of the page with ads among them, as many as before."""
        ...
