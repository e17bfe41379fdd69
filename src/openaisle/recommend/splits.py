"""Past and future: what a method may learn from, and what it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from openaisle.recommend.context import Context, History
from openaisle.recommend.ids import UNKNOWN, Numbers
from openaisle.recommend.interactions import Interactions


@dataclass(frozen=True, slots=True)
class Case:
    """One question with its answers. `unit` is who is drawn together in a bootstrap: a session, or a shopper."""

    context: Context
    targets: Numbers
    unit: int


def by_time(interactions: Interactions, moment: int) -> tuple[Interactions, Interactions]:
    """Sessions that ended before `moment` (ms), and those that began at it or later; what lies across is left out."""
    offsets = interactions.offsets
    lengths = np.diff(offsets)
    began = np.repeat(interactions.time[offsets[:-1]], lengths)
    ended = np.repeat(interactions.time[offsets[1:] - 1], lengths)
    return interactions.where(ended < moment), interactions.where(began >= moment)


def moment_leaving(interactions: Interactions, share: float) -> int:
    """The moment after which the last `share` of the sessions begin."""
    begins = interactions.time[interactions.offsets[:-1]]
    return int(np.quantile(begins, 1 - share)) if len(begins) else 0


def next_product_cases(future: Interactions, past: Interactions | None = None) -> Iterator[Case]:
    """Each row of a session after its first, to be told from the rows before it. With a `past`, also from what the
    shopper did before the session, in the past and in the future."""
    histories = Histories(past, future) if past is not None else None
    offsets = future.offsets
    for session, (start, end) in enumerate(pairwise(offsets.tolist())):
        if end - start < 2:
            continue
        shopper, began = int(future.shopper[start]), int(future.time[start])
        history = histories.of(shopper, began) if histories is not None else History()
        unit = shopper if histories is not None and shopper != UNKNOWN else session
        for place in range(start + 1, end):
            context = Context(int(future.time[place - 1]), future.product[start:place], history)
            yield Case(context, future.product[place : place + 1], unit)


def next_basket_cases(future: Interactions, past: Interactions) -> Iterator[Case]:
    """Each shopper's first basket of the future, to be told from what was done before it."""
    histories, seen = Histories(past, future), set[int]()
    for start, end in pairwise(future.offsets.tolist()):
        shopper, began = int(future.shopper[start]), int(future.time[start])
        targets = np.unique(future.product[start:end][future.bought[start:end]])
        if shopper == UNKNOWN or shopper in seen or len(targets) == 0:
            continue
        seen.add(shopper)
        yield Case(Context(began, history=histories.of(shopper, began)), targets, shopper)


class Histories:
    """What each shopper did, oldest first."""

    def __init__(self, *parts: Interactions) -> None:
        shopper = np.concatenate([part.shopper for part in parts])
        time = np.concatenate([part.time for part in parts])
        order = np.lexsort((time, shopper))
        order = order[shopper[order] != UNKNOWN]
        self._time = time[order]
        self._product = np.concatenate([part.product for part in parts])[order]
        self._weight = np.concatenate([part.weight for part in parts])[order]
        self._bought = np.concatenate([part.bought for part in parts])[order]
        sizes = np.bincount(shopper[order], minlength=max(len(part.shoppers) for part in parts))
        self._offsets = np.concatenate(([0], np.cumsum(sizes)))

    def of(self, shopper: int, before: int) -> History:
        """What was done before this moment (ms); nothing by a shopper who is unknown."""
        if not 0 <= shopper < len(self._offsets) - 1:
            return History()
        start, end = self._offsets[shopper], self._offsets[shopper + 1]
        rows = slice(start, start + np.searchsorted(self._time[start:end], before))
        return History(self._product[rows], self._time[rows], self._weight[rows], self._bought[rows])
