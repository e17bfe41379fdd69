"""Names to dense numbers and back; a name keeps its number for as long as the model lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
UNKNOWN = -1
Entry = TypeVar("Entry", bound=np.generic)


def entries(column: NDArray[Entry], products: Numbers, missing: float) -> NDArray[Entry]:
    """One entry of a column for each product; `missing` for those that are unknown or came later than the column."""
    known = products.astype(np.uint32) < len(column)  # unsigned, UNKNOWN is the largest number of all
    if known.all():
        return column[products]
    found = np.full(len(products), missing, column.dtype)
    found[known] = column[products[known]]
    return found


def located(wanted: Numbers, among: Numbers) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Where each of `wanted` stands in `among`, which is in ascending order, and whether it does."""
    if len(among) == 0:
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), bool)
    places = np.minimum(np.searchsorted(among, wanted), len(among) - 1)
    return places, among[places] == wanted


class Ids:
    """Names in the order they were first seen. Grows, never forgets."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._names = list(names)
        self._numbers = {name: number for number, name in enumerate(self._names)}

    def __len__(self) -> int:
        return len(self._names)

    @property
    def names(self) -> Sequence[str]:
        return self._names

    def add(self, name: str) -> int:
        """Its number, a new one where it has none."""
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number

    def number(self, name: str) -> int:
        """Its number, `UNKNOWN` where it has none."""
        return self._numbers.get(name, UNKNOWN)

    def known(self, names: Iterable[str]) -> Numbers:
        """The numbers of those that have one."""
        found = (self._numbers.get(name, UNKNOWN) for name in names)
        return np.fromiter((number for number in found if number != UNKNOWN), np.int32)

    def of(self, numbers: Iterable[int]) -> list[str]:
        return [self._names[number] for number in numbers]
