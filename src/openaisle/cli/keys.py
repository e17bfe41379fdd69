"""`openaisle keys`: who may use the HTTP service."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.output import console, one_line, print_json
from openaisle.cli.parameters import json_option, shop_argument, text
from openaisle.errors import KeyNotFound

if TYPE_CHECKING:
    from openaisle.storage.keys import Key

SCOPES = ("search", "write", "admin")


@click.group()
def keys() -> None:
    """Make, list and revoke the API keys of a shop."""


@keys.command("create")
@shop_argument
@click.argument("name", type=text)
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    multiple=True,
    default=("search",),
    show_default=True,
    help="What the key allows; repeatable.",
)
@json_option
def create(shop: Path, name: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """Make a key called NAME for SHOP and print it, this once: only its hash is kept."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        made = opened.keys.create(name, scopes)
    if as_json:
        print_json({**made.key.as_dict(), "token": made.token})
        return
    click.echo(made.token)
    click.echo("Keep it now: it cannot be shown again. Send it as Authorization: Bearer …", err=True)


@keys.command("list")
@shop_argument
@json_option
def list_(shop: Path, as_json: bool) -> None:
    """List the keys of SHOP; a key's secret part is not kept, so it is not shown."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        found = opened.keys.list()
    if as_json:
        print_json({"keys": [key.as_dict() for key in found]})
    elif found:
        _show(found)
    else:
        click.echo(f"There are no keys. Make one with: openaisle keys create {shop} NAME")


@keys.command("revoke")
@shop_argument
@click.argument("key", type=text)
@json_option
def revoke(shop: Path, key: str, as_json: bool) -> None:
    """Revoke KEY, named by its id or its prefix as `list` shows them."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        found = next((each for each in opened.keys.list() if key in (each.id, each.prefix)), None)
        if found is None or not opened.keys.revoke(found.id):
            raise KeyNotFound(f"No key {key} is in use in this shop.", f"See the keys with: openaisle keys list {shop}")
    if as_json:
        print_json({"revoked": found.id})
    else:
        click.echo(f"Revoked {one_line(found.name)} ({found.prefix}).")


def _show(found: tuple[Key, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("prefix", "name", "scopes", "made", "state"):
        table.add_column(heading)
    for key in found:
        state = "revoked" if key.revoked_at else "in use"
        scopes = ", ".join(sorted(key.scopes))
        table.add_row(key.prefix, Text(one_line(key.name)), scopes, f"{key.created_at:%Y-%m-%d %H:%M}", state)
    console().print(table)
