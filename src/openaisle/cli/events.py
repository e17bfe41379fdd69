"""`openaisle events`: what shoppers did, into the log, looked at, out of it, and erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.output import console, one_line, print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument, text
from openaisle.cli.progress import progress

if TYPE_CHECKING:
    from openaisle.cli.progress import Tell
    from openaisle.events.event import Event
    from openaisle.events.importing import ImportProgress, ImportResult
    from openaisle.events.summary import Summary

KINDS = ("query", "impression", "click", "view", "dwell", "cart", "order", "return")
AMONG = ("trusted", "known", "all")
REJECTS = "rejected-events.jsonl"

_among_option = click.option(
    "--among",
    type=click.Choice(AMONG),
    default="all",
    show_default=True,
    help="trusted: without what a machine did and without unknown products; known: without unknown products.",
)


@click.group()
@shop_argument
@click.pass_context
def events(context: click.Context, shop: Path) -> None:
    """What shoppers did in SHOP: import it, look at it, export it, erase it."""
    context.obj = shop


@events.command("import")
@click.argument("file", type=PATH)
@click.option("--format", "format_", type=text, metavar="F", help="openaisle, ga4 or ubi; without it, told by content.")
@json_option
@click.pass_obj
def import_(shop: Path, file: Path, format_: str | None, as_json: bool) -> None:
    """Read the events of FILE, one JSON object a line, perhaps gzipped. Bad lines go to a file of rejects.

    A file may be imported again, or after an import that was cut off: no event is stored twice.
    """
    from openaisle.events.importing import import_events
    from openaisle.shop import Shop

    with Shop.open(shop) as opened, progress() as tell:
        result = import_events(
            opened.events, file, format=format_, rejects_path=opened.folder / REJECTS, progress=telling(tell)
        )
    if as_json:
        print_json(_body(result))
    else:
        _show_import(result)


@events.command()
@click.option("-k", "count", type=click.IntRange(1, 10_000), default=20, show_default=True, metavar="N", help="Events.")
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Only this kind; repeatable.")
@click.option("--shopper", type=text, metavar="ID", help="Only this shopper, named as the shop knows them.")
@_among_option
@json_option
@click.pass_obj
def show(shop: Path, *, count: int, kinds: tuple[str, ...], shopper: str | None, among: str, as_json: bool) -> None:
    """Show the events that were stored last, the latest first."""
    from collections import deque

    from openaisle.events.event import Kind
    from openaisle.events.export import as_record
    from openaisle.events.selection import Among
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        log = opened.events
        named = None if shopper is None else log.pseudonym(shopper)
        wanted = [Kind(kind) for kind in kinds] or None
        found = list(deque(log.read(wanted, shopper=named, among=Among(among)), count))[::-1]
    if as_json:
        print_json({"events": [as_record(event) for event in found]})
    elif found:
        _show_events(found)
    else:
        click.echo("There are no such events.")


@events.command()
@json_option
@click.pass_obj
def stats(shop: Path, as_json: bool) -> None:
    """Count the events: by kind, of how many shoppers and sessions, how many are kept apart or marked."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        summary = opened.events.summary()
    body = {**asdict(summary), "first": _moment(summary.first), "last": _moment(summary.last)}
    if as_json:
        print_json(body)
    else:
        show_stats(summary)


@events.command()
@click.argument("file", type=PATH)
@_among_option
@json_option
@click.pass_obj
def export(shop: Path, file: Path, among: str, as_json: bool) -> None:
    """Write the events to FILE: NAME.jsonl, NAME.jsonl.gz or NAME.parquet. Shoppers are pseudonyms in it."""
    from openaisle.events.export import export_events
    from openaisle.events.selection import Among
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        written = export_events(opened.events, file, Among(among))
    if as_json:
        print_json({"events": written, "file": str(file)})
    else:
        click.echo(f"{written:,} events in {one_line(str(file))}.")


@events.command()
@click.option("--shopper", type=text, required=True, metavar="ID", help="The shopper, named as the shop knows them.")
@json_option
@click.pass_obj
def erase(shop: Path, shopper: str, as_json: bool) -> None:
    """Erase what one shopper did, for good. What is sent again of it later is not stored."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        erased = opened.erase(shopper)
    if as_json:
        print_json({"erased": erased})
    else:
        click.echo(f"Erased {erased:,} events.")


def telling(tell: Tell) -> Callable[[ImportProgress], None]:
    """Progress of an import as `tell` takes it."""

    def told(state: ImportProgress) -> None:
        expected = round(state.lines * state.size / state.read) if state.read else None
        tell("storing", state.lines, expected)

    return told


def _body(result: ImportResult) -> dict[str, Any]:
    return {
        **asdict(result.appended),
        "rejected": result.rejected,
        "passed": dict(result.passed),
        "rejects": str(result.rejects) if result.rejects else None,
        "damage": result.damage,
        "format": result.format,
        "seconds": result.seconds,
    }


def _show_import(result: ImportResult) -> None:
    appended = result.appended
    click.echo(
        f"{appended.accepted:,} accepted, {appended.repeated:,} repeated, {result.rejected:,} rejected "
        f"in {result.seconds:.1f} s (read as {result.format})."
    )
    if appended.unknown:
        click.echo(f"{appended.unknown:,} are of products that the catalogue lacks; they count once it has them.")
    if appended.withheld:
        click.echo(f"{appended.withheld:,} are from before their shoppers' events were erased; they were not stored.")
    if result.passed:
        names = ", ".join(f"{one_line(name)} {count:,}" for name, count in list(result.passed.items())[:12])
        click.echo(f"Passed over, being no events of a shop: {names}.")
    if result.damage:
        click.echo(f"warning: {one_line(result.damage)}. Get the whole file and import it again.")
    if result.rejects:
        click.echo(f"Rejected lines, each with the reason and what to do: {one_line(str(result.rejects))}")


def _show_events(found: list[Event]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("time", "kind", "shopper", "product", "place", "query", "source"):
        table.add_column(heading)
    for event in found:
        table.add_row(
            _moment(event.time),
            event.kind.value,
            event.shopper[:8],
            Text(one_line(event.product_id)),
            "" if event.position is None else str(event.position),
            Text(one_line(event.query)),
            event.source.value,
        )
    console().print(table)


def show_stats(summary: Summary) -> None:
    """Print what is in the log, by kind."""
    click.echo(f"{summary.events:,} events of {summary.shoppers:,} shoppers in {summary.sessions:,} sessions")
    if summary.first is not None:
        click.echo(f"from {_moment(summary.first)} to {_moment(summary.last)}")
    for kind, count in summary.kinds.items():
        click.echo(f"  {kind:12} {count:>12,}")
    if summary.unknown:
        click.echo(f"{summary.unknown:,} of products that the catalogue lacks, kept apart")
    for mark, count in summary.marks.items():
        click.echo(f"{count:,} marked {mark}, left out of learning")


def _moment(milliseconds: int | None) -> str | None:
    from datetime import UTC, datetime

    return None if milliseconds is None else f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%SZ}"
