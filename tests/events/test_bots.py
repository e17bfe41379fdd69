from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from openaisle.events.bots import Mark, mark_of_agent, stretches
from openaisle.events.event import Event, Kind
from openaisle.events.log import EventLog
from openaisle.events.selection import Among

NOON = 1_750_000_000_123
Make = Callable[..., Event]


def marks(times: list[int]) -> list[Mark | None]:
    return [stretch.mark for stretch in stretches(sorted(times))]


@pytest.mark.parametrize(
    "agent",
    ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0", "HeadlessChrome/120"],
)
def test_robots_that_say_so(agent: str) -> None:
    assert mark_of_agent(agent) == "agent"


@pytest.mark.parametrize(
    "agent", ["", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Cubot X30 Build/1"]
)
def test_browsers_are_no_robots(agent: str) -> None:
    assert mark_of_agent(agent) == ""


def test_a_burst_is_more_than_a_person_can_do_in_a_minute() -> None:
    chance = random.Random(1)
    assert marks([NOON + chance.randrange(59_000) for _ in range(70)]) == [Mark.BURST]
    assert marks([NOON + chance.randrange(600_000) for _ in range(70)]) == [None]


def test_an_even_rhythm_is_a_machine() -> None:
    chance = random.Random(2)
    assert marks([NOON + 10_000 * step for step in range(25)]) == [Mark.REGULAR]
    assert marks([NOON + 10_000 * step + chance.randrange(8000) for step in range(25)]) == [None]


def test_no_end_of_actions_is_a_machine() -> None:
    chance = random.Random(3)
    assert marks([NOON + chance.randrange(12 * 3_600_000) for _ in range(8000)]) == [Mark.VOLUME]


def test_a_pause_ends_a_stretch() -> None:
    chance = random.Random(4)
    burst = [NOON + chance.randrange(50_000) for _ in range(70)]
    later = [NOON + 3 * 3_600_000, NOON + 3 * 3_600_000 + 9_000]
    assert marks([*burst, *later]) == [Mark.BURST, None]
    assert marks([]) == []


def test_a_clock_of_whole_minutes_cannot_tell() -> None:
    assert marks([NOON // 60_000 * 60_000] * 500) == [None]


def test_marked_events_stay_but_are_not_learnt_from(log: EventLog, make: Make) -> None:
    chance = random.Random(5)
    person = [make(id=f"p{number}", shopper="ben", time=NOON + 20_000 * number) for number in range(5)]
    robot = [make(id=f"r{number}", time=NOON + chance.randrange(55_000)) for number in range(80)]
    log.append(person + robot[:40])
    assert log.judge() == 0
    log.append(robot[40:])
    assert log.judge() == 1
    assert [event.id for event in log.read()] == [event.id for event in person]
    assert len(list(log.read(among=Among.KNOWN))) == 85
    assert log.summary().marks == {"burst": 80}
    assert log.judge() == 0


def test_many_impressions_and_a_large_order_are_no_burst(log: EventLog, make: Make) -> None:
    log.append([make(kind=Kind.IMPRESSION, position=place) for place in range(1, 200)])
    log.append([make(kind=Kind.ORDER) for _ in range(200)])
    assert log.judge() == 0


def test_slices_reach_back_to_what_was_judged_before(
    log: EventLog, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openaisle.events.judging._SLICE", 7)
    chance = random.Random(6)
    log.append([make(shopper=f"s{number % 2}", time=NOON + chance.randrange(50_000)) for number in range(150)])
    log.judge()
    assert log.summary().marks == {"burst": 150}
