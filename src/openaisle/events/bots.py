"""Marks events that no person makes: callers that say they are robots, bursts, and rhythms too even for a hand.

Nothing is dropped: a mark is a reason not to learn from an event, and can be looked at. What is judged is what takes a
person time to do (asking, clicking, opening a page), in stretches without a longer pause; impressions come by the
page and orders by the cart, so their number says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from openaisle.events.event import Kind

Times = NDArray[np.int64]


class Mark(StrEnum):
    """Why an event is taken for a machine's."""

    AGENT = "agent"
    """The caller's User-Agent says so."""
    BURST = "burst"
    """More actions within a minute than a person can make."""
    REGULAR = "regular"
    """Actions at even intervals, as a program makes them."""
    VOLUME = "volume"
    """More actions without a pause than a person can make."""


ACTIONS = (Kind.QUERY, Kind.CLICK, Kind.VIEW)

PAUSE_MS = 30 * 60_000
"""A pause after which a new stretch begins."""
PER_MINUTE = 60
PER_STRETCH = 5000
EVEN_ACTIONS = 20
"""Actions from which an even rhythm is no chance."""
EVEN_SPREAD = 0.05
"""Standard deviation over mean of the intervals; people stay above .5."""
FEWEST = min(EVEN_ACTIONS, PER_MINUTE)
"""Fewer actions are never marked."""

_MINUTE_MS = 60_000
_ROBOT = re.compile(
    r"(?<!cu)bot\b|(?<!cu)bot[/;_-]|crawl|spider|slurp|scrap|headless|phantomjs|selenium|puppeteer|playwright|"
    r"python-requests|python-urllib|aiohttp|httpx|curl/|wget/|libwww|go-http-client|okhttp-monitor|java/|"
    r"monitor|uptime|preview|facebookexternalhit|lighthouse",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Actions of one visitor from `first` to `last` (milliseconds since 1970) and what they are taken for."""

    first: int
    last: int
    mark: Mark | None


def mark_of_agent(agent: str) -> str:
    """`agent` for the User-Agent of a robot, "" for any other or none."""
    return Mark.AGENT.value if agent and _ROBOT.search(agent) else ""


def stretches(times: Sequence[int]) -> Iterator[Stretch]:
    """The stretches of one visitor's actions, whose times are in order."""
    moments: Times = np.asarray(times, dtype=np.int64)
    if not len(moments):
        return
    starts = np.flatnonzero(moments[1:] - moments[:-1] > PAUSE_MS) + 1
    for part in np.split(moments, starts):
        yield Stretch(int(part[0]), int(part[-1]), _judged(part))


def _judged(times: Times) -> Mark | None:
    if len(times) < FEWEST or not (times % _MINUTE_MS).any():
        return None  # a clock that knows whole minutes only cannot tell
    if len(times) > PER_STRETCH:
        return Mark.VOLUME
    if len(times) > PER_MINUTE and (times[PER_MINUTE:] - times[:-PER_MINUTE]).min() < _MINUTE_MS:
        return Mark.BURST
    return Mark.REGULAR if _is_even(np.unique(times)) else None


def _is_even(moments: Times) -> bool:
    intervals = moments[1:] - moments[:-1]
    return len(intervals) >= EVEN_ACTIONS - 1 and bool(intervals.std() < EVEN_SPREAD * intervals.mean())
