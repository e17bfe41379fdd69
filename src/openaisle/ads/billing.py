"""From what shoppers did to the books: clicks are charged, showings and orders counted, each once.

Clicks come one by one as they happen, or with all other events from the log. What is read from the log is remembered by
its number, in the same transaction as the counts it led to; clicks and orders are known by their ids besides. So a
process that dies may begin again anywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select, update
from sqlalchemy.dialects import postgresql, sqlite

from openaisle.ads import exposures
from openaisle.ads.attribution import Attribution
from openaisle.ads.board import budget_of
from openaisle.ads.campaign import HOUR_MS, Campaign
from openaisle.ads.campaigns import Campaigns
from openaisle.ads.clicks import Click, Entry, State
from openaisle.ads.ledger import Ledger
from openaisle.ads.sealing import Seal, Showing
from openaisle.ads.targeting.targets import keyword_text
from openaisle.errors import CampaignNotFound, InvalidAdToken
from openaisle.events.event import Event, Kind, Source
from openaisle.storage import writing
from openaisle.storage.meta import Meta
from openaisle.storage.tables import ad_impressions, meta

_POSITION = "ads.events"
_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Clicked:
    """A click as it is reported: `id` is the reporter's own, the rest stands beside the ad on the page."""

    id: str
    campaign_id: str
    product_id: str
    query_id: str
    token: str
    time: int
    shopper: str = ""
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What a stretch of events came to: `free` clicks cost nothing, `refused` events name an ad that was not shown."""

    impressions: int = 0
    billed: int = 0
    free: int = 0
    orders: int = 0
    refused: int = 0

    def __add__(self, other: Taken) -> Taken:
        return Taken(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


class Billing:
    """Methods raise `StorageError` when the database refuses."""

    def __init__(self, database: Engine, seal: Seal, ledger: Ledger | None = None) -> None:
        self._database = database
        self._seal = seal
        self._ledger = ledger or Ledger(database)
        self._campaigns = Campaigns(database)
        self._attribution = Attribution(database)
        self._known: dict[str, Campaign] = {}

    def click(self, clicked: Clicked) -> Entry:
        """Charge a click. Raises `InvalidAdToken` where its ad was not shown."""
        campaign, showing = self._showing(clicked.campaign_id, clicked.product_id, clicked.query_id, clicked.token)
        return self._ledger.charge(_click(clicked, campaign, showing), budget_of(campaign))

    def take(self, numbered: Iterable[tuple[int, Event]]) -> Taken:
        """Take in events of the log with their numbers, in order; those before `position` are not counted again."""
        taken, batch = Taken(), list[tuple[int, Event]]()
        for pair in numbered:
            batch.append(pair)
            if len(batch) == _BATCH:
                taken, batch = taken + self._take(batch), []
        return taken + self._take(batch) if batch else taken

    def opened(self, event: Event) -> tuple[Campaign, Showing]:
        """The ad that an event is about. Raises `InvalidAdToken`."""
        return self._showing(event.campaign, event.product_id, event.query_id, token_of(event))

    def position(self) -> int:
        """The number of the last event that was taken in; 0 before the first."""
        return int(Meta(self._database).get(_POSITION) or 0)

    def _take(self, batch: Sequence[tuple[int, Event]]) -> Taken:
        position = self.position()
        new = [(number, event) for number, event in batch if number > position]
        clicks = [self._clicked(event) for _, event in new if event.kind is Kind.CLICK and event.source is Source.AD]
        orders = [self._attribution.attribute(event) for _, event in new if event.kind is Kind.ORDER]
        seen = [
            (number, self._seen(event))
            for number, event in new
            if event.kind is Kind.IMPRESSION and event.source is Source.AD
        ]
        counted = self._count([(number, each) for number, each in seen if each is not None], batch[-1][0])
        return Taken(
            impressions=counted,
            billed=sum(entry is not None and entry.state is State.BILLED for entry in clicks),
            free=sum(entry is not None and entry.state is not State.BILLED for entry in clicks),
            orders=sum(orders),
            refused=clicks.count(None) + sum(each is None for _, each in seen),
        )

    def _clicked(self, event: Event) -> Entry | None:
        token = token_of(event)
        try:
            return self.click(
                Clicked(event.id, event.campaign, event.product_id, event.query_id, token, event.time, _visitor(event))
            )
        except InvalidAdToken:
            return None

    def _seen(self, event: Event) -> _Seen | None:
        try:
            campaign, showing = self.opened(event)
        except InvalidAdToken:
            return None
        keyword = keyword_text(campaign, showing.keyword)
        return _Seen(campaign.id, keyword, campaign.day(event.time), event.shopper, event.time // HOUR_MS)

    def _showing(self, campaign_id: str, product_id: str, query_id: str, token: str) -> tuple[Campaign, Showing]:
        showing = self._seal.open(token, campaign_id=campaign_id, product_id=product_id, query_id=query_id)
        return self._campaign(campaign_id), showing

    def _campaign(self, id: str) -> Campaign:
        if id not in self._known:
            try:
                self._known[id] = self._campaigns.get(id)
            except CampaignNotFound as error:
                raise InvalidAdToken(error.detail, error.mend) from error
        return self._known[id]

    def _count(self, seen: Sequence[tuple[int, _Seen]], upto: int) -> int:
        """Count showings and move the position on, together; another process may have counted some meanwhile."""
        Meta(self._database).put_new(_POSITION, "0")
        with writing(self._database) as connection:
            kept = connection.execute(
                select(meta.c.value).where(meta.c.key == _POSITION).with_for_update()
            ).scalar_one()
            new = [each for number, each in seen if number > int(kept)]
            _add_impressions(connection, Counter((each.campaign_id, each.keyword, each.day) for each in new))
            exposed = Counter((each.shopper, each.campaign_id, each.hour) for each in new if each.shopper)
            exposures.report(connection, exposed)
            moved = str(max(int(kept), upto))
            connection.execute(update(meta).where(meta.c.key == _POSITION).values(value=moved))
        return len(new)


@dataclass(frozen=True, slots=True)
class _Seen:
    campaign_id: str
    keyword: str
    day: str
    shopper: str
    hour: int


def token_of(event: Event) -> str:
    """The token of the ad an event is about: what follows the last slash of its placement."""
    return event.placement.rpartition("/")[2]


def _click(clicked: Clicked, campaign: Campaign, showing: Showing) -> Click:
    return Click(
        id=clicked.id,
        campaign_id=campaign.id,
        product_id=clicked.product_id,
        keyword=keyword_text(campaign, showing.keyword),
        served=clicked.token,
        visitor=clicked.shopper or clicked.token,
        time=clicked.time,
        served_at=showing.time,
        day=campaign.day(clicked.time),
        price=showing.price,
        bot=clicked.bot,
    )


def _visitor(event: Event) -> str:
    return event.shopper or event.session


def _add_impressions(connection: Connection, counted: Counter[tuple[str, str, str]]) -> None:
    if not counted:
        return
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    statement = insert(ad_impressions)
    added = statement.on_conflict_do_update(
        index_elements=["campaign_id", "keyword", "day"],
        set_={"count": ad_impressions.c.count + statement.excluded.count},
    )
    rows = [
        {"campaign_id": campaign_id, "keyword": keyword, "day": day, "count": count}
        for (campaign_id, keyword, day), count in sorted(counted.items())
    ]
    connection.execute(added, rows)
