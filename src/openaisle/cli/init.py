"""`openaisle init`: a folder becomes a shop."""

from __future__ import annotations

from pathlib import Path

import click

from openaisle.cli.output import one_line, print_json
from openaisle.cli.parameters import json_option, shop_argument, text


@click.command()
@shop_argument
@click.option("--name", type=text, help="The shop's name; without it, the folder's.")
@click.option("--encoder", type=text, metavar="NAME", help="Encode with this model; see [encoder] name.")
@json_option
def init(shop: Path, name: str | None, encoder: str | None, as_json: bool) -> None:
    """Make a shop in the folder SHOP, which is created when it is not there."""
    from openaisle.shop import Shop

    with Shop.create(shop, name=name, encoder=encoder) as created:
        shop_name = created.settings.shop.name
    if as_json:
        print_json({"shop": str(shop), "name": shop_name})
        return
    click.echo(f"Made the shop {one_line(shop_name)} in {shop}. Its settings are in {shop / 'openaisle.toml'}.")
    click.echo(f"Next: openaisle ingest {shop} FEED")
