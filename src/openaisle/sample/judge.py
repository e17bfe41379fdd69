"""Grades the sample store for the hand-written queries of `queries.toml` and writes `judgments.tsv`.

A query names its answers by kind of goods and conditions, not by product id, so the judgments follow the store when it
grows. Run `python -m openaisle.sample.judge` after changing products or queries.

A selector reads `kind`, `kind#1,3` (models counted from 1) or `*` (every kind), then conditions after semicolons:
`mug#1; colour=red/burgundy; capacity_ml>=350; title~gift`. `=` and `!=` compare with any of the values between slashes,
`~` looks for one of them inside the text, `>=` and `<=` compare numbers. English attribute values are meant.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from openaisle.sample.generate import Product, products
from openaisle.sample.source import load_store

GAINS: Mapping[str, int] = {"exact": 3, "good": 2, "related": 1, "off": 0}
HEADER = "query\tproduct_id\tgain"
_NEAR_MISSES = 6
_CONDITION = re.compile(r"(?P<key>\w+)(?P<comparison>!=|>=|<=|=|~)(?P<value>.+)")


@dataclass(frozen=True, slots=True)
class Item:
    """A product with its place in the store as written by hand."""

    kind: str
    model: int
    product: Product


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison of a product's attribute or field with the accepted values."""

    key: str
    comparison: str
    values: tuple[str, ...]

    def holds(self, product: Product) -> bool:
        """Whether the product has the key and one of its values compares as asked."""
        told = _told(product, self.key)
        match self.comparison:
            case "=":
                return any(value in self.values for value in told)
            case "!=":
                return not any(value in self.values for value in told)
            case "~":
                return any(wanted in value for value in told for wanted in self.values)
            case ">=":
                return any(float(value) >= float(self.values[0]) for value in told)
            case _:
                return any(float(value) <= float(self.values[0]) for value in told)


@dataclass(frozen=True, slots=True)
class Selector:
    """Products of one kind, perhaps of some models only, that meet every condition."""

    text: str
    kind: str
    models: frozenset[int]
    conditions: tuple[Condition, ...]

    def selects(self, item: Item) -> bool:
        """Whether the selector means this item."""
        if self.kind not in ("*", item.kind) or (self.models and item.model not in self.models):
            return False
        return all(condition.holds(item.product) for condition in self.conditions)


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query, the language it is written in (`en`, `zh` or `mixed`), what it tests, and its answers by gain."""

    text: str
    language: str
    tests: str
    answers: Mapping[int, tuple[Selector, ...]]

    @property
    def nothing_relevant(self) -> bool:
        """Whether the store has no answer to this query."""
        return not any(gain > 0 for gain in self.answers)


def judged_queries() -> list[JudgedQuery]:
    """The queries as written, in their order. Raises ValueError for a selector that cannot be read."""
    raw = tomllib.loads((files("openaisle.sample") / "queries.toml").read_text(encoding="utf-8"))
    return [_query(entry) for entry in raw["query"]]


def items() -> list[Item]:
    """Every product of the sample store with its kind and model."""
    kinds = {(d.prefix, kind.code): kind.key for d in load_store().departments for kind in d.kinds}
    return [_item(product, kinds) for product in products()]


def grades(query: JudgedQuery, shelf: Sequence[Item]) -> dict[str, int]:
    """Gain by product id: 3 exact, 2 good substitute, 1 related, 0 for a sample of near misses.

    A product selected twice keeps its highest gain. Raises ValueError for a selector that means no product.
    """
    graded: dict[str, int] = {}
    for gain in sorted(query.answers, reverse=True):
        for selector in query.answers[gain]:
            meant = [item.product["id"] for item in shelf if selector.selects(item)]
            if not meant:
                raise ValueError(f"query {query.text!r}: nothing is selected by {selector.text!r}")
            for product_id in meant if gain else _sampled(meant, query.text):
                graded.setdefault(product_id, gain)
    return graded


def judgments() -> Iterator[tuple[str, str, int]]:
    """Query, product id and gain for every judgment, the best first within a query."""
    shelf = items()
    for query in judged_queries():
        for product_id, gain in sorted(grades(query, shelf).items(), key=lambda pair: (-pair[1], pair[0])):
            yield query.text, product_id, gain


def tsv() -> str:
    """The judgments as `judgments.tsv` holds them."""
    rows = [f"{query}\t{product_id}\t{gain}" for query, product_id, gain in judgments()]
    return "\n".join([HEADER, *rows]) + "\n"


def _query(entry: Mapping[str, Any]) -> JudgedQuery:
    answers = {gain: tuple(map(_selector, entry[word])) for word, gain in GAINS.items() if word in entry}
    return JudgedQuery(entry["text"], entry["language"], entry["tests"], answers)


def _selector(text: str) -> Selector:
    place, *conditions = (part.strip() for part in text.split(";"))
    kind, _, models = place.partition("#")
    numbers = frozenset(int(number) for number in models.split(",") if number)
    return Selector(text, kind, numbers, tuple(map(_condition, conditions)))


def _condition(text: str) -> Condition:
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no condition")
    return Condition(found["key"], found["comparison"], tuple(found["value"].lower().split("/")))


def _item(product: Product, kinds: Mapping[tuple[str, int], str]) -> Item:
    prefix, code, model = product["id"].split("-")[:3]
    return Item(kinds[prefix, int(code)], int(model), product)


def _told(product: Product, key: str) -> list[str]:
    value = product["attributes"].get(key, product.get(key))
    if value is None:
        return []
    if isinstance(value, dict):
        return [str(text).lower() for text in value.values()]
    if isinstance(value, list):
        return [str(part).lower() for part in value]
    return [f"{value:g}" if isinstance(value, float) else str(value).lower()]


def _sampled(product_ids: Sequence[str], query: str) -> list[str]:
    """A few near misses, spread over the selection and the same on every machine."""
    return sorted(product_ids, key=lambda product_id: sha256(f"{query}{product_id}".encode()).digest())[:_NEAR_MISSES]


def _write() -> None:
    Path(str(files("openaisle.sample") / "judgments.tsv")).write_text(tsv(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    _write()
