"""`openaisle profiles`: what is known of a shopper's interests, shown to them, switched off, and erased."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from openaisle.cli.output import one_line, print_json
from openaisle.cli.parameters import json_option, shop_argument, text

if TYPE_CHECKING:
    from openaisle.profiles.service import Shown

_shopper_option = click.option(
    "--shopper", type=text, required=True, metavar="ID", help="The shopper, named as the shop knows them."
)


@click.group()
@shop_argument
@click.pass_context
def profiles(context: click.Context, shop: Path) -> None:
    """What SHOP knows of a shopper's interests: show it, switch it off or on, erase it."""
    context.obj = shop


@profiles.command()
@_shopper_option
@json_option
@click.pass_obj
def show(shop: Path, shopper: str, as_json: bool) -> None:
    """Show a shopper's profile in plain words."""
    from openaisle.profiles.words import as_dict
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        shown = opened.profiles.show(shopper)
    if as_json:
        print_json({"shopper": shopper, "on": shown.on, **as_dict(shown.profile)})
    else:
        _tell(shown)


@profiles.command()
@_shopper_option
@json_option
@click.pass_obj
def off(shop: Path, shopper: str, as_json: bool) -> None:
    """Keep no profile of a shopper and personalise nothing for them, from now on."""
    _switch(shop, shopper, to=False, as_json=as_json)


@profiles.command()
@_shopper_option
@json_option
@click.pass_obj
def on(shop: Path, shopper: str, as_json: bool) -> None:
    """Take a shopper's no back."""
    _switch(shop, shopper, to=True, as_json=as_json)


@profiles.command()
@_shopper_option
@json_option
@click.pass_obj
def erase(shop: Path, shopper: str, as_json: bool) -> None:
    """Erase a shopper's profile and the events it was made of, for good. Switched off stays switched off."""
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        erased = opened.erase(shopper)
    if as_json:
        print_json({"shopper": shopper, "erased": erased})
    else:
        click.echo(f"Erased the profile and {erased:,} events.")


def _switch(shop: Path, shopper: str, *, to: bool, as_json: bool) -> None:
    from openaisle.shop import Shop

    with Shop.open(shop) as opened:
        (opened.profiles.switch_on if to else opened.profiles.switch_off)(shopper)
    if as_json:
        print_json({"shopper": shopper, "on": to})
    else:
        click.echo("Personalised again." if to else "Switched off: there is no profile, and nothing is personalised.")


def _tell(shown: Shown) -> None:
    from openaisle.profiles.words import sentences

    if not shown.on:
        click.echo("Switched off: there is no profile, and nothing is personalised.")
        return
    for sentence in sentences(shown.profile):
        click.echo(one_line(sentence))
