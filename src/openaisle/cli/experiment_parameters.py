"""Options that several commands of `openaisle experiment` share."""

from __future__ import annotations

import click

from openaisle.cli.parameters import Command


def columns_option(command: Command) -> Command:
    return click.option(
        "--column",
        "called",
        multiple=True,
        callback=_renamed,
        metavar="OUR=THEIRS",
        help="What the file calls a column, such as unit=shopper_id; may be repeated.",
    )(command)


def names(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    """Names separated by commas, each once, in the order given."""
    return tuple(dict.fromkeys(name.strip() for name in (value or "").split(",") if name.strip()))


def _renamed(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    called: dict[str, str] = {}
    for each in value:
        ours, equals, theirs = each.partition("=")
        if not equals or not ours.strip() or not theirs.strip() or ours.strip() in called:
            raise click.BadParameter(f"{each!r} is not OUR=THEIRS, each name once.", context, parameter)
        called[ours.strip()] = theirs.strip()
    return called
