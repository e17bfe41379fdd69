"""Campaigns and clicks for tests, with what a test says about them and plain values for the rest."""

from __future__ import annotations

from typing import Any

from openaisle.ads.campaign import Campaign, Keyword
from openaisle.ads.clicks import Click

NOON = 1_772_366_400_000
"""2026-03-01 12:00 UTC, a Sunday."""


def campaign(**values: Any) -> Campaign:
    plain: dict[str, Any] = {
        "id": "C",
        "advertiser": "Lumora",
        "products": ("k1",),
        "currency": "EUR",
        "bid": 50,
        "daily_budget": 1000,
        "keywords": (Keyword("kettle"),),
    }
    return Campaign(**{**plain, **values})


def click(id: str, **values: Any) -> Click:
    plain: dict[str, Any] = {
        "id": id,
        "campaign_id": "C",
        "product_id": "k1",
        "keyword": "kettle",
        "served": f"showing {id}",
        "visitor": f"visitor {id}",
        "time": NOON,
        "served_at": NOON - 1000,
        "day": "2026-03-01",
        "price": 40,
    }
    return Click(**{**plain, **values})
