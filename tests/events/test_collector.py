from __future__ import annotations

import threading

import pytest

from openaisle.events.collector import Collector


def test_what_comes_during_a_write_is_written_together() -> None:
    written: list[list[int]] = []
    go_on, begun = threading.Event(), threading.Event()

    def write(items: list[int]) -> list[int]:
        begun.set()
        go_on.wait(20)
        written.append(items)
        return [item * 10 for item in items]

    collector: Collector[int, int] = Collector(write, lambda: None)
    first = collector.send([1])
    assert begun.wait(20)
    others = [collector.send([number, number]) for number in (2, 3)]
    assert not first.done()
    go_on.set()
    assert [answer.result(20) for answer in (first, *others)] == [[10], [20, 20], [30, 30]]
    assert written == [[1], [2, 2, 3, 3]]
    collector.close()


def test_closing_waits_for_what_was_sent_and_tidies() -> None:
    tidied: list[bool] = []
    collector: Collector[int, int] = Collector(lambda items: items, lambda: tidied.append(True))
    answers = [collector.send([number]) for number in range(10)]
    collector.close()
    assert [answer.result(0) for answer in answers] == [[number] for number in range(10)]
    assert tidied == [True]
    assert collector.send([5]).result(20) == [5]
    collector.close()


def test_nothing_starts_before_it_is_needed() -> None:
    before = threading.active_count()
    Collector(lambda items: items, lambda: None).close()
    assert threading.active_count() == before


def test_it_goes_on_after_tidying_failed() -> None:
    def fail() -> None:
        raise OSError

    collector: Collector[int, int] = Collector(lambda items: items, fail, pause=0.0)
    assert [collector.send([number]).result(20) for number in range(3)] == [[0], [1], [2]]
    collector.close()


def test_an_error_is_everybodys() -> None:
    def fail(_items: list[int]) -> list[int]:
        raise OSError("full")

    collector: Collector[int, int] = Collector(fail, lambda: None)
    with pytest.raises(OSError, match="full"):
        collector.send([1]).result(20)
    with pytest.raises(OSError, match="full"):
        collector.send([2]).result(20)
    collector.close()
