"""`openaisle ingest`: a feed into the catalogue and the index."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openaisle.cli.output import console, one_line, print_json
from openaisle.cli.parameters import PATH, json_option, shop_argument, text
from openaisle.cli.progress import progress

if TYPE_CHECKING:
    from openaisle.catalog.progress import FeedWarning, IngestResult


@click.command()
@shop_argument
@click.argument("feed", type=PATH)
@click.option(
    "--format", "format_", type=text, metavar="F", help="Format of the feed; without it, told by its content."
)
@click.option("--encoding", type=text, metavar="NAME", help="Text encoding of the feed, such as gb18030.")
@click.option("--sync", is_flag=True, help="The feed is complete: retire products that it does not name.")
@click.option("--dry-run", is_flag=True, help="Show how the feed would be read; write nothing.")
@json_option
def ingest(
    shop: Path, feed: Path, *, format_: str | None, encoding: str | None, sync: bool, dry_run: bool, as_json: bool
) -> None:
    """Read the products of FEED, a file that may be gzipped, into SHOP. Bad rows go to a file of rejects."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened, progress() as tell:
        result = opened.ingest(feed, format=format_, sync=sync, dry_run=dry_run, encoding=encoding, progress=tell)
    if as_json:
        print_json(_body(result, dry_run))
    else:
        _show(result, dry_run)


def _body(result: IngestResult, dry_run: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "accepted": result.accepted,
        "unchanged": result.unchanged,
        "rejected": result.rejected,
        "retired": result.retired,
        "rejects": str(result.rejects) if result.rejects else None,
        "seconds": result.seconds,
        "format": result.format,
        "warnings": [asdict(warning) for warning in result.warnings],
    }
    if dry_run:
        body["mapping"] = [asdict(line) for line in result.mapping]
    return body


def _show(result: IngestResult, dry_run: bool) -> None:
    if dry_run:
        _show_mapping(result)
    else:
        counts = {"accepted": result.accepted, "unchanged": result.unchanged, "rejected": result.rejected}
        if result.retired:
            counts["retired"] = result.retired
        told = ", ".join(f"{count:,} {what}" for what, count in counts.items())
        click.echo(f"{told} in {result.seconds:.1f} s.")
    for warning in result.warnings:
        click.echo(_warning(warning))
    if result.rejects:
        click.echo(f"Rejected rows, each with the reason and what to do: {one_line(str(result.rejects))}")


def _warning(warning: FeedWarning) -> str:
    times = f", {warning.count:,} times" if warning.count > 1 else ""
    first = f" (first in row {warning.first_row:,})" if warning.first_row else ""
    return f"warning: {one_line(warning.field)}: {one_line(warning.reason)}{times}{first}. {one_line(warning.mend)}"


def _show_mapping(result: IngestResult) -> None:
    from rich.table import Table
    from rich.text import Text

    click.echo(f"Format: {result.format}")
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("column", "field", "told by", "example"):
        table.add_column(heading)
    for line in result.mapping:
        table.add_row(*(Text(one_line(part)) for part in (line.column, line.field, line.why, line.example)))
    console().print(table)
    click.echo(f"{result.accepted:,} rows would be accepted, {result.rejected:,} rejected. Nothing was written.")
