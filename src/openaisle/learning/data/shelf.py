"""The products that a data set is made with, as the texts a model reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from openaisle.catalog.batches import batches
from openaisle.catalog.product import Product
from openaisle.errors import DataError
from openaisle.indexing.texts import encoded_text

Products = Callable[[], Iterable[Product]] | Iterable[Product]
"""All products, or what gives them anew each time it is called."""
ById = Callable[[Sequence[str]], Mapping[str, Product]]
"""Those of some products that exist, by id."""


class Shelf:
    """Products by id and one after the other; a text is made of the recipe's `fields`."""

    def __init__(self, products: Products, fields: Sequence[str], by_id: ById | None = None) -> None:
        self._products = products if callable(products) or isinstance(products, Sequence) else tuple(products)
        self._by_id = by_id
        self.fields = tuple(fields)

    def __iter__(self) -> Iterator[Product]:
        return iter(self._products() if callable(self._products) else self._products)

    def text(self, product: Product) -> str:
        return encoded_text(product, self.fields)

    def found(self, ids: Iterable[str]) -> dict[str, Product]:
        """Those of the products that exist, by id."""
        wanted = dict.fromkeys(ids)
        if self._by_id is None:
            return {product.id: product for product in self if product.id in wanted}
        return {id_: product for batch in batches(wanted) for id_, product in self._by_id(batch).items()}

    def texts(self, ids: Iterable[str]) -> dict[str, str]:
        """The texts of those that exist and have one. Raises `DataError` where none of them does."""
        wanted = tuple(dict.fromkeys(ids))
        found = {id_: text for id_, product in self.found(wanted).items() if (text := self.text(product))}
        if wanted and not found:
            raise DataError(
                f"None of the {len(wanted):,} products that the data name is in the shop (the first is {wanted[0]!r}).",
                "Ingest the catalogue that the data are about, or check the column of product ids.",
            )
        return found
