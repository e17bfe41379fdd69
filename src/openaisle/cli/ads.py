"""`openaisle ads`: campaigns, what they brought, and a trial of them on made-up shoppers."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.ad_tables import show_campaigns, show_learnt, show_report, show_trial
from openaisle.cli.output import print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument, text

if TYPE_CHECKING:
    from openaisle.ads.campaign import Campaign, Status
    from openaisle.ads.report import By
    from openaisle.shop import Shop

QUARANTINE_MS = 60_000
"""A click reserved for this long is billed: the process that reserved it is gone."""


@click.group()
@shop_argument
@click.pass_context
def ads(context: click.Context, shop: Path) -> None:
    """Sponsored products of SHOP: campaigns, reports, and what is learnt from them."""
    context.obj = shop


@ads.group()
def campaigns() -> None:
    """Add, list, pause and remove campaigns."""


@campaigns.command("add")
@click.argument("file", type=PATH, required=False, metavar="[CAMPAIGN.json]")
@click.option("--id", "id_", type=text, metavar="ID", help="Letters, digits, dots and dashes; never used again.")
@click.option("--advertiser", type=text, metavar="NAME", help="Who pays.")
@click.option("--product", "products", type=text, multiple=True, metavar="ID", help="What is shown; repeatable.")
@click.option("--bid", type=text, metavar="AMOUNT", help="The most that a click may cost, such as 0.45.")
@click.option("--daily-budget", type=text, metavar="AMOUNT", help="The most that a day may cost.")
@click.option("--total-budget", type=text, metavar="AMOUNT", help="The most that all days may cost.")
@click.option(
    "--keyword",
    "keywords",
    type=text,
    multiple=True,
    metavar="TEXT",
    help='Queries to appear on; [text] is exact, "text" a phrase, plain text broad; repeatable.',
)
@click.option("--negative", "negatives", type=text, multiple=True, metavar="TEXT", help="Queries to stay out of.")
@click.option("--topic", "topics", type=text, multiple=True, metavar="TEXT", help="Queries that mean this; repeatable.")
@click.pass_obj
@json_option
def add(shop: Path, /, file: Path | None, *, as_json: bool, **options: Any) -> None:
    """Add a campaign, from a file or by options. Options override the file."""
    from openaisle.ads.draft import draft_of, read_draft
    from openaisle.cli.campaign_files import fields_of
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        fields = {"currency": opened.ads.currency, **fields_of(file, options)}
        campaign = read_draft(fields).campaign()
        opened.ads.add(campaign)
    if as_json:
        print_json(_told(campaign))
    else:
        budget = draft_of(campaign).daily_budget
        click.echo(f"Added {campaign.id}: it may spend {budget} {campaign.currency} a day.")


@campaigns.command("list")
@click.pass_obj
@json_option
def list_(shop: Path, as_json: bool) -> None:
    """List the campaigns, removed ones too, with what they spent."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        found = campaigns_of(opened)
    if as_json:
        print_json({"campaigns": found})
    elif found:
        show_campaigns(found)
    else:
        click.echo(f"There are no campaigns. Add one with: openaisle ads {shop} campaigns add …")


@campaigns.command("pause")
@click.argument("campaign", type=text)
@click.pass_obj
@json_option
def pause(shop: Path, campaign: str, as_json: bool) -> None:
    """Show CAMPAIGN no more until it is resumed."""
    from openaisle.ads.campaign import Status

    _change(shop, campaign, Status.PAUSED, as_json)


@campaigns.command("resume")
@click.argument("campaign", type=text)
@click.pass_obj
@json_option
def resume(shop: Path, campaign: str, as_json: bool) -> None:
    """Show a paused CAMPAIGN again."""
    from openaisle.ads.campaign import Status

    _change(shop, campaign, Status.ACTIVE, as_json)


@campaigns.command("remove")
@click.argument("campaign", type=text)
@click.pass_obj
@json_option
def remove(shop: Path, campaign: str, as_json: bool) -> None:
    """Show CAMPAIGN never again. Its bills are kept, and its id stays taken."""
    from openaisle.ads.campaign import Status

    _change(shop, campaign, Status.REMOVED, as_json)


@ads.command("report")
@click.option(
    "--by",
    type=click.Choice(("campaign", "keyword", "day")),
    multiple=True,
    default=("campaign",),
    show_default=True,
    help="What has a line of its own; repeatable.",
)
@click.option("--campaign", "chosen", type=text, multiple=True, metavar="ID", help="Only this one; repeatable.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.pass_obj
@json_option
def report(shop: Path, *, by: tuple[By, ...], chosen: tuple[str, ...], since: Any, until: Any, as_json: bool) -> None:
    """Impressions, clicks, spend, orders, CPC, CVR and ROAS. Days are by each campaign's own clock."""
    from openaisle.ads.report import Span
    from openaisle.shop import Shop

    first = since.date().isoformat() if since else ""
    last = until.date().isoformat() if until else "9999-12-31"
    with Shop.open(shop) as opened:
        found = opened.ads.report(Span(first, last, frozenset(chosen)), tuple(dict.fromkeys(by)))
    if as_json:
        print_json(found.as_dict())
    else:
        show_report(found)


@ads.command("settle")
@click.pass_obj
@json_option
def settle(shop: Path, as_json: bool) -> None:
    """Take new events of ads into the books, and bill what was left open."""
    from openaisle.events.selection import Selection
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        opened.events.judge()
        numbered = opened.events.numbered(Selection(after=opened.ads.billing.position()))
        taken, settled = opened.ads.settle(numbered, time.time_ns() // 1_000_000 - QUARANTINE_MS)
        wrong = opened.ads.discrepancies()
    told = {**{name: getattr(taken, name) for name in taken.__slots__}, "settled": settled, "discrepancies": len(wrong)}
    if as_json:
        print_json(told)
        return
    click.echo(
        f"{taken.impressions} impressions, {taken.billed} clicks billed, {taken.free} free, {taken.orders} orders; "
        f"{settled} open clicks billed. The books {'do not add up' if wrong else 'add up'}."
    )


@ads.command("learn")
@click.pass_obj
@json_option
def learn(shop: Path, as_json: bool) -> None:
    """Learn how often ads are clicked and ordered from the events of SHOP, and measure it on the newest of them."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        learnt = opened.ads.learn(opened.events.read())
    if as_json:
        print_json(learnt.as_dict())
    else:
        show_learnt(learnt)


@ads.command("simulate")
@click.option("--searches", type=click.IntRange(100, 1_000_000), default=2000, show_default=True, help="A day.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same market.")
@click.option("--auction", type=click.Choice(("vcg", "gsp")), help="Without it, the shop's.")
@click.pass_obj
@json_option
def simulate(shop: Path, searches: int, seed: int, auction: str | None, as_json: bool) -> None:
    """Try the campaigns of SHOP (or made-up ones, where none runs) on two days of made-up shoppers.

    Nothing of it is kept or billed.
    """
    from openaisle.ads.advertising import AUCTIONS
    from openaisle.ads.campaign import Status
    from openaisle.ads.market.population import made_market, market_of
    from openaisle.ads.market.trial import Plan, trial
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        running = [each for each in opened.ads.campaigns.all() if each.status is Status.ACTIVE]
        chosen = AUCTIONS[auction or opened.settings.ads.auction]
    market = market_of(running, seed) if running else made_market(seed, searches=searches)
    found = trial(market, Plan(seed, searches, auctions=100, auction=chosen))
    if as_json:
        print_json({"campaigns": "own" if running else "made up", "seed": seed, **found.as_dict()})
    else:
        show_trial(found)


def _change(shop: Path, id: str, status: Status, as_json: bool) -> None:
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        changed = opened.ads.campaigns.set_status(id, status)
    if as_json:
        print_json({"id": changed.id, "status": changed.status.value})
    else:
        click.echo(f"{changed.id} is {changed.status.value}.")


def campaigns_of(shop: Shop) -> list[dict[str, Any]]:
    """All campaigns written down, removed ones too, with what they spent."""
    found = shop.ads.campaigns.all()
    spent = shop.ads.ledger.spent([campaign.id for campaign in found])
    return [_told(campaign, spent[campaign.id].billed) for campaign in found]


def _told(campaign: Campaign, spent: int = 0) -> dict[str, Any]:
    from openaisle.ads.draft import draft_of
    from openaisle.ads.money import major_units

    body = draft_of(campaign).model_dump(mode="json")
    return {**body, "status": campaign.status.value, "spent": major_units(spent, campaign.currency)}
