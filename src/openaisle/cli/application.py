"""The command line as a whole: its commands, and how it ends."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from openaisle import __version__
from openaisle.cli.ads import ads
from openaisle.cli.data import data
from openaisle.cli.demo import demo
from openaisle.cli.doctor import doctor
from openaisle.cli.eval import evaluate
from openaisle.cli.events import events
from openaisle.cli.experiment import experiment
from openaisle.cli.failure import report
from openaisle.cli.ingest import ingest
from openaisle.cli.init import init
from openaisle.cli.keys import keys
from openaisle.cli.learn import learn
from openaisle.cli.models import models
from openaisle.cli.profiles import profiles
from openaisle.cli.recommend import recommend
from openaisle.cli.reindex import reindex
from openaisle.cli.search import search
from openaisle.cli.serve import serve
from openaisle.cli.train import train
from openaisle.cli.tune import tune


class Application(click.Group):
    """A group that ends by the contract: exit status 0, 1 or 2, and every failure told in one way."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> NoReturn:
        """Run and end the process; click's own way of ending is never used, so `standalone_mode` has no say."""
        arguments = list(sys.argv[1:] if args is None else args)
        _write_utf8()
        sys.exit(self._status(arguments, prog_name or "openaisle", complete_var, extra))

    def _status(self, arguments: list[str], prog_name: str, complete_var: str | None, extra: dict[str, Any]) -> int:
        try:
            status = super().main(arguments, prog_name, complete_var, standalone_mode=False, **extra)
        except SystemExit as ending:
            return ending.code if isinstance(ending.code, int) else 1
        except (Exception, KeyboardInterrupt) as error:
            return report(error, as_json=_wants_json(arguments))
        return status if isinstance(status, int) else 0

    def invoke(self, ctx: click.Context) -> Any:
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError:
            if _reader_left():
                return 0
            raise
        return status


@click.group(cls=Application, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
def application() -> None:
    """Commerce search with a large model inside.

    A shop is a folder. Make one, give it a product feed, search it:

    \b
      openaisle init myshop
      openaisle ingest myshop products.csv
      openaisle search myshop "running shoes" --filter "price < 80"

    Exit status: 0 done, 1 the work failed, 2 the call was wrong.
    """


for _command in (
    init,
    ingest,
    search,
    evaluate,
    serve,
    reindex,
    doctor,
    demo,
    keys,
    train,
    data,
    tune,
    models,
    learn,
    events,
    recommend,
    profiles,
    experiment,
    ads,
):
    application.add_command(_command)


def _wants_json(arguments: list[str]) -> bool:
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    return "--json" in options


def _write_utf8() -> None:
    """JSON is UTF-8 whatever the locale says, and a title must never stop a table."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(encoding="utf-8", errors="replace")


def _reader_left() -> bool:
    """Whether the reader of standard output closed it (`| head`): it has what it wanted, so that is no failure.

    What is still to be written then goes nowhere, which keeps the interpreter's own last flush quiet.
    """
    output = sys.stdout.fileno()
    watch = select.poll()
    watch.register(output, 0)
    left = any(state & (select.POLLERR | select.POLLHUP) for _, state in watch.poll(0))
    if left:
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    return left
