"""How a command that fails says so: one line on standard error, or one JSON object on standard output."""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import asdict, dataclass

import click

from openaisle.cli.output import one_line, print_json
from openaisle.errors import OpenAisleError


@dataclass(frozen=True, slots=True)
class Failure:
    """What went wrong, in the words of the error contract; `status` is the exit status."""

    type: str
    title: str
    detail: str
    mend: str
    status: int


def failure_of(error: BaseException) -> Failure:
    """The failure that an exception stands for; anything unforeseen is a fault of the program and says so."""
    if isinstance(error, OpenAisleError):
        return Failure(error.type, error.title, error.detail, error.mend, error.exit_status)
    if isinstance(error, click.UsageError):
        return _wrong_call(error)
    if isinstance(error, click.ClickException):
        return Failure("CallError", "The call is not valid", _sentence(error.format_message()), "Check the call.", 2)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        mend = "Run the command again; what was acknowledged is kept."
        return Failure("Interrupted", "The command was interrupted", "Interrupted.", mend, 1)
    if isinstance(error, OSError):
        return _refused_by_system(error)
    return Failure(
        "InternalError",
        "OpenAisle met a fault of its own",
        f"{type(error).__name__}: {error}.",
        "Set OPENAISLE_DEBUG=1 and run it again for the traceback, and report it please.",
        1,
    )


def report(error: BaseException, as_json: bool) -> int:
    """Tell the failure and return the exit status."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        click.echo(error.format_message(), err=True)
        return 2
    failure = failure_of(error)
    if os.environ.get("OPENAISLE_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)
    if as_json:
        body = asdict(failure)
        del body["status"]
        print_json({"error": body})
    else:
        _print(failure)
    return failure.status


def _print(failure: Failure) -> None:
    """One line; at a terminal, the further lines of the detail (a filter with its caret) come below it."""
    first, *further = failure.detail.splitlines() or [""]
    click.echo(f"error: {one_line(first)} {one_line(failure.mend)}", err=True)
    if sys.stderr.isatty():
        for line in further:
            click.echo(line, err=True)


def _wrong_call(error: click.UsageError) -> Failure:
    command = error.ctx.command_path if error.ctx else "openaisle"
    detail = _sentence(error.format_message())
    return Failure("CallError", "The call is not valid", detail, f"See: {command} --help", 2)


def _refused_by_system(error: OSError) -> Failure:
    what = error.strerror or str(error)
    where = f"{error.filename}: " if error.filename else ""
    mend = "Check that the path exists, that it may be written, and that the disk has room."
    return Failure("SystemError", "The system refused", f"{where}{what}.", mend, 1)


def _sentence(message: str) -> str:
    return message if message.endswith((".", "?", "!")) else message + "."
