"""How far a long command is, on standard error: a bar at a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Tell = Callable[[str, int, int | None], None]
"""Called with the stage, how much of it is done, and how much there is (None while not known)."""

_SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress() -> Iterator[Tell]:
    """A function to tell progress to, for as long as the work takes."""
    if sys.stderr.isatty():
        with _bars() as tell:
            yield tell
    else:
        yield _Lines()


@contextmanager
def _bars() -> Iterator[Tell]:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left", style="dim"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def tell(stage: str, done: int, total: int | None) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield tell


class _Lines:
    """Progress for logs: the first word of a stage, then a line every few seconds with rate and time left."""

    def __init__(self) -> None:
        self._stage = ""
        self._started = self._last = 0.0

    def __call__(self, stage: str, done: int, total: int | None) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._started, self._last = stage, now, now
            return
        if now - self._last < _SECONDS_BETWEEN_LINES:
            return
        self._last = now
        click.echo(describe(stage, done, total, now - self._started), err=True)


def describe(stage: str, done: int, total: int | None, seconds: float) -> str:
    """`encoding: 1,200 of 5,000, 240/s, 16 s left`."""
    rate = done / seconds if seconds > 0 else 0.0
    of = f" of {total:,}" if total is not None else ""
    left = f", {(total - done) / rate:,.0f} s left" if total is not None and rate > 0 else ""
    return f"{stage}: {done:,}{of}, {rate:,.0f}/s{left}"
