"""`openaisle learn`: what shoppers did, turned into what a shop can be measured with and learn from."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.output import console, print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument
from openaisle.cli.progress import progress

if TYPE_CHECKING:
    from openaisle.events.click_models.choose import Scored
    from openaisle.events.click_models.gather import Gathered
    from openaisle.events.click_models.judgments import ClickJudgment
    from openaisle.events.click_models.pages import Pages

_MODELS = ("pbm", "cascade", "sdbn", "dbn", "coec")
_POSITIONS_SHOWN = 10
_BAR = 30
_DAY_MS = 86_400_000


@click.group()
def learn() -> None:
    """Learn from what shoppers did."""


@learn.command("clicks")
@shop_argument
@click.option("--model", type=click.Choice(_MODELS), help="Model to use; by default what tells unseen clicks best.")
@click.option("--days", type=click.IntRange(1, 10_000), metavar="N", help="Take only events of the last N days.")
@click.option("--out", type=PATH, metavar="FILE.tsv", help="Write graded judgments that `openaisle eval` reads.")
@json_option
def clicks(shop: Path, *, model: str | None, days: int | None, out: Path | None, as_json: bool) -> None:
    """Tell how well products answer queries from SHOP's impressions and clicks, position bias taken out."""
    from openaisle.events.click_models.choose import MODELS, best, compared
    from openaisle.events.click_models.judgments import judged, write_judgments

    gathered = _gathered(shop, days)
    scored = compared(gathered.pages)
    chosen = MODELS[model] if model else best(scored)
    judgments = list(judged(chosen.fit(gathered.pages), gathered.pages, gathered.spellings))
    if out is not None:
        write_judgments(judgments, out)
    told = {
        "model": chosen.name,
        "chosen": "named" if model else "held_out_likelihood",
        **_counts(gathered),
        "position_bias": _bias(gathered.pages),
        "models": [_score(each) for each in scored],
        **_of_judgments(judgments),
        "file": str(out) if out else None,
    }
    if as_json:
        print_json(told)
    else:
        _show(told, shop)


def _gathered(shop: Path, days: int | None) -> Gathered:
    from openaisle.events.click_models.gather import KINDS, gather
    from openaisle.learning.data.keys import canonical
    from openaisle.shop import Shop

    since = None if days is None else int(time.time() * 1000) - days * _DAY_MS
    with Shop.open(shop) as opened, progress() as tell:
        tell("reading events", 0, None)
        return gather(opened.events.read(KINDS, since=since), canonical)


def _counts(gathered: Gathered) -> dict[str, int]:
    pages = gathered.pages
    return {
        "pages": len(pages),
        "queries": len(pages.pairs.queries),
        "impressions": pages.impressions,
        "clicks": pages.clicks,
        "impressions_without_position": gathered.unplaced,
        "clicks_without_impressions": sum(gathered.stray.values()),
    }


def _bias(pages: Pages) -> dict[str, Any]:
    from openaisle.events.click_models.position_bias import bias_of, intervals

    found = bias_of(pages)
    low, high = intervals(pages, found)
    columns = zip(found.examination.tolist(), low.tolist(), high.tolist(), strict=True)
    positions = [
        {"position": place, "examination": round(mean, 4), "low": round(least, 4), "high": round(most, 4)}
        for place, (mean, least, most) in enumerate(columns, start=1)
    ]
    return {"method": found.method, "positions": positions}


def _score(scored: Scored) -> dict[str, Any]:
    measured = scored.held_out
    return {
        "model": scored.model.name,
        "log_likelihood": round(measured.log_likelihood, 5),
        "perplexity": round(measured.perplexity, 5),
    }


def _of_judgments(judgments: Sequence[ClickJudgment]) -> dict[str, int]:
    return {"judgments": len(judgments), "judged_queries": len({each.query for each in judgments})}


def _show(told: Mapping[str, Any], shop: Path) -> None:
    from rich.text import Text

    out = console()
    out.print(
        Text(
            f"{told['pages']:,} pages of {told['queries']:,} queries: {told['impressions']:,} impressions, "
            f"{told['clicks']:,} clicks. Without a page: {told['clicks_without_impressions']:,} clicks."
        ),
        soft_wrap=True,
    )
    _show_bias(told["position_bias"])
    _show_models(told["models"], told["model"])
    made = f"{told['judgments']:,} judgments of {told['judged_queries']:,} queries by {told['model']}"
    if told["file"]:
        out.print(Text(f"{told['file']}: {made}."), soft_wrap=True)
        out.print(Text(f"To measure with them: openaisle eval {shop} {told['file']}"), soft_wrap=True)
    else:
        out.print(Text(f"{made}; to keep them: --out FILE.tsv"), soft_wrap=True)


def _show_bias(bias: Mapping[str, Any]) -> None:
    from rich.table import Table
    from rich.text import Text

    how = {"interventions": "from products that changed places", "em": "by expectation maximisation"}[bias["method"]]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("position", justify="right")
    table.add_column(f"looked at, {how}")
    table.add_column("95 %", justify="right")
    for each in bias["positions"][:_POSITIONS_SHOWN]:
        mean = each["examination"]
        bar = Text(f"{'█' * max(round(mean * _BAR), 1):{_BAR}} {mean:.3f}")
        table.add_row(str(each["position"]), bar, Text(f"{each['low']:.3f} to {each['high']:.3f}"))
    console().print(table)
    if (rest := len(bias["positions"]) - _POSITIONS_SHOWN) > 0:
        console().print(Text(f"and {rest} more positions, which --json tells", "dim"))


def _show_models(models: Sequence[Mapping[str, Any]], chosen: str) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("model")
    for heading in ("log-likelihood a page", "perplexity"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for each in models:
        mark = "used" if each["model"] == chosen else "position ignored" if each["model"] == "rate" else ""
        cells = (f"{each['log_likelihood']:.4f}", f"{each['perplexity']:.4f}", mark)
        table.add_row(each["model"], *(Text(cell) for cell in cells))
    console().print(table)
