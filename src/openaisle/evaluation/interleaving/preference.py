"""Which of two interleaved rankings shoppers prefer, and whether that is chance."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from openaisle.evaluation.interleaving.impressions import Impression
from openaisle.evaluation.statistics import Estimate

_LARGEST_EXACT = 5_000
"""Decided units up to which the sign test is counted out; beyond, the normal curve is the same to four digits."""
_CERTAINTY = 1.959964


@dataclass(frozen=True, slots=True)
class Preference:
    """`wins` and `losses` are units that gave `first` more credit than `second`, or less.

    `margin` is the mean over units of +1 for a win, −1 for a loss, 0 for a tie, with its 95 % interval; `p_value` is
    that of the two-sided sign test. `preferred` is empty where chance would do as well.
    """

    first: str
    second: str
    wins: int
    losses: int
    ties: int
    credit: dict[str, float]
    margin: Estimate
    p_value: float
    preferred: str

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def preference(teams: tuple[str, str], impressions: Iterable[Impression], alpha: float = 0.05) -> Preference:
    """The impressions of a unit count as one vote, by which of its pages more were won than lost."""
    votes: dict[str, int] = {}
    credit = dict.fromkeys(teams, 0.0)
    for impression in impressions:
        first, second = (impression.credit.get(team, 0.0) for team in teams)
        credit[teams[0]] += first
        credit[teams[1]] += second
        votes[impression.unit] = votes.get(impression.unit, 0) + (first > second) - (first < second)
    signs = np.sign(np.fromiter(votes.values(), dtype=np.float64, count=len(votes)))
    wins, losses = int((signs > 0).sum()), int((signs < 0).sum())
    p_value = sign_test(wins, losses)
    leader = teams[0] if wins > losses else teams[1]
    return Preference(
        first=teams[0],
        second=teams[1],
        wins=wins,
        losses=losses,
        ties=len(votes) - wins - losses,
        credit=credit,
        margin=_margin(signs),
        p_value=p_value,
        preferred=leader if p_value <= alpha else "",
    )


def sign_test(wins: int, losses: int) -> float:
    """The two-sided p-value of so uneven a split of fair coins."""
    decided, fewer = wins + losses, min(wins, losses)
    if decided <= _LARGEST_EXACT:
        tail = sum(math.comb(decided, count) for count in range(fewer + 1))
        return min(1.0, float(2 * tail / 2**decided))
    z = max(0.0, abs(wins - losses) - 1) / math.sqrt(decided)
    return math.erfc(z / math.sqrt(2))


def _margin(signs: np.ndarray) -> Estimate:
    if signs.size == 0:
        return Estimate(0.0, 0.0, 0.0)
    mean = float(signs.mean())
    half = _CERTAINTY * float(signs.std(ddof=1)) / math.sqrt(signs.size) if signs.size > 1 else 1.0
    return Estimate(mean, max(-1.0, mean - half), min(1.0, mean + half))
