"""Expands the hand-written kinds into products, the same ones on every machine."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product as combinations
from typing import Any, NamedTuple

from openaisle.sample import figures, wording
from openaisle.sample.source import Department, Kind, Model, Plain, Store, Value, load_store

Product = dict[str, Any]
_MISSING_SHARE = 0.2


class Path(NamedTuple):
    """A category path in each language."""

    en: list[str]
    zh: list[str]


@dataclass(frozen=True, slots=True)
class Article:
    """A model in its place in the store."""

    department: Department
    kind: Kind
    model: Model

    @property
    def id(self) -> str:
        """Prefix, kind and model: the product id of a single article, the group id of one with variants."""
        return f"{self.department.prefix}-{self.kind.code:03d}-{self.model.number}"

    @property
    def mpn(self) -> str:
        """The written model number, or one made of the brand's code and the article's place."""
        letter = "ABCDEFGHJK"[self.model.number - 1]
        made = f"{self.model.brand.code}-{self.department.number}{self.kind.code:03d}{letter}"
        return self.model.mpn or made


def products() -> Iterator[Product]:
    """Every product of the store, in the order of the departments, in the catalogue's JSON form."""
    store = load_store()
    for department in store.departments:
        for kind in department.kinds:
            for model in kind.models:
                yield from _rows(Article(department, kind, model), store)


def _rows(article: Article, store: Store) -> Iterator[Product]:
    if not article.model.options:
        yield _row(article, article.id, {}, 0, store)
        return
    for number, chosen in enumerate(_variants(article), start=1):
        suffix = "-".join(_code(value) for value in chosen.values())
        yield _row(article, f"{article.id}-{suffix}", chosen, number, store)


def _variants(article: Article) -> list[dict[str, Plain]]:
    """The combinations of options on offer. With several options some do not exist, as in any shop."""
    options = article.model.options
    every = [dict(zip(options, values, strict=True)) for values in combinations(*options.values())]
    if len(options) == 1:
        return every
    kept = [chosen for chosen in every if figures.share(f"{article.id}{chosen}", "offered") >= _MISSING_SHARE]
    return kept if len(kept) >= 2 else every


def _row(article: Article, product_id: str, chosen: Mapping[str, Plain], variant: int, store: Store) -> Product:
    kind, model = article.kind, article.model
    values: dict[str, Value] = {**kind.attributes, **model.attributes, **chosen}
    if model.colour is not None:
        values["colour"] = model.colour
    stock = figures.stock(product_id) if model.stock is None else model.stock
    added = _added_price(model, chosen)
    return {
        "id": product_id,
        "group_id": article.id if chosen else None,
        "title": wording.title(model, chosen, store.colours)._asdict(),
        "description": wording.description(kind, model, values, store)._asdict(),
        "brand": f"{model.brand.name.en} {model.brand.name.zh}",
        "category": _path(article).en,
        "price": float(round(model.price + added, 2)),
        "sale_price": None if model.sale is None else float(round(model.sale + added, 2)),
        "currency": "CNY",
        "stock": stock,
        "availability": model.availability or ("in_stock" if stock else "out_of_stock"),
        "attributes": _attributes(values, store) | {"category_zh": _path(article).zh},
        "images": [f"images/{product_id}.svg"],
        "url": f"https://shop.example/p/{product_id}",
        "gtin": figures.gtin(article.department.number, kind.code, model.number, variant),
        "mpn": article.mpn,
        "rating": figures.rating(article.id),
        "rating_count": figures.rating_count(article.id),
        "created_at": figures.created_at(article.id),
        "ranking": {"popularity": figures.popularity(article.id)},
    }


def _path(article: Article) -> Path:
    """The category path from the department down, in each language."""
    department, path = article.department.name, article.kind.path
    return Path([department.en, *path.en.split(" > ")], [department.zh, *path.zh.split(" > ")])


def _attributes(values: Mapping[str, Value], store: Store) -> dict[str, Value]:
    """Attributes as the catalogue keeps them: texts in two languages become `key` and `key_zh`."""
    told: dict[str, Value] = {}
    for key, value in values.items():
        if isinstance(value, list):
            pairs = [wording.both(part) for part in value]
            told[key] = [pair.en for pair in pairs]
            if any(pair.zh != pair.en for pair in pairs):
                told[f"{key}_zh"] = [pair.zh for pair in pairs]
        elif isinstance(value, str):
            pair = wording.spoken(key, value, store.colours)
            told[key] = pair.en
            if pair.zh != pair.en:
                told[f"{key}_zh"] = pair.zh
        else:
            told[key] = value
    return told


def _added_price(model: Model, chosen: Mapping[str, Plain]) -> float:
    return sum(step * model.options[key].index(chosen[key]) for key, step in model.steps.items())


def _code(value: Plain) -> str:
    english = wording.both(value).en if isinstance(value, str) else f"{value:g}"
    return re.sub(r"[^A-Z0-9.]", "", english.upper())
