"""Two months of made-up visits to the sample store, as a log of events."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from random import Random

from openaisle.sample.behaviour.chance import between
from openaisle.sample.behaviour.pages import pages_of
from openaisle.sample.behaviour.shoppers import GUESTS, cast, guests
from openaisle.sample.behaviour.visits import LONGEST_MS, Record, visit

SEED = 1
_SPAN_MS = 60 * 86_400_000


def events(until: datetime, seed: int = SEED, count: int = GUESTS) -> list[Record]:
    """What shoppers did in the sixty days before `until`, the oldest first, in the shop's own JSON form: those who are
    written by hand, and `count` guests who are drawn.

    The same seed gives the same visits, under the same ids; `until` says only when they were.
    """
    written = cast()
    pages = pages_of({query for errand in written.errands for query in errand.queries})
    end = int(until.timestamp() * 1000) - LONGEST_MS
    told: list[Record] = []
    for shopper in (*written.regulars, *guests(written.errands, pages, seed, count)):
        for number in range(1, shopper.visits + 1):
            chance = Random(f"{seed}/{shopper.id}/{number}")
            begin = end - int(between(0, _SPAN_MS - LONGEST_MS, chance))
            told += visit(shopper, number, begin, pages, chance)
    return sorted(told, key=lambda record: (record["time"], record["id"]))


def write_events(file: Path | str, until: datetime) -> None:
    """Writes the events as JSON Lines for `openaisle events SHOP import`. The file appears whole or not at all.

    A file of the name is replaced. Raises OSError when it cannot be written.
    """
    target = Path(file)
    part = target.with_name(f"{target.name}.part")
    with part.open("w", encoding="utf-8", newline="\n") as lines:
        for record in events(until):
            lines.write(json.dumps(record, ensure_ascii=False) + "\n")
    part.replace(target)
