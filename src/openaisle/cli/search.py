"""`openaisle search`: one query, answered as a table or as JSON."""

from __future__ import annotations

from pathlib import Path

import click

from openaisle.cli.output import console, print_json
from openaisle.cli.parameters import json_option, shop_argument, text


@click.command()
@shop_argument
@click.argument("query", type=text)
@click.option("-k", "--limit", type=int, default=10, show_default=True, metavar="N", help="Hits to return.")
@click.option("--offset", type=int, default=0, show_default=True, metavar="N", help="Hits to skip.")
@click.option(
    "--filter",
    "filter_",
    type=text,
    metavar="EXPR",
    help="Only products that match, such as 'price < 50 AND brand = Nike'.",
)
@click.option(
    "--facet",
    "facets",
    type=text,
    multiple=True,
    metavar="FIELD",
    help="Count the values of a field, or its ranges when written as price:0,50,100; repeatable.",
)
@click.option(
    "--disjunctive",
    type=text,
    multiple=True,
    metavar="FIELD",
    help="Count this facet as if the filter said nothing of it; repeatable.",
)
@click.option("--sort", type=text, metavar="FIELD:asc|desc", help="Order by a field instead of by relevance.")
@click.option(
    "--mode",
    type=click.Choice(["hybrid", "lexical", "dense"]),
    default="hybrid",
    show_default=True,
    help="Match by words and meaning, by words, or by meaning.",
)
@click.option("--shopper", type=text, metavar="ID", help="Who asks; what they did before moves what suits them up.")
@click.option("--group/--no-group", default=True, show_default=True, help="Show variants of one product as one hit.")
@click.option(
    "--ads/--no-ads",
    default=True,
    show_default=True,
    help="Let sponsored products stand on the first page, where campaigns fit.",
)
@click.option("--explain", is_flag=True, help="Show the parts of every hit's score.")
@json_option
def search(
    shop: Path,
    query: str,
    *,
    limit: int,
    offset: int,
    filter_: str | None,
    facets: tuple[str, ...],
    disjunctive: tuple[str, ...],
    sort: str | None,
    mode: str,
    shopper: str | None,
    group: bool,
    ads: bool,
    explain: bool,
    as_json: bool,
) -> None:
    """Search SHOP for QUERY. An empty query ("") browses everything; put -- before a query that begins with a dash."""
    from openaisle.cli.answer import show_answer
    from openaisle.search.request import Mode, SearchRequest
    from openaisle.shop import Shop

    request = SearchRequest(
        query=query,
        limit=limit,
        offset=offset,
        filter=filter_,
        facets=facets,
        disjunctive=disjunctive,
        sort=sort,
        mode=Mode(mode),
        shopper=shopper,
        explain=explain,
        group=group,
        ads=ads,
    )
    with Shop.open(shop) as opened:
        answer = opened.search(request).as_dict()
    if as_json:
        print_json(answer)
    else:
        show_answer(console(), query, answer, first_rank=offset + 1)
