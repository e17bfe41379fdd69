"""What goes to standard output: JSON for machines, tables for people."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

_PIPED_WIDTH = 110
"""Columns of tables that do not go to a terminal."""


def print_json(body: Mapping[str, Any]) -> None:
    """One JSON object on one line; numbers that JSON lacks become null."""
    import orjson

    click.echo(orjson.dumps(body, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS).decode())


def console() -> Console:
    """Where tables go. Cells are `cell(…)`, never bare text, which would be read as markup."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout, width=None if terminal else _PIPED_WIDTH, highlight=False, markup=False, emoji=False
    )


def one_line(text: str) -> str:
    """Text from outside made safe for one line of a terminal: no control characters, no line breaks."""
    return "".join(character if character.isprintable() else " " for character in text)
