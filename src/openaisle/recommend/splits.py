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
    """Each row of a session after its first, to be told from the rows before it (and from the shopper's history)."""
    histories = Histories(past) if past is not None else None
    offsets = future.offsets
    for session, (start, end) in enumerate(pairwise(offsets.tolist())):
        if end - start < 2:
            continue
        shopper = int(future.shopper[start])
        history = histories.of(shopper) if histories is not None else History()
        unit = shopper if histories is not None and shopper != UNKNOWN else session
        for place in range(start + 1, end):
            context = Context(int(future.time[place - 1]), future.product[start:place], history)
            yield Case(context, future.product[place : place + 1], unit)


def next_basket_cases(future: Interactions, past: Interactions) -> Iterator[Case]:
    """Each shopper's first basket of the future, to be told from the history alone."""
    histories, seen = Histories(past), set[int]()
    offsets = future.offsets
    for start, end in pairwise(offsets.tolist()):
        shopper = int(future.shopper[start])
        targets = np.unique(future.product[start:end][future.bought[start:end]])
        if shopper == UNKNOWN or shopper in seen or len(targets) == 0:
            continue
        seen.add(shopper)
        yield Case(Context(int(future.time[start]), history=histories.of(shopper)), targets, shopper)


class Histories:
    """What each shopper did, oldest first."""

    def __init__(self, past: Interactions) -> None:
        order = np.lexsort((past.time, past.shopper))
        order = order[past.shopper[order] != UNKNOWN]
        self._product, self._time = past.product[order], past.time[order]
        self._weight, self._bought = past.weight[order], past.bought[order]
        sizes = np.bincount(past.shopper[order], minlength=len(past.shoppers))
        self._offsets = np.concatenate(([0], np.cumsum(sizes)))

    def of(self, shopper: int) -> History:
        """Empty for a shopper who did nothing yet, or is unknown."""
        if not 0 <= shopper < len(self._offsets) - 1:
            return History()
        rows = slice(self._offsets[shopper], self._offsets[shopper + 1])
        return History(self._product[rows], self._time[rows], self._weight[rows], self._bought[rows])
