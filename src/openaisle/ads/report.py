"""What advertisers are told: showings, clicks, spend and orders by campaign, keyword and day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Engine, Select, Table, case, func, literal, select

from openaisle.ads.campaigns import Campaigns
from openaisle.ads.clicks import State
from openaisle.ads.money import digits_of, major_units
from openaisle.storage import reading
from openaisle.storage.tables import ad_clicks, ad_impressions, ad_orders

By = Literal["campaign", "keyword", "day"]
DIMENSIONS: tuple[By, ...] = ("campaign", "keyword", "day")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of one line; `spend` and `revenue` in minor units. `free` clicks were not billed."""

    impressions: int = 0
    clicks: int = 0
    free: int = 0
    spend: int = 0
    orders: int = 0
    revenue: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a report; dimensions that it sums over are not in `of`."""

    of: Mapping[str, str]
    currency: str
    figures: Figures

    def as_dict(self) -> dict[str, Any]:
        """Amounts as decimal text in major units; rates are None where there is nothing to divide by."""
        told = self.figures
        return {
            **self.of,
            "currency": self.currency,
            "impressions": told.impressions,
            "clicks": told.clicks,
            "free_clicks": told.free,
            "spend": major_units(told.spend, self.currency),
            "orders": told.orders,
            "revenue": major_units(told.revenue, self.currency),
            "ctr": _rate(told.clicks, told.impressions),
            "cpc": _price(told.spend, told.clicks, self.currency),
            "cvr": _rate(told.orders, told.clicks),
            "roas": _rate(told.revenue, told.spend),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """`totals` has a line a currency."""

    lines: tuple[Line, ...]
    totals: tuple[Line, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "lines": [line.as_dict() for line in self.lines],
            "totals": [line.as_dict() for line in self.totals],
        }


@dataclass(frozen=True, slots=True)
class Span:
    """Days (ISO, by each campaign's own clock) from `since` to `until`, both included, and whose campaigns."""

    since: str = ""
    until: str = "9999-12-31"
    campaigns: frozenset[str] = field(default_factory=frozenset)
    """All where empty."""


def report(database: Engine, span: Span, by: Sequence[By] = ("campaign",)) -> Report:
    """Everything is read in one snapshot, so that lines and totals agree with each other and with the bills."""
    currencies = {campaign.id: campaign.currency for campaign in Campaigns(database).all()}
    with reading(database) as connection:
        found = [*_shown(connection, span), *_clicked(connection, span), *_ordered(connection, span)]
    lines = _folded(found, by, currencies)
    return Report(lines, _folded(found, (), currencies))


Key = tuple[str, str, str]
"""Campaign, keyword and day."""


def _shown(connection: Connection, span: Span) -> Iterable[tuple[Key, Figures]]:
    for *key, count in connection.execute(_query(ad_impressions, span, ad_impressions.c.count)):
        yield _key(key), Figures(impressions=int(count))


def _clicked(connection: Connection, span: Span) -> Iterable[tuple[Key, Figures]]:
    billed = ad_clicks.c.state == State.BILLED.value
    free = ad_clicks.c.state == State.RELEASED.value
    columns = (case((billed, 1), else_=0), case((free, 1), else_=0), case((billed, ad_clicks.c.amount), else_=0))
    for *key, clicks, unpaid, spend in connection.execute(_query(ad_clicks, span, *columns)):
        yield _key(key), Figures(clicks=int(clicks), free=int(unpaid), spend=int(spend))


def _ordered(connection: Connection, span: Span) -> Iterable[tuple[Key, Figures]]:
    for *key, orders, revenue in connection.execute(_query(ad_orders, span, literal(1), ad_orders.c.revenue)):
        yield _key(key), Figures(orders=int(orders), revenue=int(revenue))


def _query(table: Table, span: Span, *summed: ColumnElement[int]) -> Select[Any]:
    key = (table.c.campaign_id, table.c.keyword, table.c.day)
    wanted: ColumnElement[bool] = table.c.day.between(span.since, span.until)
    if span.campaigns:
        wanted &= table.c.campaign_id.in_(sorted(span.campaigns))
    return select(*key, *(func.sum(column) for column in summed)).where(wanted).group_by(*key)


def _key(values: Sequence[str]) -> Key:
    campaign, keyword, day = values
    return campaign, keyword, day


def _folded(found: Iterable[tuple[Key, Figures]], by: Sequence[By], currencies: Mapping[str, str]) -> tuple[Line, ...]:
    sums: dict[tuple[str, ...], Figures] = {}
    for key, figures in found:
        place = (currencies.get(key[0], ""), *(key[DIMENSIONS.index(name)] for name in by))
        sums[place] = sums.get(place, Figures()) + figures
    return tuple(
        Line(dict(zip(by, place[1:], strict=True)), place[0], figures) for place, figures in sorted(sums.items())
    )


def _rate(part: int, whole: int) -> float | None:
    return round(part / whole, 6) if whole else None


def _price(spend: int, clicks: int, currency: str) -> str | None:
    """A mean price, with two digits more than the currency has."""
    if not clicks:
        return None
    digits = digits_of(currency)
    return f"{spend / clicks / 10**digits:.{digits + 2}f}"
