"""Charges clicks in a process of its own, for tests that kill it or run several: URL FIRST COUNT DAILY [dies-after]."""

from __future__ import annotations

import os
import signal
import sys

from made import click

from openaisle.ads.clicks import Budget
from openaisle.ads.ledger import Ledger
from openaisle.storage import open_engine


def main(url: str, first: int, count: int, daily: int, dies_after: int | None = None) -> None:
    ledger = Ledger(open_engine(url))
    for number in range(first, first + count):
        made = click(str(number))
        ledger.reserve(made, Budget(daily))
        if dies_after is not None and number == first + dies_after:
            os.kill(os.getpid(), signal.SIGKILL)
        ledger.bill(made.id, made.campaign_id)


if __name__ == "__main__":
    url, *numbers = sys.argv[1:]
    main(url, *map(int, numbers))
