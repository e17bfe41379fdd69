"""The sample store's products as articles: their kinds, and the attributes that their titles tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recipes.reranker.articles import Article, Fact

from openaisle.sample.generate import products
from openaisle.sample.source import load_store
from openaisle.sample.wording import spoken

_NOT_ASKED = ("category_zh", "features", "features_zh", "origin")


def store_articles() -> list[Article]:
    """Every product with the number of its kind, in the order of the store's kinds."""
    kinds = [(one.prefix, kind.code) for one in load_store().departments for kind in one.kinds]
    places = {key: place for place, key in enumerate(kinds)}
    return [_article(product, places) for product in products()]


def _article(product: Mapping[str, Any], places: Mapping[tuple[str, int], int]) -> Article:
    prefix, code = product["id"].split("-")[:2]
    title = product["title"]
    return Article(places[prefix, int(code)], frozenset(_facts(product)), title["en"], title["zh"])


def _facts(product: Mapping[str, Any]) -> Iterator[Fact]:
    attributes: Mapping[str, Any] = product["attributes"]
    latin, _, han = product["brand"].rpartition(" ")
    yield Fact("brand", latin, han)
    for key, value in attributes.items():
        if key in _NOT_ASKED or key.endswith("_zh") or isinstance(value, bool):
            continue
        for en, zh in _said(key, value, attributes.get(f"{key}_zh", value)):
            yield Fact(key, en, zh)


def _said(key: str, value: Any, chinese: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        yield from zip(value, chinese, strict=True)
    elif isinstance(value, str):
        yield value, chinese
    else:
        pair = spoken(key, value, {})
        yield pair.en, pair.zh
