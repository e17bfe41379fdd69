"""What profiles know of a shop's products: facts from the catalogue, vectors from the index, and what is usual."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from openaisle.engines.protocol import Engine, Rows, Snapshot
from openaisle.profiles.background import Background, background_of
from openaisle.profiles.facts import Bodies, Facts, FactsAtHand, facts_of
from openaisle.profiles.interests import Vector

SAMPLE = 4000
"""Products, evenly chosen, from which what is usual is told."""
_COMPARED = 256
"""Products whose vectors tell what likeness is usual."""
_AGE_SECONDS = 3600.0
_GROWN = 1.2
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class _Told:
    at: float
    documents: int
    space: str
    background: Background


class ShopProducts:
    """Safe for many threads."""

    def __init__(self, engine: Engine, bodies: Bodies) -> None:
        self._engine = engine
        self._bodies = bodies
        self._at_hand = FactsAtHand(bodies)
        self._background: _Told | None = None
        self._making = threading.Lock()
        self.facts = self._at_hand.of

    def vectors(self, ids: Sequence[str]) -> Vector:
        snapshot = self._engine.snapshot()
        rows = [snapshot.find((id,)) for id in ids]
        known = [number for number, row in enumerate(rows) if len(row)]
        found = snapshot.vectors(np.concatenate([np.empty(0, np.int32), *(rows[number] for number in known)]))
        made = np.full((len(ids), found.shape[1]), np.nan, np.float32)
        made[known] = found
        return made

    def space(self) -> str:
        return self._engine.built_with.encoder if self._engine.exists() else ""

    def background(self) -> Background:
        """Told anew after an hour, or when the catalogue has become another size."""
        kept = self._background
        if kept is not None and self._fits(kept):
            return kept.background
        if not self._making.acquire(blocking=kept is None):
            assert kept is not None
            return kept.background  # another thread is at it
        try:
            kept = self._background
            if kept is None or not self._fits(kept):
                snapshot = self._engine.snapshot()
                kept = self._told(snapshot)
                self._background = kept
            return kept.background
        finally:
            self._making.release()

    def _fits(self, kept: _Told) -> bool:
        documents = self._engine.snapshot().documents
        larger, smaller = max(documents, kept.documents), min(documents, kept.documents)
        young = time.monotonic() - kept.at < _AGE_SECONDS
        return young and larger <= _GROWN * smaller and kept.space == self.space()

    def _told(self, snapshot: Snapshot) -> _Told:
        space, every = self.space(), snapshot.browse(None)
        vectors = snapshot.vectors(evenly(every, _COMPARED))
        facts: list[Facts] = []
        rows = evenly(every, SAMPLE)
        for start in range(0, len(rows), _AT_ONCE):
            facts += map(facts_of, self._bodies(snapshot.ids(rows[start : start + _AT_ONCE])).values())
        background = background_of(facts, vectors[~np.isnan(vectors).any(axis=1)])
        return _Told(time.monotonic(), snapshot.documents, space, background)


def evenly(rows: Rows, most: int) -> Rows:
    """At most so many of the rows, from all parts."""
    return rows if len(rows) <= most else rows[np.linspace(0, len(rows) - 1, most).astype(np.intp)]
