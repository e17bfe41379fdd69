"""`openaisle train`: from a recipe to a version in the shop's registry."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.output import console, print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument
from openaisle.cli.progress import progress
from openaisle.errors import MissingExtra

if TYPE_CHECKING:
    from openaisle.learning.data import Supplies
    from openaisle.learning.pipeline import Outcome
    from openaisle.shop import Shop

_NEEDED = ("torch", "transformers", "peft", "accelerate")


@click.command()
@shop_argument
@click.argument("recipe", type=PATH, metavar="RECIPE.toml")
@click.option("--resume", is_flag=True, help="Go on where a training of this recipe was cut off.")
@click.option(
    "--since",
    type=click.Choice(["last"]),
    help="Learn what is new since the model's last version, from that version, with some of the old beside it.",
)
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Processes that train together, one a GPU.",
)
@json_option
def train(shop: Path, recipe: Path, *, resume: bool, since: str | None, processes: int, as_json: bool) -> None:
    """Train a model of SHOP as RECIPE.toml says, compare it with what it was, and register it as a version.

    An encoder or a reranker is used once it is promoted: openaisle models promote SHOP NAME@VERSION.
    """
    require_training()
    from openaisle.learning.pipeline import Order
    from openaisle.learning.pipeline import train as carry_out
    from openaisle.learning.recipe import read_recipe
    from openaisle.models.registry import Registry
    from openaisle.shop import Shop

    order = Order(
        read_recipe(recipe),
        recipe.read_text(encoding="utf-8-sig"),
        resume=resume,
        since_last=since is not None,
        processes=processes,
    )
    with Shop.open(shop) as opened, progress() as tell:
        outcome = carry_out(order, Registry(opened.folder / "models"), supplies_of(opened), tell)
    if as_json:
        print_json(outcome.as_dict())
    else:
        _print(outcome, shop)


def require_training() -> None:
    """Raises `MissingExtra` where the part that trains is not installed."""
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise MissingExtra(
            f"Training needs {', '.join(missing)}, which is not installed.",
            'Install it with: pip install "openaisle[train]"',
        )


def supplies_of(shop: Shop) -> Supplies:
    """What a data set may be made with: the shop's products, its search by words and its shoppers' clicks."""
    from openaisle.learning.data import Supplies
    from openaisle.learning.data.event_clicks import EventClicks
    from openaisle.search.request import Mode, SearchRequest

    def by_words(query: str, count: int) -> Sequence[str]:
        request = SearchRequest(
            query[: shop.settings.search.max_query_length], count, mode=Mode.LEXICAL, group=False, ads=False
        )
        return [hit.id for hit in shop.search(request).hits]

    return Supplies(
        shop.catalog.products, by_id=shop.catalog.get_many, lexical=by_words, clicks=EventClicks(shop.events)
    )


def _print(outcome: Outcome, shop: Path) -> None:
    from openaisle.models.registry.version import slot_of

    told: dict[str, Any] = outcome.as_dict()
    named = f"{told['model']}@{told['version']}"
    if outcome.comparison is not None:
        console().print(_table(outcome))
    click.echo(f"Registered {named} after {outcome.seconds:,.0f} s.")
    if told["report"]:
        click.echo(f"Report: {told['report']}")
    if slot_of(outcome.recipe.task) is not None:
        click.echo(f"To use it: openaisle models promote {shop} {named}")


def _table(outcome: Outcome) -> Any:
    from rich.table import Table

    table = Table("metric", "before", "after", "change", "verdict")
    assert outcome.comparison is not None
    for name, change in outcome.comparison.metrics.items():
        table.add_row(
            name,
            f"{change.before.mean:.4f}",
            f"{change.after.mean:.4f}",
            f"{change.difference.mean:+.4f} [{change.difference.low:+.4f}, {change.difference.high:+.4f}]",
            change.verdict,
        )
    return table
