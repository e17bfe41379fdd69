"""Shoppers that do not exist: pages and clicks drawn by a seed from a known truth, to try on it whatever learns from
clicks. Three kinds of shoppers, who look at positions, read on until the first click, or read on until satisfied.
"""

from openaisle.events.simulation.market import Market, market
from openaisle.events.simulation.sessions import events_of, simulate
from openaisle.events.simulation.shoppers import CascadeShopper, DynamicShopper, PositionShopper, Shopper

__all__ = [
    "CascadeShopper",
    "DynamicShopper",
    "Market",
    "PositionShopper",
    "Shopper",
    "events_of",
    "market",
    "simulate",
]
