"""Names to dense numbers and back; a name keeps its number for as long as the model lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int32]
UNKNOWN = -1


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
