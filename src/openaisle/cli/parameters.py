"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def text(value: str) -> str:
    """Text from the command line; bytes that the shell passed and no encoding explains become U+FFFD."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


PATH = click.Path(path_type=Path)


def shop_argument(command: Command) -> Command:
    return click.argument("shop", type=PATH)(command)


def json_option(command: Command) -> Command:
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")(command)
