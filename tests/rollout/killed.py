"""Reads lines of point, promote or rollback, and a shop's folder; does it in a child that kills itself at the point, and
prints the signal that ended the child. Children are forked, so that the package is imported once."""

from __future__ import annotations

import os
import signal
import sys
from typing import Any

from openaisle import rollout
from openaisle.engines.embedded.generations import Generations
from openaisle.indexing.indexer import Indexer
from openaisle.models.registry.history import History
from openaisle.shop import Shop

POINTS: dict[str, tuple[Any, str, str]] = {
    "begun": (History, "begin", "after"),
    "encoding": (Indexer, "_documents", "before"),
    "built": (Generations, "publish", "before"),
    "published": (Generations, "publish", "after"),
    "setting": (rollout, "_set", "before"),
    "set": (rollout, "_set", "after"),
    "done": (History, "end", "after"),
}


def die_at(point: str, what: str, folder: str) -> None:
    owner, name, when = POINTS[point]
    real = getattr(owner, name)

    def dies(*arguments: Any, **named: Any) -> None:
        if when == "after":
            real(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    with Shop.open(folder) as shop:
        setattr(owner, name, dies)
        if what == "promote":
            shop.promote("shop-encoder@2")
        else:
            shop.rollback()


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        die_at(*line.rstrip("\n").split(" ", 2))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.WTERMSIG(status), flush=True)
