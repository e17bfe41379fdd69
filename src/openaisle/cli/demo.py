"""`openaisle demo`: the sample store, a dozen telling queries, and the API."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.listening import listen
from openaisle.cli.output import console
from openaisle.cli.parameters import PATH
from openaisle.cli.progress import progress
from openaisle.cli.serve import run

if TYPE_CHECKING:
    from rich.console import Console

    from openaisle.sample.tour import Stop
    from openaisle.shop import Shop

_NAME = "OpenAisle department store"
_HITS = 4


@click.command()
@click.argument("folder", type=PATH, default="demo-shop")
@click.option("--serve/--no-serve", "serves", default=None, help="Serve the API afterwards; so it does unless SERVE=0.")
@click.option("--port", type=click.IntRange(0, 65_535), metavar="P", help="Port of the API; without it, [server] port.")
def demo(folder: Path, serves: bool | None, port: int | None) -> None:
    """Open the sample department store in FOLDER (demo-shop), show what it answers, and serve its API."""
    if serves is None:
        serves = os.environ.get("SERVE") != "0"
    with _opened(folder) as shop:
        server = shop.settings.server
        listener = listen(server.host, server.port if port is None else port) if serves else None
        _stock(shop)
        _show_tour(shop)
    if listener is not None:
        run(folder, listener, server.workers)


def _opened(folder: Path) -> Shop:
    from openaisle.settings import FILE_NAME
    from openaisle.shop import Shop

    if (folder / FILE_NAME).exists():
        return Shop.open(folder)
    return Shop.create(folder, name=_NAME)


def _stock(shop: Shop) -> None:
    """Products that are there already cost nothing, so a demo that was interrupted is completed."""
    from openaisle import sample

    store = shop.folder / "sample"
    sample.write(store)
    with progress() as tell:
        if shop.differences():  # the folder holds a demo that an earlier version or another encoder made
            shop.reindex(progress=tell)
        result = shop.ingest(store / "feed.jsonl", progress=tell)
    click.echo(f"{result.accepted + result.unchanged:,} products ready in {result.seconds:.1f} s.\n")


def _show_tour(shop: Shop) -> None:
    from openaisle.sample.tour import stops

    out = console()
    for stop in stops():
        _show_stop(out, shop, stop)


def _show_stop(out: Console, shop: Shop, stop: Stop) -> None:
    from rich.text import Text

    from openaisle.cli.answer import show_found
    from openaisle.search.request import SearchRequest

    out.print(Text(stop.caption.en, "bold"), soft_wrap=True)
    out.print(Text(stop.caption.zh, "bold"), soft_wrap=True)
    out.print(Text(f"$ {_call(shop.folder, stop)}", "cyan"), soft_wrap=True)
    request = SearchRequest(stop.query, limit=_HITS, filter=stop.filter, facets=stop.facets)
    show_found(out, stop.query, shop.search(request).as_dict())
    out.print()


def _call(folder: Path, stop: Stop) -> str:
    """The stop as the reader can type it."""
    words = ["openaisle", "search", str(folder), stop.query, "-k", str(_HITS)]
    words += ["--filter", stop.filter] if stop.filter else []
    words += [word for facet in stop.facets for word in ("--facet", facet)]
    return shlex.join(words)
