"""Who comes to the sample store: some shoppers are written by hand in `shoppers.toml`, the others drawn by a seed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from random import Random
from typing import Any

from openaisle.sample.behaviour.chance import between, normal, several
from openaisle.sample.behaviour.pages import Page, Trait

GUESTS = 400
"""Shoppers beside those that are written by hand."""
_ERRANDS = 2
_VISITS = (4.0, 9.0)
_BRANDS = 0.25
_COLOURS = 2
_DEAR = 0.5
"""Standard deviation among guests."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A reason to come: queries that go together."""

    name: str
    queries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Taste:
    """What is liked, and what twice the usual price is worth, on a scale on which an exact answer to a query is 3."""

    likes: frozenset[Trait]
    dear: float

    def worth(self, traits: frozenset[Trait], dearness: float) -> float:
        """What suits the taste in a product, beside how well it answers."""
        return len(self.likes & traits) + self.dear * dearness


@dataclass(frozen=True, slots=True)
class Shopper:
    """`id` is the name that the shop knows the shopper by."""

    id: str
    errands: tuple[Errand, ...]
    taste: Taste
    visits: int


@dataclass(frozen=True, slots=True)
class Cast:
    """All errands, and the shoppers that are written by hand."""

    errands: tuple[Errand, ...]
    regulars: tuple[Shopper, ...]


def cast() -> Cast:
    """As written. Raises ValueError for an errand that there is not."""
    raw = tomllib.loads((files("openaisle.sample.behaviour") / "shoppers.toml").read_text(encoding="utf-8"))
    errands = {entry["name"]: Errand(entry["name"], tuple(entry["queries"])) for entry in raw["errand"]}
    return Cast(tuple(errands.values()), tuple(_regular(entry, errands) for entry in raw["regular"]))


def guests(errands: Sequence[Errand], pages: Mapping[str, Page], seed: int, count: int) -> Iterator[Shopper]:
    """Shoppers with two errands each, who like a quarter of the brands and two of the colours that these show them."""
    for number in range(1, count + 1):
        chance = Random(f"{seed}/{number}")
        own = tuple(several(errands, _ERRANDS, chance))
        traits = [trait for errand in own for query in errand.queries for trait in _shown(pages[query])]
        brands, colours = (sorted({trait for trait in traits if trait[0] == name}) for name in ("brand", "colour"))
        likes = several(brands, round(_BRANDS * len(brands)), chance) + several(colours, _COLOURS, chance)
        taste = Taste(frozenset(likes), _DEAR * normal(chance))
        yield Shopper(f"guest-{number}", own, taste, int(between(*_VISITS, chance)))


def _shown(page: Page) -> Iterator[Trait]:
    return (trait for place in page for variant in place.variants for trait in variant.traits)


def _regular(entry: Mapping[str, Any], errands: Mapping[str, Errand]) -> Shopper:
    unknown = [name for name in entry["errands"] if name not in errands]
    if unknown:
        raise ValueError(f"shopper {entry['id']!r} has unknown errands {unknown}")
    likes = frozenset((name, value) for name, _, value in (text.partition("=") for text in entry["likes"]))
    own = tuple(errands[name] for name in entry["errands"])
    return Shopper(entry["id"], own, Taste(likes, entry["dear"]), entry["visits"])
