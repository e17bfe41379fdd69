"""What can be wrong with one row, said so that its owner can mend it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from openaisle.catalog.product import Product


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one field, and what to do about it."""

    field: str
    reason: str
    mend: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A row after validation: a product, perhaps with warnings, or no product and the problems."""

    product: Product | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[Problem, ...] = ()


class Unfit(Exception):
    """A value that its field cannot take: the row is refused."""

    def __init__(self, reason: str, mend: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.mend = mend


class OutOfBounds(Unfit):
    """A value of the right kind that is too small, too large or not finite."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value that was changed or dropped (`kept` is None) while the row is still good."""

    kept: Any
    reason: str
    mend: str
