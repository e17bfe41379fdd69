"""`openaisle demo`: the sample store, telling queries, its made-up shoppers, recommendations, an ad, and the API."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.listening import listen
from openaisle.cli.output import console
from openaisle.cli.parameters import PATH
from openaisle.cli.progress import progress
from openaisle.cli.serve import run

if TYPE_CHECKING:
    from openaisle.recommend.service import Trained
    from openaisle.sample.tour import Campaign, Tour
    from openaisle.shop import Shop

_NAME = "OpenAisle department store"
_CURRENCY = "CNY"


@click.command()
@click.argument("folder", type=PATH, default="demo-shop")
@click.option("--serve/--no-serve", "serves", default=None, help="Serve the API afterwards; so it does unless SERVE=0.")
@click.option("--port", type=click.IntRange(0, 65_535), metavar="P", help="Port of the API; without it, [server] port.")
def demo(folder: Path, serves: bool | None, port: int | None) -> None:
    """Open the sample department store in FOLDER (demo-shop), show what it answers, and serve its API."""
    from openaisle.sample.tour import tour

    if serves is None:
        serves = os.environ.get("SERVE") != "0"
    with _opened(folder) as shop:
        server = shop.settings.server
        listener = listen(server.host, server.port if port is None else port) if serves else None
        planned = tour()
        _stock(shop)
        _advertise(shop, planned.campaign)
        _show(shop, planned)
    if listener is not None:
        run(folder, listener, server.workers)


def _opened(folder: Path) -> Shop:
    """The store's shop, which is made when it is not there. It states a currency: campaigns need one."""
    from openaisle.settings import FILE_NAME, load
    from openaisle.settings.editing import set_value
    from openaisle.shop import Shop

    if not (folder / FILE_NAME).exists():
        Shop.create(folder, name=_NAME).close()
    if load(folder).shop.currency is None:
        set_value(folder, "shop", "currency", _CURRENCY)
    return Shop.open(folder)


def _show(shop: Shop, planned: Tour) -> None:
    from openaisle.cli import touring

    out = console()
    for stop in planned.stops:
        touring.show_stop(out, shop, stop)
    _let_shoppers_in(shop)
    touring.show_log(out, shop, planned.shoppers)
    for stop in planned.personal:
        touring.show_stop(out, shop, stop)
    touring.show_training(out, shop, planned.learning, _trained(shop))
    for page in planned.pages:
        touring.show_page(out, shop, page)
    touring.show_advertising(out, shop, planned.campaign.caption)
    for stop in planned.sponsored:
        touring.show_stop(out, shop, stop)


# What is there already is left alone, so a demo that was interrupted is completed by the next.


def _stock(shop: Shop) -> None:
    from openaisle import sample

    store = shop.folder / "sample"
    sample.write(store)
    with progress() as tell:
        if shop.differences():  # the folder holds a demo that an earlier version or another encoder made
            shop.reindex(progress=tell)
        result = shop.ingest(store / "feed.jsonl", progress=tell)
    click.echo(f"{result.accepted + result.unchanged:,} products ready in {result.seconds:.1f} s.\n")


def _let_shoppers_in(shop: Shop) -> None:
    """Their visits end a day ago: an interest of this very visit would fade while the reader looks."""
    from datetime import UTC, datetime, timedelta

    from openaisle import sample
    from openaisle.cli.events import telling
    from openaisle.events.importing import import_events

    file = shop.folder / "sample" / "events.jsonl"
    if not file.exists():
        sample.write_events(file, datetime.now(UTC) - timedelta(days=1))
    with progress() as tell:
        import_events(shop.events, file, progress=telling(tell))


def _trained(shop: Shop) -> Trained:
    """The light methods only, which every installation has."""
    from openaisle.recommend.training import HEAVY

    with progress() as tell:
        return shop.recommendations.train(tell, without=HEAVY)


def _advertise(shop: Shop, campaign: Campaign) -> None:
    """Before the first search: what runs is read once a second only."""
    from openaisle.ads.draft import read_draft

    if any(campaign.id == other.id for other in shop.ads.campaigns.all()):
        return
    fields = {
        "id": campaign.id,
        "advertiser": campaign.advertiser,
        "products": list(campaign.products),
        "keywords": [{"text": text} for text in campaign.keywords],
        "bid": campaign.bid,
        "daily_budget": campaign.daily_budget,
        "currency": shop.settings.shop.currency,
    }
    shop.ads.add(read_draft(fields).campaign())
