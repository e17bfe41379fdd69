"""What the catalogue says of the model's products now: which are sold, at what price, of which category, in stock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.catalog.product import Product
from openaisle.recommend.ids import UNKNOWN, Ids, Numbers, entries
from openaisle.recommend.interactions import Mask


@dataclass(frozen=True, slots=True)
class Shelf:
    """One entry per product of `Ids`: `price` is NaN where none is stated; `category`, `branch` and `group` are numbers
    of the whole category path, of the path without its last step, and of the variants that belong together."""

    live: Mask
    in_stock: Mask
    price: NDArray[np.float32]
    category: Numbers
    branch: Numbers
    group: Numbers
    names: Mapping[str, Ids]

    def __len__(self) -> int:
        return len(self.live)

    def sold(self, products: Numbers) -> Mask:
        """Whether these are sold at all and in stock."""
        return entries(self.live, products, False) & entries(self.in_stock, products, False)

    def changed(self, products: Iterable[Product], retired: Iterable[str], ids: Ids) -> Shelf:
        """After these changes of the catalogue; new products are added to `ids`."""
        changes = list(products)
        numbers = [ids.add(product.id) for product in changes]
        columns = _grown(self, len(ids))
        for number, product in zip(numbers, changes, strict=True):
            columns["live"][number] = True
            columns["in_stock"][number] = product.in_stock
            price = product.selling_price
            columns["price"][number] = np.nan if price is None else price
            columns["category"][number] = _number(self.names["category"], "\n".join(product.category))
            columns["branch"][number] = _number(
                self.names["branch"], "\n".join(product.category[:-1] or product.category)
            )
            columns["group"][number] = self.names["group"].add(product.group)
        columns["live"][ids.known(retired)] = False
        return Shelf(**columns, names=self.names)


def empty_shelf() -> Shelf:
    """Nothing is sold."""
    numbers = np.empty(0, np.int32)
    names = {name: Ids() for name in ("category", "branch", "group")}
    none = np.empty(0, bool)
    return Shelf(none, none, np.empty(0, np.float32), numbers, numbers, numbers, names)


def open_shelf(count: int) -> Shelf:
    """All of `count` products are sold, and nothing more is known of them: for where there is no catalogue."""
    numbers = np.full(count, UNKNOWN, np.int32)
    names = {name: Ids() for name in ("category", "branch", "group")}
    every = np.ones(count, bool)
    return Shelf(
        every, every, np.full(count, np.nan, np.float32), numbers, numbers, np.arange(count, dtype=np.int32), names
    )


_UNSTATED: Mapping[str, Any] = {
    "live": False,
    "in_stock": False,
    "price": np.nan,
    "category": UNKNOWN,
    "branch": UNKNOWN,
    "group": UNKNOWN,
}


def _grown(shelf: Shelf, count: int) -> dict[str, NDArray[Any]]:
    columns = {}
    for name, unstated in _UNSTATED.items():
        column = getattr(shelf, name)
        more = np.full(count - len(column), unstated, column.dtype)
        columns[name] = np.concatenate((column, more))
    return columns


def _number(ids: Ids, name: str) -> int:
    return ids.add(name) if name else UNKNOWN
