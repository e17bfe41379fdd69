"""Queries from what is known of a product: its brand, its kind and its attributes, put together as people put them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product as combinations

from openaisle.catalog.product import Product
from openaisle.indexing.texts import attribute_words
from openaisle.language import language_of

_ENGLISH = (
    "{value} {kind}",
    "{kind} {value}",
    "{brand} {kind}",
    "{brand} {value} {kind}",
    "{brand} {kind} {value}",
)
_CHINESE = (
    "{value}{kind}",
    "{value}的{kind}",
    "{brand}{kind}",
    "{kind} {value}",
    "{brand}{value}{kind}",
    "{brand} {kind}",
)
_LONGEST_VALUE = 24
"""Characters of an attribute that people would type."""
_MOST_VALUES = 8
_KIND_NAMES = ("category", "kind", "product type", "类目", "品类", "类别")


def filled(product: Product) -> Iterator[str]:
    """Every template that the product has the parts for, each part in the template's language; names of brands, which
    are written in any script, go with both."""
    brands = _brands(product)
    for language, templates in (("en", _ENGLISH), ("zh", _CHINESE)):
        kinds = [kind for kind in _kinds(product) if language_of(kind) == language]
        values = [value for value in _values(product) if language_of(value) == language or value[:1].isdigit()]
        own = [brand for brand in brands if language_of(brand) == language] or brands
        for template in templates:
            yield from _filled(template, own, values, kinds)


def _filled(template: str, brands: list[str], values: list[str], kinds: list[str]) -> Iterator[str]:
    chosen = [
        brands if "{brand}" in template else [""],
        values if "{value}" in template else [""],
        kinds if "{kind}" in template else [""],
    ]
    for brand, value, kind in combinations(*chosen):
        if value.casefold() not in kind.casefold() or not value:
            yield template.format(brand=brand, value=value, kind=kind)


def _brands(product: Product) -> list[str]:
    """The brand, or its parts where it is written in two scripts ("Yaosong 窑松")."""
    words = (product.brand or "").split()
    by_script: dict[str, list[str]] = {}
    for word in words:
        by_script.setdefault(language_of(word), []).append(word)
    return [" ".join(part) for part in by_script.values()]


def _kinds(product: Product) -> list[str]:
    """The last step of the category's path, also where an attribute gives that path in another language."""
    paths = [product.category] if product.category else []
    for name, value in product.attributes.items():
        if isinstance(value, tuple) and value and _names_a_kind(name):
            paths.append(value)
    return [path[-1].casefold() for path in paths]


def _values(product: Product) -> list[str]:
    values = (
        text
        for name, value in product.attributes.items()
        if not _names_a_kind(name)
        for text in attribute_words(name, value)
    )
    return [value for value in dict.fromkeys(values) if 0 < len(value) <= _LONGEST_VALUE][:_MOST_VALUES]


def _names_a_kind(name: str) -> bool:
    return name.replace("_", " ").casefold().startswith(_KIND_NAMES)
