"""How often shoppers saw campaigns, for frequency caps.

What was reported is in the store and known to every process; what this process showed itself counts from the same
moment, so that a cap holds between two reports.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Engine, delete
from sqlalchemy.dialects import postgresql, sqlite

from openaisle.ads.campaign import HOUR_MS, Campaign
from openaisle.storage import fetch, writing
from openaisle.storage.tables import ad_exposures

_SHOPPERS = 50_000
"""Shoppers whose latest showings a process remembers."""
_LONGEST = 24 * 31
"""Hours that a cap may look back."""

Hours = Mapping[int, int]
"""Showings by hour since 1970."""


class Exposures:
    """Safe for many threads. Methods raise `StorageError` when the database refuses."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        mark = "?" if database.dialect.name == "sqlite" else "%s"
        self._query = f"SELECT campaign_id, hour, count FROM ad_exposures WHERE shopper = {mark}"  # noqa: S608
        self._own: OrderedDict[str, dict[str, Counter[int]]] = OrderedDict()
        self._lock = threading.Lock()

    def shown(self, shopper: str, campaign_id: str, time: int) -> None:
        """Remember a showing of this process; one without a shopper cannot be capped."""
        if not shopper:
            return
        with self._lock:
            campaigns = self._own.setdefault(shopper, {})
            self._own.move_to_end(shopper)
            campaigns.setdefault(campaign_id, Counter())[time // HOUR_MS] += 1
            if len(self._own) > _SHOPPERS:
                self._own.popitem(last=False)

    def capped(self, campaigns: Iterable[Campaign], shopper: str, time: int) -> set[str]:
        """The ids of those of the campaigns that the shopper has seen as often as they may."""
        limited = [campaign for campaign in campaigns if campaign.cap is not None]
        if not shopper or not limited:
            return set()
        reported = self._reported(shopper)
        with self._lock:
            own = {id: dict(hours) for id, hours in self._own.get(shopper, {}).items()}
        return {
            campaign.id
            for campaign in limited
            if campaign.cap is not None
            and max(
                _within(reported.get(campaign.id, {}), time, campaign.cap.hours),
                _within(own.get(campaign.id, {}), time, campaign.cap.hours),
            )
            >= campaign.cap.impressions
        }

    def forget_before(self, time: int) -> int:
        """Delete what no cap looks back to; returns how many rows."""
        old = ad_exposures.c.hour < time // HOUR_MS - _LONGEST
        with writing(self._database) as connection:
            return connection.execute(delete(ad_exposures).where(old)).rowcount

    def erase(self, shopper: str) -> None:
        """Delete what is known of a shopper (a pseudonym)."""
        with self._lock:
            self._own.pop(shopper, None)
        with writing(self._database) as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete = ON")  # else it stays readable in the file
            connection.execute(delete(ad_exposures).where(ad_exposures.c.shopper == shopper))

    def _reported(self, shopper: str) -> dict[str, dict[int, int]]:
        found: dict[str, dict[int, int]] = {}
        for campaign_id, hour, count in fetch(self._database, self._query, (shopper,)):
            found.setdefault(campaign_id, {})[hour] = count
        return found


def report(connection: Connection, seen: Mapping[tuple[str, str, int], int]) -> None:
    """Add showings by (shopper, campaign, hour) to the store, in the caller's transaction."""
    if not seen:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    rows = [
        {"shopper": shopper, "campaign_id": campaign_id, "hour": hour, "count": count}
        for (shopper, campaign_id, hour), count in sorted(seen.items())
    ]
    statement = insert(ad_exposures)
    added = statement.on_conflict_do_update(
        index_elements=["shopper", "campaign_id", "hour"],
        set_={"count": ad_exposures.c.count + statement.excluded.count},
    )
    connection.execute(added, rows)


def _within(hours: Hours, time: int, width: int) -> int:
    latest = time // HOUR_MS
    return sum(count for hour, count in hours.items() if latest - width < hour <= latest)
