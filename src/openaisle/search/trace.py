"""How long each step of a search took."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Trace:
    """Milliseconds by step, in the order the steps began; a step that runs twice adds up."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._started = time.perf_counter()

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.timings[name] = round(self.timings.get(name, 0.0) + (time.perf_counter() - started) * 1e3, 3)

    def finished(self) -> dict[str, float]:
        """All steps, and the whole as `total`."""
        return {**self.timings, "total": round((time.perf_counter() - self._started) * 1e3, 3)}
