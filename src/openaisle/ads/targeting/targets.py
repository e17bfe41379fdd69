"""All running campaigns, ready to be asked which of them fit a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.ads.campaign import Campaign, Match
from openaisle.ads.sealing import TOPIC
from openaisle.ads.targeting.topics import Topics
from openaisle.ads.targeting.words import KeywordIndex, Words

_STRICTNESS = {Match.EXACT: 2, Match.PHRASE: 1, Match.BROAD: 0}


@dataclass(frozen=True, slots=True)
class Eligible:
    """A campaign that fits. `keyword` is the number of the keyword it fits by, `TOPIC` for one that fits by meaning;
    `bid` is in minor units; `how` is a match type or "topic"."""

    campaign: Campaign
    keyword: int
    bid: int
    how: str

    @property
    def said(self) -> str:
        """The keyword's text, as reports name it."""
        return keyword_text(self.campaign, self.keyword)


def keyword_text(campaign: Campaign, keyword: int) -> str:
    """What reports call a keyword; what was found by meaning is `(topic)`."""
    return campaign.keywords[keyword].text if keyword < len(campaign.keywords) else "(topic)"


def how_found(campaign: Campaign, keyword: int) -> str:
    """The match type of a keyword; "topic" for what was found by meaning."""
    return campaign.keywords[keyword].match.value if keyword < len(campaign.keywords) else "topic"


class Targets:
    """Immutable; made anew when campaigns change. Safe for many threads. Without `topics`, words alone decide."""

    def __init__(self, campaigns: Sequence[Campaign], words: Words, topics: Topics | None = None) -> None:
        self._campaigns = tuple(campaigns)
        self._words = words
        self._topics = topics
        self._positive = KeywordIndex(
            (
                (keyword, (owner, number))
                for owner, campaign in enumerate(self._campaigns)
                for number, keyword in enumerate(campaign.keywords)
            ),
            words,
        )
        self._negative = KeywordIndex(
            ((keyword, owner) for owner, campaign in enumerate(self._campaigns) for keyword in campaign.negatives),
            words,
        )

    def eligible(self, query: str, time: int, meaning: NDArray[np.float32] | None = None) -> list[Eligible]:
        """The campaigns that fit a query and run at a time (milliseconds since 1970), each by the keyword that bids
        most, in the order they were given. `meaning` is the query's vector."""
        words = self._words(query)
        found = self._by_keyword(words)
        if meaning is not None and self._topics is not None:
            for owner in self._topics.find(meaning):
                campaign = self._campaigns[owner]
                found.setdefault(owner, Eligible(campaign, TOPIC, campaign.bid, "topic"))
        refused = {owner for _, owner in self._negative.find(words)}
        return [found[owner] for owner in sorted(found.keys() - refused) if found[owner].campaign.runs(time)]

    def _by_keyword(self, words: Sequence[str]) -> dict[int, Eligible]:
        best: dict[int, tuple[tuple[int, int], Eligible]] = {}
        for keyword, (owner, number) in self._positive.find(words):
            campaign = self._campaigns[owner]
            bid = campaign.bid if keyword.bid is None else keyword.bid
            order = (bid, _STRICTNESS[keyword.match])
            if owner not in best or order > best[owner][0]:
                best[owner] = (order, Eligible(campaign, number, bid, keyword.match.value))
        return {owner: fit for owner, (_, fit) in best.items()}
