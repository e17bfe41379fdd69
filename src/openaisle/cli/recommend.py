"""`openaisle recommend`: products for a shopper or a page; training, refreshing and measuring what recommends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.output import console, one_line, print_json
from openaisle.cli.parameters import json_option, shop_argument, text
from openaisle.cli.progress import progress

if TYPE_CHECKING:
    from openaisle.recommend.protocol import Recommender
    from openaisle.recommend.service import Trained

_PLACEMENTS = ("home", "similar", "complementary", "cart", "empty", "email")
_LEFT_OUT = {"als": "matrix factors (als)", "blend": "a learnt order"}


class _WithDefault(click.Group):
    """A group whose first word may be a shop: `recommend SHOP` is short for `recommend show SHOP`."""

    _DEFAULT = "show"

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] not in ctx.help_option_names:
            args = [self._DEFAULT, *args]
        return super().parse_args(ctx, args)


@click.group(cls=_WithDefault)
def recommend() -> None:
    """Recommend products; `openaisle recommend SHOP` is short for `openaisle recommend show SHOP`."""


@recommend.command("show")
@shop_argument
@click.option("--shopper", type=text, default="", metavar="ID", help="For whom, as the shop knows them.")
@click.option("--product", type=text, default="", metavar="ID", help="The product whose page is open.")
@click.option("--cart", type=text, multiple=True, metavar="ID", help="A product in the cart; repeatable.")
@click.option(
    "--placement",
    type=click.Choice(_PLACEMENTS),
    help="Where they are shown; without it: similar with --product, cart with --cart, else home.",
)
@click.option("-k", "--limit", type=int, default=10, show_default=True, metavar="N", help="Products to recommend.")
@json_option
def show(
    shop: Path, shopper: str, product: str, *, cart: tuple[str, ...], placement: str | None, limit: int, as_json: bool
) -> None:
    """Recommend products of SHOP, each with its reason and the parts of its score."""
    from openaisle.recommend.placements import Place
    from openaisle.recommend.request import RecommendationRequest
    from openaisle.shop import Shop

    place = Place(placement) if placement else None
    request = RecommendationRequest(shopper, product, cart, placement=place, limit=limit)
    with Shop.open(shop) as opened:
        answer = opened.recommendations.recommend(request).as_dict()
    if as_json:
        print_json(answer)
    else:
        show_recommended(answer)


@recommend.command("train")
@shop_argument
@click.option(
    "--quick",
    is_flag=True,
    help="In seconds, for a first look: without matrix factors, a transformer and a learnt order.",
)
@json_option
def train(shop: Path, quick: bool, as_json: bool) -> None:
    """Learn from all events of SHOP and use what was learnt from then on."""
    from openaisle.recommend.training import HEAVY
    from openaisle.shop import Shop

    with Shop.open(shop) as opened, progress() as tell:
        train = opened.recommendations.train
        trained = train(tell, without=HEAVY) if quick else train(tell, _sequential())
    if as_json:
        print_json(asdict(trained))
        return
    click.echo(f"{learnt_by(trained)}\nIt took {trained.seconds:.1f} s.")


def learnt_by(trained: Trained) -> str:
    """What was learnt, and what was not, as a person reads it."""
    few = "" if "blend" in trained.left_out else ": too few sessions to learn an order"
    order = "in a learnt order" if trained.blend else f"with the same say each{few}"
    told = (
        f"Learnt from {trained.events:,} events of {trained.products:,} products: "
        f"{', '.join(trained.methods)}, {order}."
    )
    if trained.left_out:
        names = " and ".join(_LEFT_OUT[name] for name in trained.left_out)
        told += f"\nLeft out: {names}. For these, train without --quick and with: pip install 'openaisle[behaviour]'"
    return told


@recommend.command("refresh")
@shop_argument
@json_option
def refresh(shop: Path, as_json: bool) -> None:
    """Take in what happened in SHOP since, without learning anew; quick enough for every few minutes."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened, progress() as tell:
        refreshed = opened.recommendations.refresh(tell)
    if as_json:
        print_json(asdict(refreshed))
    else:
        click.echo(f"Took in {refreshed.events} events and {refreshed.products} new products.")


@recommend.command("eval")
@shop_argument
@click.option(
    "--held-out",
    type=click.FloatRange(0.01, 0.9),
    default=0.2,
    show_default=True,
    metavar="SHARE",
    help="Newest share of the sessions, which nothing learns from and everything is asked about.",
)
@click.option("--cases", type=click.IntRange(1), default=5000, show_default=True, metavar="N", help="Cases at most.")
@json_option
def evaluate(shop: Path, held_out: float, cases: int, as_json: bool) -> None:
    """Compare all methods and the blend on the newest sessions of SHOP: what is opened next, what is bought next."""
    from openaisle.evaluation.recommendations import compared
    from openaisle.shop import Shop

    with Shop.open(shop) as opened, progress() as tell:
        answer = compared(opened.recommendations, held_out, cases, tell, _sequential())
    if as_json:
        print_json(answer)
    else:
        _tabulate(answer)


def _sequential() -> Recommender | None:
    """The one method that PyTorch trains; without it the others do."""
    if find_spec("torch") is None or find_spec("onnx") is None:
        return None
    from openaisle.learning.sequential import Sequential

    return Sequential()


def show_recommended(answer: Mapping[str, Any]) -> None:
    """Print what is recommended, each with its reason."""
    from rich.table import Table
    from rich.text import Text

    from openaisle.cli.answer import text_for

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("", "id", "title", "score", "why"):
        table.add_column(heading, justify="right" if heading == "score" else "left")
    for rank, each in enumerate(answer["recommendations"], start=1):
        title, reason = text_for("", each["product"].get("title", "")), text_for("", each["reason"]["text"])
        table.add_row(
            str(rank), Text(one_line(each["id"])), Text(one_line(title)), f"{each['score']:.3f}", Text(one_line(reason))
        )
    console().print(table)
    for notice in answer["notices"]:
        click.echo(notice)


def _tabulate(answer: Mapping[str, Any]) -> None:
    from rich.table import Table

    for task, measured in answer["tasks"].items():
        table = Table(box=None, pad_edge=False, header_style="bold", title=f"{task}, {measured['cases']} cases")
        table.add_column("method")
        for metric in ("hr@20", "mrr@20", "recall@20"):
            table.add_column(metric, justify="right")
        for name, figures in measured["methods"].items():
            cells = (figures[metric] for metric in ("hr@20", "mrr@20", "recall@20"))
            table.add_row(name, *(f"{cell['mean']:.4f} [{cell['low']:.4f}, {cell['high']:.4f}]" for cell in cells))
        console().print(table)
