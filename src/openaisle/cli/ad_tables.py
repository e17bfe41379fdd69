"""Campaigns, reports and trials as tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.output import console, one_line

if TYPE_CHECKING:
    from openaisle.ads.learning import Learnt
    from openaisle.ads.market.trial import Trial
    from openaisle.ads.prediction.reliability import Bin
    from openaisle.ads.report import Report

_FIGURES = ("impressions", "clicks", "free_clicks", "spend", "orders", "revenue", "ctr", "cpc", "cvr", "roas")


def show_campaigns(told: Sequence[Mapping[str, Any]]) -> None:
    headings = ("id", "advertiser", "status", "bid", "a day", "spent", "shown on")
    rows = [
        (
            each["id"],
            each["advertiser"],
            each["status"],
            each["bid"],
            each["daily_budget"],
            each["spent"],
            _shown_on(each),
        )
        for each in told
    ]
    _table(headings, rows, numbers={"bid", "a day", "spent"})


def show_report(found: Report) -> None:
    lines = [line.as_dict() for line in found.lines]
    if not lines:
        click.echo("Nothing was shown, clicked or billed in that time.")
        return
    dimensions = tuple(found.lines[0].of)
    totals = [{**dict.fromkeys(dimensions, ""), **line.as_dict()} for line in found.totals]
    for total in totals:
        total[dimensions[0]] = f"all, in {total['currency']}"
    rows = [tuple(_plain(each[name]) for name in (*dimensions, *_FIGURES)) for each in [*lines, *totals]]
    _table((*dimensions, *(name.replace("_", " ") for name in _FIGURES)), rows, {n.replace("_", " ") for n in _FIGURES})


def show_learnt(learnt: Learnt) -> None:
    click.echo(f"Learnt from {learnt.clicks:,} clicks on {learnt.showings:,} showings.")
    found = learnt.clicked
    click.echo(f"On the newest showings: calibration error {found.ece:.4f}, predicted over observed {found.ratio:.2f}.")
    show_bins(found.bins)
    if learnt.orders is None:
        click.echo("Too few orders followed a click to learn their rate.")


def show_trial(found: Trial) -> None:
    told = found.as_dict()
    click.echo(
        f"{told['searches']:,} searches, {told['impressions']:,} impressions, {told['clicks_billed']:,} clicks billed, "
        f"{told['clicks_free']:,} free."
    )
    click.echo(f"Spent {told['spend']:,} of {told['budget']:,} minor units, {told['overspent']} above any budget.")
    click.echo(
        f"Pacing error of the {told['constrained_campaigns']} throttled campaigns: "
        f"mean {told['pacing_error_mean']:.1%}, largest {told['pacing_error_max']:.1%}."
    )
    for name in ("vcg", "gsp"):
        gaining, bidders = told[name]["bidders_that_could_gain"], told[name]["bidders"]
        click.echo(f"{name}: {gaining} of {bidders:,} bidders would gain by not bidding what a click is worth to them.")
    click.echo(f"Calibration error of click rates: {told['ece']:.4f}.")
    show_bins(found.reliability.bins)


def show_bins(bins: Iterable[Bin]) -> None:
    rows = [
        (f"{each.views:,}", f"{each.predicted:.4f}", f"{each.observed:.4f}", f"{each.low:.4f}–{each.high:.4f}")
        for each in bins
    ]
    headings = ("views", "predicted", "observed", "95 % interval")
    _table(headings, rows, set(headings))


def _shown_on(told: Mapping[str, Any]) -> str:
    said = [keyword["text"] for keyword in told["keywords"]] + [f"≈ {topic}" for topic in told["topics"]]
    return ", ".join(said[:4]) + (" …" if len(said) > 4 else "")


def _plain(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]], numbers: set[str]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, justify="right" if heading in numbers else "left")
    for row in rows:
        table.add_row(*(Text(one_line(cell)) for cell in row))
    console().print(table)
