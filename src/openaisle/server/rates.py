"""How often one caller may ask: a bucket of requests that refills steadily (token bucket)."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from openaisle.errors import TooManyRequests

_CALLERS = 10_000


class Rates:
    """At most `per_minute` requests a minute for each caller, kept for the callers seen last; 0 is no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute = per_minute
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> None:
        """Count one request. Raises `TooManyRequests` when the caller has none left."""
        if self._per_minute == 0:
            return
        now = self._clock()
        with self._lock:
            left, since = self._buckets.pop(caller, (float(self._per_minute), now))
            left = min(self._per_minute, left + (now - since) * self._per_minute / 60)
            self._buckets[caller] = (max(left - 1, 0) if left >= 1 else left, now)
            if len(self._buckets) > _CALLERS:
                self._buckets.popitem(last=False)
        if left < 1:
            raise TooManyRequests(f"More than {self._per_minute:,} requests a minute.", "Wait a minute, then go on.")
