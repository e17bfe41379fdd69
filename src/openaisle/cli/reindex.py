"""`openaisle reindex`: a new generation of the index, built beside the live one."""

from __future__ import annotations

from pathlib import Path

import click

from openaisle.cli.output import print_json
from openaisle.cli.parameters import json_option, shop_argument, text
from openaisle.cli.progress import progress


@click.command()
@shop_argument
@click.option("--encoder", type=text, metavar="NAME", help="Encode with this model from now on; see [encoder] name.")
@json_option
def reindex(shop: Path, encoder: str | None, as_json: bool) -> None:
    """Build SHOP's index anew from its catalogue and switch to it; searches go on meanwhile."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened, progress() as tell:
        result = opened.reindex(encoder=encoder, progress=tell)
    if as_json:
        print_json({"generation": result.generation, "products": result.products, "seconds": result.seconds})
    else:
        click.echo(f"Indexed {result.products:,} products in {result.seconds:.1f} s as generation {result.generation}.")
