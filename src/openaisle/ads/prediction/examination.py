"""How often each place is looked at, told apart from how good the ads were that stood there.

The position-based model (Richardson, Dominowska and Ragno, 2007): a click needs a look at the place and an ad that
deserves it. Places are measured against the first one, whose examination is 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from openaisle.ads.prediction.logistic import Floats

_ROUNDS = 50


class Counted(Protocol):
    """Views and clicks of showings that are alike."""

    @property
    def views(self) -> Floats: ...

    @property
    def clicks(self) -> Floats: ...


@dataclass(frozen=True, slots=True)
class Look:
    """`share` of the shoppers look at a place; `evidence` is how many clicks it would have had if all did."""

    share: float
    evidence: float


def examined(seen: Counted, places: NDArray[np.integer], rates: Floats, known: Mapping[int, Look]) -> dict[int, Look]:
    """The most likely examination of each place, given the rates at which its ads deserve to be clicked and what was
    known before. The first place is 1, and none is more."""
    first = min(int(places.min()), *known) if known else int(places.min())
    found = {**known, first: Look(1.0, known[first].evidence if first in known else 0.0)}
    for place in map(int, np.unique(places[places != first])):
        own = places == place
        found[place] = _look(seen.views[own], seen.clicks[own], rates[own], known.get(place, Look(0.5, 0.0)))
    return found


def shares_of(places: NDArray[np.integer], examination: Mapping[int, Look]) -> Floats:
    """The examination of each place; one that was never measured is taken to be like the last one that was."""
    last = examination[max(examination)].share if examination else 1.0
    shares = {place: look.share for place, look in examination.items()}
    return np.array([shares.get(int(place), last) for place in places], np.float64)


def _look(views: Floats, clicks: Floats, rates: Floats, known: Look) -> Look:
    """Where the likelihood of a place's clicks is flat in its share."""
    clicked, missed = float(clicks.sum()) + known.share * known.evidence, views - clicks
    share, expected = known.share, 0.0
    for _ in range(_ROUNDS):
        expected = float((missed * rates / (1 - share * rates)).sum()) + known.evidence
        share = min(1.0, max(1e-4, clicked / expected if expected > 0 else 1.0))
    return Look(share, expected)
