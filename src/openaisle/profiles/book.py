"""The profiles that are asked for, kept in memory and up to date; others are made from the log when they are asked for.

An event that was stored reaches a profile in memory by the log's numbers, whichever process took it. Looking costs one
short query, at most every `LOOK_MS`; each new event then costs the same however much its shopper did before.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from openaisle.profiles.background import Background
from openaisle.profiles.facts import Facts
from openaisle.profiles.history import History
from openaisle.profiles.interests import Vector
from openaisle.profiles.profile import Act, Growing, Profile

LOOK_MS = 250
"""Pause between two looks for new events, so that a profile is never a second behind the log."""
MOST_SHOPPERS = 10_000
"""Profiles in memory; the one that was not asked for the longest time goes first."""
_MOST_NEW = 20_000
"""New events up to which profiles in memory are updated; after more (an import), all are made anew when asked for."""
_OLDEST_MS = 3_600_000
"""After so long a profile is made anew: events may have been marked as a machine's since."""


class Products(Protocol):
    """What is known of products. `vectors` has a row for each id, NaN where there is none; `space` names the model that
    made them, "" without one."""

    def facts(self, ids: Sequence[str]) -> Sequence[Facts | None]: ...

    def vectors(self, ids: Sequence[str]) -> Vector: ...

    def space(self) -> str: ...

    def background(self) -> Background: ...


@dataclass(frozen=True, slots=True)
class _Kept:
    """`erased` is when the shopper's events had been erased last, `space` what its vectors are of."""

    growing: Growing
    erased: int
    space: str


class ProfileBook:
    """By pseudonym. Safe for many threads."""

    def __init__(
        self, history: History, products: Products, clock: Callable[[], int], most: int = MOST_SHOPPERS
    ) -> None:
        self._history = history
        self._products = products
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._seen = 0
        self._looked = 0
        self._changing = threading.RLock()

    def of(self, visitor: str, erased: int = 0) -> Profile | None:
        """The profile as of now; None for who did nothing that tells of interest. `erased` is when their events were
        erased last: what was made before that is thrown away."""
        now = self._clock()
        with self._changing:
            self._look(now)
            kept = self._kept.get(visitor)
            if kept is None or not self._holds(kept, erased, now):
                kept = self._keep(visitor, erased, now)
            self._kept.move_to_end(visitor)
            return kept.growing.at(now) if kept.growing.acts else None

    def forget(self, visitor: str) -> None:
        with self._changing:
            self._kept.pop(visitor, None)

    def __len__(self) -> int:
        return len(self._kept)

    def _holds(self, kept: _Kept, erased: int, now: int) -> bool:
        return kept.erased == erased and now - kept.growing.made < _OLDEST_MS and kept.space == self._products.space()

    def _look(self, now: int) -> None:
        """Take in what was stored since the last look."""
        if 0 <= now - self._looked < LOOK_MS:
            return
        self._looked = now
        latest = self._history.latest()
        if latest - self._seen > _MOST_NEW:
            self._kept.clear()
        elif latest > self._seen and self._kept:
            self._take_in(latest, now)
        self._seen = latest

    def _take_in(self, latest: int, now: int) -> None:
        new: dict[str, list[Act]] = {}
        for number, visitor, act in self._history.since(self._seen, latest):
            kept = self._kept.get(visitor)
            if kept is not None and number > kept.growing.through:
                new.setdefault(visitor, []).append(act)
        for visitor, acts in new.items():
            self._add(self._kept[visitor].growing, acts, now)
            self._kept[visitor].growing.through = latest

    def _keep(self, visitor: str, erased: int, now: int) -> _Kept:
        through, space = self._history.latest(), self._products.space()
        kept = _Kept(Growing(through, now), erased, space)
        self._add(kept.growing, self._history.of(visitor, through), now)
        self._kept[visitor] = kept
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return kept

    def _add(self, growing: Growing, acts: Sequence[Act], now: int) -> None:
        """Acts on products that are gone, and those without a weight, leave no trace."""
        telling = [act for act in acts if act.weight]
        ids = list(dict.fromkeys(act.product_id for act in telling))
        known = dict(zip(ids, self._products.facts(ids), strict=True)) if ids else {}
        vectors = dict(zip(ids, self._products.vectors(ids), strict=True)) if ids else {}
        background = self._products.background()
        for act in telling:
            facts, vector = known[act.product_id], vectors[act.product_id]
            if facts is not None:
                whole = vector if len(vector) and not np.isnan(vector[0]) else None
                growing.add(act, background.traits(facts), whole, now)
