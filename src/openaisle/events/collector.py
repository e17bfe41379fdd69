"""Group commit: events that are sent one by one at the same time share one transaction."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")
Done = TypeVar("Done")

_MOST = 5000
"""Items that end the gathering for a transaction."""
_STOP_SECONDS = 30.0


class _Sending(Generic[Item, Done]):
    def __init__(self, items: Sequence[Item]) -> None:
        self.items = items
        self.done: Future[list[Done]] = Future()


class Collector(Generic[Item, Done]):
    """One thread that writes whatever has come since it began its last transaction; it starts with the first sending.

    `write` gets the items of several sendings as one list and returns what became of each. `tidy` is called at most
    every `pause` seconds after something was written.
    """

    def __init__(
        self, write: Callable[[list[Item]], list[Done]], tidy: Callable[[], object], pause: float = 10.0
    ) -> None:
        self._write = write
        self._tidy = tidy
        self._pause = pause
        self._queue: SimpleQueue[_Sending[Item, Done] | None] = SimpleQueue()
        self._changing = Lock()
        self._thread: Thread | None = None

    def send(self, items: Sequence[Item]) -> Future[list[Done]]:
        """Have items written. The future has their outcomes once they are committed, or the error of the write."""
        sending: _Sending[Item, Done] = _Sending(items)
        with self._changing:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="events", daemon=True)
                self._thread.start()
            self._queue.put(sending)
        return sending.done

    def close(self) -> None:
        """Write what was sent, then end the thread. A later sending starts another."""
        with self._changing:
            if self._thread is not None:
                self._queue.put(None)
                self._thread.join(_STOP_SECONDS)
                self._thread = None

    def _work(self) -> None:
        untidy, tidied, open_ = False, time.monotonic(), True
        while open_:
            sendings, open_ = self._gather(self._pause if untidy else None)
            if sendings:
                self._write_together(sendings)
                untidy = True
            if untidy and (not open_ or time.monotonic() - tidied >= self._pause):
                with suppress(Exception):  # tried again next time; events must go on being written
                    self._tidy()
                untidy, tidied = False, time.monotonic()

    def _gather(self, patience: float | None) -> tuple[list[_Sending[Item, Done]], bool]:
        """What is waiting, at least one sending unless patience ends, and whether more may come."""
        sendings: list[_Sending[Item, Done]] = []
        items = 0
        with suppress(Empty):
            while items < _MOST:
                sending = self._queue.get(timeout=patience) if not sendings else self._queue.get_nowait()
                if sending is None:
                    return sendings, False
                sendings.append(sending)
                items += len(sending.items)
        return sendings, True

    def _write_together(self, sendings: list[_Sending[Item, Done]]) -> None:
        try:
            outcomes = self._write([item for sending in sendings for item in sending.items])
        except BaseException as error:
            for sending in sendings:
                sending.done.set_exception(error)
            return
        start = 0
        for sending in sendings:
            end = start + len(sending.items)
            sending.done.set_result(outcomes[start:end])
            start = end
