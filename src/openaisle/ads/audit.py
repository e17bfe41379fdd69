"""Whether the books add up: the running totals against the clicks they are made of."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from openaisle.ads.clicks import Spend, State
from openaisle.ads.ledger import WHOLE
from openaisle.storage import reading
from openaisle.storage.tables import ad_clicks, ad_spend


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """A campaign's total of a day ("" for all days) that differs from the sum of its clicks."""

    campaign_id: str
    day: str
    kept: Spend
    summed: Spend


def audit(database: Engine) -> tuple[Discrepancy, ...]:
    """Every discrepancy, read in one snapshot; none in books that are right."""
    amounts = select(
        ad_clicks.c.campaign_id, ad_clicks.c.day, ad_clicks.c.state, func.sum(ad_clicks.c.amount).label("amount")
    ).group_by(ad_clicks.c.campaign_id, ad_clicks.c.day, ad_clicks.c.state)
    with reading(database) as connection:
        kept = {
            (row.campaign_id, row.day): Spend(row.billed, row.reserved) for row in connection.execute(select(ad_spend))
        }
        rows = connection.execute(amounts).all()
    summed: dict[tuple[str, str], Spend] = {}
    for row in rows:
        for day in (row.day, WHOLE):
            key = (row.campaign_id, day)
            summed[key] = _with(summed.get(key, Spend()), State(row.state), int(row.amount))
    return tuple(
        Discrepancy(key[0], key[1], kept.get(key, Spend()), summed.get(key, Spend()))
        for key in sorted(kept.keys() | summed.keys())
        if kept.get(key, Spend()) != summed.get(key, Spend())
    )


def _with(spend: Spend, state: State, amount: int) -> Spend:
    if state is State.BILLED:
        return Spend(spend.billed + amount, spend.reserved)
    return Spend(spend.billed, spend.reserved + amount)
