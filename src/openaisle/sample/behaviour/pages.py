"""What a page shows for a judged query: the best answers first, the variants of a product in one place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from statistics import median

from openaisle.sample.figures import share
from openaisle.sample.generate import Product, products
from openaisle.sample.writing import judgments_path

Trait = tuple[str, str]
"""A field and one of its values: `("brand", "Lumora 露沐")`, `("colour", "black")`."""
LENGTH = 10
"""Places on a page."""


@dataclass(frozen=True, slots=True)
class Variant:
    """`dearness` is by how many doublings its price lies above the median of its category."""

    id: str
    price: float
    currency: str
    in_stock: bool
    traits: frozenset[Trait]
    dearness: float


@dataclass(frozen=True, slots=True)
class Place:
    """A product that answers, `gain` 1 to 3, in those variants that answer best; the first is shown."""

    variants: tuple[Variant, ...]
    gain: int


Page = Sequence[Place]


def pages_of(queries: Iterable[str]) -> Mapping[str, Page]:
    """The page of each judged query. Raises KeyError for a query without judgments."""
    shelf = {product["id"]: product for product in products()}
    usual = _usual_prices(shelf.values())
    gains = _gains()
    return {query: _page(gains[query], shelf, usual) for query in queries}


def _page(gains: Mapping[str, int], shelf: Mapping[str, Product], usual: Mapping[str, float]) -> Page:
    """By gain, then by popularity."""
    groups: dict[str, list[str]] = {}
    for id in sorted(gains, key=lambda id: (-gains[id], share(id, "shown"))):
        if gains[id] > 0:
            groups.setdefault(shelf[id]["group_id"] or id, []).append(id)
    places = sorted(groups.values(), key=lambda ids: (-gains[ids[0]], -shelf[ids[0]]["ranking"]["popularity"], ids[0]))
    return [
        Place(tuple(_variant(shelf[id], usual) for id in ids if gains[id] == gains[ids[0]]), gains[ids[0]])
        for ids in places[:LENGTH]
    ]


def _variant(product: Product, usual: Mapping[str, float]) -> Variant:
    price = _price(product)
    traits = {("brand", product["brand"])}
    traits |= {(name, value) for name, value in product["attributes"].items() if isinstance(value, str)}
    dearness = log2(price / usual[_category(product)])
    return Variant(product["id"], price, product["currency"], product["stock"] > 0, frozenset(traits), dearness)


def _usual_prices(shelf: Iterable[Product]) -> Mapping[str, float]:
    prices: dict[str, list[float]] = {}
    for product in shelf:
        prices.setdefault(_category(product), []).append(_price(product))
    return {category: median(own) for category, own in prices.items()}


def _category(product: Product) -> str:
    return " > ".join(product["category"])


def _price(product: Product) -> float:
    return float(product["price"] if product["sale_price"] is None else product["sale_price"])


def _gains() -> Mapping[str, Mapping[str, int]]:
    gains: dict[str, dict[str, int]] = {}
    for line in judgments_path().read_text(encoding="utf-8").splitlines()[1:]:
        query, product_id, gain = line.split("\t")
        gains.setdefault(query, {})[product_id] = int(gain)
    return gains
