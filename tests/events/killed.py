"""Reads lines of a database's URL, a tab and a file; imports the file in a child that prints its process number, and after
each commit how many lines are acknowledged; then prints how the child ended. Children are forked, so that the package is
imported once."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from openaisle.events import importing
from openaisle.events.log import EventLog
from openaisle.storage import open_engine


def take(url: str, file: str) -> None:
    importing.BATCH = 100
    print(os.getpid(), flush=True)
    importing.import_events(
        EventLog(open_engine(url)), Path(file), progress=lambda state: print(state.lines, flush=True)
    )


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        take(*line.rstrip("\n").split("\t"))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(f"ended by {os.WTERMSIG(status)}", flush=True)
