"""The tour of the sample store: telling queries, shoppers, recommendations and an ad, read from `tour.toml`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from openaisle.sample.source import Pair

_HITS = 4


@dataclass(frozen=True, slots=True)
class Stop:
    """One query of the tour, with its filter and facets if any, who asks it, and whether scores are explained."""

    query: str
    caption: Pair
    filter: str | None = None
    facets: tuple[str, ...] = ()
    shopper: str | None = None
    explain: bool = False
    limit: int = _HITS


@dataclass(frozen=True, slots=True)
class Page:
    """A product's page, and what stands on it: `similar` or `complementary` products."""

    product: str
    placement: str
    caption: Pair


@dataclass(frozen=True, slots=True)
class Campaign:
    """An advertiser's campaign. Amounts are decimal text in the store's currency."""

    id: str
    advertiser: str
    products: tuple[str, ...]
    keywords: tuple[str, ...]
    bid: str
    daily_budget: str
    caption: Pair


@dataclass(frozen=True, slots=True)
class Tour:
    """`stops` need the products only; `personal` ones need the shoppers whom `shoppers` announces, `pages` what
    `learning` announces, `sponsored` stops the `campaign`."""

    stops: tuple[Stop, ...]
    shoppers: Pair
    personal: tuple[Stop, ...]
    learning: Pair
    pages: tuple[Page, ...]
    campaign: Campaign
    sponsored: tuple[Stop, ...]


def tour() -> Tour:
    """As written, in its order."""
    raw = tomllib.loads((files("openaisle.sample") / "tour.toml").read_text(encoding="utf-8"))
    return Tour(
        stops=tuple(map(_stop, raw["stop"])),
        shoppers=Pair(*raw["shoppers"]["caption"]),
        personal=tuple(map(_stop, raw["personal"])),
        learning=Pair(*raw["learning"]["caption"]),
        pages=tuple(Page(**_told(entry)) for entry in raw["recommended"]),
        campaign=Campaign(**_told(raw["campaign"])),
        sponsored=tuple(map(_stop, raw["sponsored"])),
    )


def _stop(entry: Mapping[str, Any]) -> Stop:
    return Stop(**_told(entry))


def _told(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Fields as the classes have them: tuples for lists, and a pair for the caption."""
    fields = {name: tuple(value) if isinstance(value, list) else value for name, value in entry.items()}
    return fields | {"caption": Pair(*entry["caption"])}
