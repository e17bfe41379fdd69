"""What shoppers clicked, whoever recorded it: the protocol that a click log fills, and the plainest one, a table."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from openaisle.learning.data.rows import Row, read_rows


@dataclass(frozen=True, slots=True)
class Click:
    """How one product did for one query, over any stretch of time; several for one pair are added up.

    `impressions` counts how often it was shown, None where that was not recorded; `position` is the mean place at which
    it was shown, from 1, None where that was not recorded.
    """

    query: str
    product_id: str
    clicks: float
    impressions: float | None = None
    position: float | None = None


@runtime_checkable
class ClickSource(Protocol):
    """A record of clicks. Each call of `clicks` gives all of them anew."""

    def clicks(self) -> Iterable[Click]: ...


@dataclass(frozen=True, slots=True)
class ClickTable:
    """A file of `query`, `product_id`, `clicks` and, if there, `impressions` and `position`."""

    path: Path
    columns: Mapping[str, str] | None = None

    def clicks(self) -> Iterator[Click]:
        """Raises `DataError` naming the line."""
        for row in read_rows(
            self.path, ("query", "product_id", "clicks"), ("impressions", "position", "mean_position"), self.columns
        ):
            yield _click(row)


def _click(row: Row) -> Click:
    clicks = _count(row, "clicks")
    if clicks is None:
        raise row.fail("clicks is empty", "Write 0 where there were none.")
    impressions = _count(row, "impressions")
    if impressions is not None and impressions < clicks:
        raise row.fail(f"{clicks:g} clicks in {impressions:g} impressions", "Swap or mend the two.")
    position = _count(row, "position") or _count(row, "mean_position")
    return Click(row.needed("query"), row.needed("product_id"), clicks, impressions, position)


def _count(row: Row, name: str) -> float | None:
    written = row.text(name)
    if not written:
        return None
    try:
        number = float(written)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise row.fail(f"{name} is {written[:40]!r}, which is not a number from 0", "Write it as 0, 1, 2 …")
    return number
