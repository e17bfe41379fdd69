"""Examples from the catalogue alone: what a product is called beside what else is said of it."""

from __future__ import annotations

from collections.abc import Iterator

from openaisle.catalog.product import Product, texts
from openaisle.indexing.texts import attribute_words
from openaisle.language import Language, language_of
from openaisle.learning.data.grouped import Grouped, by_text
from openaisle.learning.data.keys import canonical
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import Labelled, Plain, Triplet

_LONGEST_DESCRIPTION = 2000
_FEWEST_ATTRIBUTES, _MOST_ATTRIBUTES = 2, 12
"""One attribute ("red") says too little to find a product by; very many are a data sheet."""


def matching(shelf: Shelf) -> Iterator[Grouped]:
    """Short texts that ask for a product and what answers them: title and the rest of what is said, the title in
    another language, attributes, brand with kind.

    The titles of variants stay together. A title is asked for the rest of what is said of the product, so that nothing
    is learnt from a text that finds itself.
    """
    given: set[Triplet] = set()
    for product in shelf:
        for each in _matching(product, shelf.text(product)):
            example = each.example
            if isinstance(example, Triplet) and _tells(example) and example not in given:
                given.add(example)
                yield each


def _matching(product: Product, document: str) -> Iterator[Grouped]:
    for anchor, positive in _asked_by_title(product):
        yield Grouped(f"group {product.group}", Triplet(anchor, positive))
    yield from by_text(Triplet(anchor, document) for anchor in _attributes_by_language(product))
    yield from by_text((Triplet(_brand_and_kind(product), document),))


def _asked_by_title(product: Product) -> Iterator[tuple[str, str]]:
    titles = tuple(texts(product.title))
    about = _said_besides(product)
    for title in titles:
        yield title, about
        yield from ((title, other) for other in titles if other != title)


def _tells(pair: Triplet) -> bool:
    return bool(pair.anchor and pair.positive) and canonical(pair.anchor) != canonical(pair.positive)


def categories(shelf: Shelf) -> Iterator[Grouped]:
    """Titles labelled with the last step of their category's path; variants stay together."""
    for product in shelf:
        if product.category:
            for title in texts(product.title):
                yield Grouped(f"group {product.group}", Labelled(title, (" > ".join(product.category),)))


def category_paths(shelf: Shelf) -> Iterator[Grouped]:
    """Titles labelled with every step of their category's path: multi-label."""
    for product in shelf:
        steps = tuple(" > ".join(product.category[:depth]) for depth in range(1, len(product.category) + 1))
        if steps:
            for title in texts(product.title):
                yield Grouped(f"group {product.group}", Labelled(title, steps))


def plain(shelf: Shelf) -> Iterator[Grouped]:
    """Every title and description once; a title that is given in two languages is a parallel text."""
    seen: set[str] = set()
    for product in shelf:
        for example in _plain(product):
            if example.text not in seen:
                seen.add(example.text)
                yield from by_text((example,))


def _plain(product: Product) -> Iterator[Plain]:
    titles = [title for title in texts(product.title) if title]
    if len(titles) > 1:
        yield from (Plain(titles[0], other) for other in titles[1:])
    else:
        yield from map(Plain, titles)
    for description in texts(product.description):
        if description:
            yield Plain(description[:_LONGEST_DESCRIPTION])


def _said_besides(product: Product) -> str:
    """All but the title and the brand, which a title often begins with."""
    description = " ".join(texts(product.description))[:_LONGEST_DESCRIPTION]
    return ". ".join(part for part in (" > ".join(product.category), _attributes(product), description) if part)


def _attributes(product: Product) -> str:
    words = [text for name, value in product.attributes.items() for text in attribute_words(name, value)]
    return " ".join(words[:_MOST_ATTRIBUTES]) if len(words) >= _FEWEST_ATTRIBUTES else ""


def _attributes_by_language(product: Product) -> Iterator[str]:
    """As a query would name them: those of one language in a text."""
    words: dict[Language, list[str]] = {}
    for name, value in product.attributes.items():
        for text in attribute_words(name, value):
            words.setdefault("other" if text[:1].isdigit() else language_of(text), []).append(text)
    numbers = words.pop("other", [])
    for spoken in words.values():
        named = [*spoken, *numbers][:_MOST_ATTRIBUTES]
        if len(named) >= _FEWEST_ATTRIBUTES:
            yield " ".join(named)


def _brand_and_kind(product: Product) -> str:
    return f"{product.brand} {product.category[-1]}" if product.brand and product.category else ""
