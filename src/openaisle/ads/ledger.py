"""The books: every click on an ad, what it costs, and what is left of each budget.

A click is reserved against its budget, then billed or released. Every step is one transaction that first locks the
campaign's row, so any number of processes may charge one campaign at once: reserved and billed together never exceed a
budget, and the last click of a budget costs what is left of it. A step done twice is done once. A process that dies
between two steps leaves a reservation, which still counts against the budget and is billed by `settle`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from openaisle.ads.clicks import Budget, Click, Entry, Reason, Spend, State
from openaisle.ads.screening import Before, Screening
from openaisle.storage import fetch, reading, writing
from openaisle.storage.tables import ad_clicks, ad_spend

WHOLE = ""
"""The day under which a campaign's spend over all days is kept."""


class Ledger:
    """Methods raise `StorageError` when the database refuses; nothing is half done then."""

    def __init__(self, database: Engine, screening: Screening | None = None) -> None:
        self._database = database
        self._screening = screening or Screening()

    def charge(self, click: Click, budget: Budget) -> Entry:
        """Reserve and bill at once."""
        entry = self.reserve(click, budget)
        return self.bill(click.id, click.campaign_id) or entry

    def reserve(self, click: Click, budget: Budget) -> Entry:
        """Keep the price of a click against its budget, unless it is not to be paid; one known already stays as it
        is."""
        with writing(self._database) as connection:
            _lock(connection, click.campaign_id, click.day)
            known = _entry_of(connection, click.id)
            if known is not None:
                return known
            reason = self._screening.judge(click, self._earlier(connection, click))
            left = budget.left(_spend(connection, click.campaign_id, click.day), _spend(connection, click.campaign_id))
            if reason is Reason.NONE and left == 0:
                reason = Reason.BUDGET
            entry = _new_entry(click, min(click.price, left), reason)
            connection.execute(insert(ad_clicks).values(_row(click, entry)))
            _move(connection, entry, reserved=entry.amount)
            return entry

    def bill(self, click_id: str, campaign_id: str) -> Entry | None:
        """Bill a reserved click; one billed or released before stays as it is. None when no such click is known."""
        return self._end(click_id, campaign_id, State.BILLED, Reason.NONE)

    def release(self, click_id: str, campaign_id: str, reason: Reason = Reason.WITHDRAWN) -> Entry | None:
        """Give a reservation back to its budget; a billed click stays billed."""
        return self._end(click_id, campaign_id, State.RELEASED, reason)

    def settle(self, before: int) -> int:
        """Bill every reservation of a click from before a moment (milliseconds since 1970): those held back on purpose,
        and those of processes that died. Returns how many."""
        waiting = select(ad_clicks.c.id, ad_clicks.c.campaign_id).where(
            ad_clicks.c.state == State.RESERVED.value, ad_clicks.c.time < before
        )
        with reading(self._database) as connection:
            due = connection.execute(waiting).all()
        ended = [self.bill(row.id, row.campaign_id) for row in due]
        return sum(entry is not None and entry.state is State.BILLED for entry in ended)

    def spent(self, campaign_ids: Iterable[str], day: str = WHOLE) -> Mapping[str, Spend]:
        """What each campaign spent on a day, or in all."""
        mark = "?" if self._database.dialect.name == "sqlite" else "%s"
        query = f"SELECT campaign_id, billed, reserved FROM ad_spend WHERE day = {mark}"  # noqa: S608
        found = {id: Spend(billed, reserved) for id, billed, reserved in fetch(self._database, query, (day,))}
        return {id: found.get(id, Spend()) for id in campaign_ids}

    def _end(self, click_id: str, campaign_id: str, state: State, reason: Reason) -> Entry | None:
        with writing(self._database) as connection:
            _lock(connection, campaign_id)
            entry = _entry_of(connection, click_id)
            if entry is None or entry.campaign_id != campaign_id or entry.state is not State.RESERVED:
                return entry
            billed = entry.amount if state is State.BILLED else 0
            values = {"state": state.value, "reason": reason.value, "amount": billed}
            connection.execute(update(ad_clicks).where(ad_clicks.c.id == click_id).values(values))
            _move(connection, entry, billed=billed, reserved=-entry.amount)
            return Entry(click_id, campaign_id, entry.day, entry.price, billed, state, reason)

    def _earlier(self, connection: Connection, click: Click) -> list[Before]:
        near = ad_clicks.c.time.between(click.time - self._screening.memory, click.time + self._screening.memory)
        mine: ColumnElement[bool] = (ad_clicks.c.visitor == click.visitor) & near
        paid = ad_clicks.c.state != State.RELEASED.value
        query = select(ad_clicks).where(paid, or_(mine, ad_clicks.c.served == click.served))
        return [
            Before(row.campaign_id, row.product_id, row.served, row.visitor, row.time)
            for row in connection.execute(query.limit(1000))
        ]


def _lock(connection: Connection, campaign_id: str, day: str = WHOLE) -> None:
    """Nobody else charges the campaign until this transaction ends. SQLite has locked already, for all campaigns."""
    insert_into = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [{"campaign_id": campaign_id, "day": each, "billed": 0, "reserved": 0} for each in sorted({WHOLE, day})]
    connection.execute(insert_into(ad_spend).values(rows).on_conflict_do_nothing())
    whole = (ad_spend.c.campaign_id == campaign_id) & (ad_spend.c.day == WHOLE)
    connection.execute(select(ad_spend.c.billed).where(whole).with_for_update())


def _spend(connection: Connection, campaign_id: str, day: str = WHOLE) -> Spend:
    own = (ad_spend.c.campaign_id == campaign_id) & (ad_spend.c.day == day)
    row = connection.execute(select(ad_spend).where(own)).one()
    return Spend(row.billed, row.reserved)


def _move(connection: Connection, entry: Entry, *, billed: int = 0, reserved: int = 0) -> None:
    own = (ad_spend.c.campaign_id == entry.campaign_id) & ad_spend.c.day.in_((WHOLE, entry.day))
    moved = {"billed": ad_spend.c.billed + billed, "reserved": ad_spend.c.reserved + reserved}
    connection.execute(update(ad_spend).where(own).values(moved))


def _new_entry(click: Click, amount: int, reason: Reason) -> Entry:
    paid = reason is Reason.NONE
    state = State.RESERVED if paid else State.RELEASED
    return Entry(click.id, click.campaign_id, click.day, click.price, amount if paid else 0, state, reason)


def _row(click: Click, entry: Entry) -> dict[str, Any]:
    return {
        "id": click.id,
        "campaign_id": click.campaign_id,
        "product_id": click.product_id,
        "keyword": click.keyword,
        "served": click.served,
        "visitor": click.visitor,
        "time": click.time,
        "day": click.day,
        "price": click.price,
        "amount": entry.amount,
        "state": entry.state.value,
        "reason": entry.reason.value,
    }


def _entry_of(connection: Connection, click_id: str) -> Entry | None:
    row: Row[Any] | None = connection.execute(select(ad_clicks).where(ad_clicks.c.id == click_id)).one_or_none()
    if row is None:
        return None
    return Entry(row.id, row.campaign_id, row.day, row.price, row.amount, State(row.state), Reason(row.reason))
