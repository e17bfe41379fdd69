"""Who is in the market: advertisers with their campaigns, what is searched for, and what shoppers really like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from openaisle.ads.campaign import Campaign, FrequencyCap, Keyword
from openaisle.ads.placing import Ad

_KINDS = ("kettle", "mug", "lamp", "chair", "shoe", "tent", "rug", "desk", "bowl", "clock")
_COLOURS = ("red", "blue", "green", "black")
_LOOKS = 0.5
"""How fast looks fall with the place: place p is looked at by `p ** -_LOOKS` of the shoppers."""
_BASE = -2.2
"""Logit of the rate at which an average ad is clicked where everyone looks."""


@dataclass(frozen=True, slots=True)
class Query:
    """`weight` is its share of the searches; `organic` are its page's scores; `relevance` scores what matches."""

    text: str
    weight: float
    organic: tuple[float, ...]
    relevance: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Market:
    """`appeal` holds what shoppers really like, as logits: of a campaign, of a product, of a product for a query."""

    campaigns: tuple[Campaign, ...]
    queries: tuple[Query, ...]
    appeal: Mapping[str, float]

    def rate(self, campaign_id: str, product_id: str, query: Query) -> float:
        """How often an ad is clicked by those who look at it: the truth, which no part of the room is told."""
        known = (campaign_id, product_id, f"{product_id} {query.text}")
        logit = _BASE + sum(self.appeal.get(name, 0.0) for name in known)
        logit += 2 * (query.relevance.get(product_id, 0.0) - 0.7)
        return float(1 / (1 + np.exp(-logit)))


def looked_at(position: int) -> float:
    """The share of shoppers that look at a place of the page."""
    return float(position**-_LOOKS)


def clicked_share(market: Market, ad: Ad, query: Query) -> float:
    return looked_at(ad.position) * market.rate(ad.campaign_id, ad.product_id, query)


def made_market(seed: int, campaigns: int = 20, searches: int = 20_000) -> Market:
    """A market whose budgets are so much smaller than its demand over a day of so many searches that most run short."""
    chance = np.random.default_rng(seed)
    made = [_campaign(number, chance) for number in range(campaigns)]
    market = market_of(made, seed)
    return replace(market, campaigns=tuple(_funded(each, market, searches, chance) for each in made))


def market_of(campaigns: Sequence[Campaign], seed: int) -> Market:
    """Shoppers who search for what the campaigns have as keywords (or topics)."""
    chance = np.random.default_rng([seed, 1])
    keywords = {keyword.text for each in campaigns for keyword in each.keywords}
    texts = sorted(keywords | {topic for each in campaigns for topic in each.topics})
    weights = 1 / np.arange(1, len(texts) + 1) ** 0.7
    chance.shuffle(weights)
    products = sorted({product for each in campaigns for product in each.products})
    queries = tuple(
        Query(
            text,
            float(weight / weights.sum()),
            tuple(sorted(chance.uniform(0.5, 1.0, 10), reverse=True)),
            {product: float(chance.uniform(0.6, 0.85)) for product in products},
        )
        for text, weight in zip(texts, weights, strict=True)
    )
    pairs = [f"{product} {query.text}" for product in products for query in queries]
    names = [*(each.id for each in campaigns), *products, *pairs]
    return Market(tuple(campaigns), queries, dict(zip(names, chance.normal(0, 0.35, len(names)).tolist(), strict=True)))


def _campaign(number: int, chance: np.random.Generator) -> Campaign:
    words = [f"{colour} {kind}" for kind in chance.choice(_KINDS, 5, replace=False) for colour in _COLOURS]
    chosen = chance.choice(words, 14, replace=False)
    return Campaign(
        id=f"campaign-{number:02}",
        advertiser=f"advertiser-{number:02}",
        products=tuple(f"product-{number:02}-{each}" for each in range(1 + number % 3)),
        currency="EUR",
        bid=int(chance.integers(20, 80)),
        daily_budget=1,
        keywords=tuple(Keyword(text) for text in sorted(chosen.tolist())),
        cap=FrequencyCap(12, 24) if number % 4 == 0 else None,
    )


def _funded(campaign: Campaign, market: Market, searches: int, chance: np.random.Generator) -> Campaign:
    """With a budget that is a part of what it might spend if it always stood in the first slot."""
    own = {keyword.text for keyword in campaign.keywords}
    share = sum(query.weight for query in market.queries if query.text in own)
    possible = searches * share * looked_at(4) * 0.1 * campaign.bid
    return replace(campaign, daily_budget=max(300, int(possible * chance.uniform(0.01, 0.08))))
