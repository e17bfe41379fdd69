"""Which orders an ad led to: those of a product whose ad the same shopper had clicked within a week before."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import IntegrityError

from openaisle.ads.campaign import DAY_MS
from openaisle.ads.campaigns import Campaigns
from openaisle.ads.clicks import State
from openaisle.ads.money import LARGEST, digits_of
from openaisle.events.event import Event
from openaisle.storage import reading, writing
from openaisle.storage.tables import ad_clicks, ad_orders

WINDOW = 7 * DAY_MS


class Attribution:
    """Methods raise `StorageError` when the database refuses."""

    def __init__(self, database: Engine) -> None:
        self._database = database
        self._campaigns = Campaigns(database)

    def attribute(self, order: Event) -> bool:
        """Count an order for the last billed click before it; whether there was one and the order is new."""
        visitor = order.shopper or order.session
        if not visitor:
            return False
        clicked = (
            select(ad_clicks)
            .where(
                ad_clicks.c.visitor == visitor,
                ad_clicks.c.product_id == order.product_id,
                ad_clicks.c.state == State.BILLED.value,
                ad_clicks.c.time.between(order.time - WINDOW, order.time),
            )
            .order_by(ad_clicks.c.time.desc(), ad_clicks.c.id)
            .limit(1)
        )
        with reading(self._database) as connection:
            click = connection.execute(clicked).one_or_none()
        if click is None:
            return False
        campaign = self._campaigns.get(click.campaign_id)
        return self._keep(
            {
                "id": order.id,
                "click_id": click.id,
                "campaign_id": click.campaign_id,
                "keyword": click.keyword,
                "day": campaign.day(order.time),
                "time": order.time,
                "revenue": revenue_of(order, campaign.currency),
            }
        )

    def _keep(self, row: dict[str, object]) -> bool:
        try:
            with writing(self._database) as connection:
                connection.execute(insert(ad_orders).values(row))
        except IntegrityError:
            return False
        return True


def revenue_of(order: Event, currency: str) -> int:
    """Minor units; 0 where the order states no price or another currency, as nobody knows today's rate."""
    if order.price is None or order.currency not in ("", currency):
        return 0
    exact = Decimal(str(order.price)) * order.quantity * 10 ** digits_of(currency)
    return max(0, min(LARGEST, int(exact.to_integral_value())))
