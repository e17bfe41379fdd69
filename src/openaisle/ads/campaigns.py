"""The campaigns of a shop, kept in its store."""

from __future__ import annotations

import orjson
from sqlalchemy import Engine, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from openaisle.ads.campaign import Campaign, Status
from openaisle.ads.draft import CampaignDraft, draft_of
from openaisle.errors import CampaignExists, CampaignNotFound
from openaisle.storage import fetch, reading, writing
from openaisle.storage.moments import now
from openaisle.storage.tables import ad_campaigns


class Campaigns:
    """Methods raise `StorageError` when the database refuses."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def add(self, campaign: Campaign) -> None:
        """Raises `CampaignExists`; the id of a removed campaign stays taken, because its bills name it."""
        row = {
            "id": campaign.id,
            "advertiser": campaign.advertiser,
            "status": campaign.status.value,
            "body": draft_of(campaign).model_dump_json(),
            "created_at": now(),
            "changed_at": now(),
        }
        try:
            with writing(self._database) as connection:
                connection.execute(insert(ad_campaigns).values(row))
        except IntegrityError:
            raise CampaignExists(f"There is a campaign {campaign.id!r} already.", "Choose another id.") from None

    def get(self, id: str) -> Campaign:
        """Raises `CampaignNotFound`."""
        with reading(self._database) as connection:
            row = connection.execute(select(ad_campaigns).where(ad_campaigns.c.id == id)).one_or_none()
        if row is None:
            raise CampaignNotFound(f"There is no campaign {id[:80]!r}.", "List those there are.")
        return _campaign(row)

    def all(self) -> tuple[Campaign, ...]:
        """Every campaign, the oldest first, removed ones too."""
        order = (ad_campaigns.c.created_at, ad_campaigns.c.id)
        with reading(self._database) as connection:
            return tuple(_campaign(row) for row in connection.execute(select(ad_campaigns).order_by(*order)))

    def set_status(self, id: str, status: Status) -> Campaign:
        """Raises `CampaignNotFound`, also for one that was removed: there is no way back from that."""
        known = (ad_campaigns.c.id == id) & (ad_campaigns.c.status != Status.REMOVED.value)
        change = update(ad_campaigns).where(known).values(status=status.value, changed_at=now())
        with writing(self._database) as connection:
            if connection.execute(change).rowcount == 0:
                raise CampaignNotFound(f"There is no campaign {id[:80]!r} to change.", "List those there are.")
        return self.get(id)

    def stamp(self) -> tuple[int, str]:
        """Changes whenever a campaign does; cheap to ask for."""
        ((count, changed),) = fetch(self._database, "SELECT count(*), max(changed_at) FROM ad_campaigns", ())
        return count, str(changed)


def _campaign(row: Row[tuple[object, ...]]) -> Campaign:
    return CampaignDraft.model_validate(orjson.loads(row.body)).campaign(Status(row.status))
