"""When two profiles differ more than chance makes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from openaisle.drift.comparison import Level, chance_index, compared, stability_index
from openaisle.drift.profile import LENGTHS, Profile


def profile(**changes: Any) -> Profile:
    stated: dict[str, Any] = {
        "model": "m",
        "queries": 1000,
        "lengths": (0, 100, 300, 400, 200, 0, 0),
        "languages": {"en": 900, "zh": 100},
        "words": ("mug",),
        "terms": 3000,
        "unknown": 60,
        "searched": 1000,
        "unanswered": 50,
        "bounds": (0.5, 0.8),
        "scores": (300, 300, 350),
        "centroids": ((1.0,), (0.0,)),
        "clusters": (600, 400),
        "new": 150,
    }
    return Profile(**(stated | changes))


def levels(now: Profile, before: Profile | None = None) -> dict[str, Level]:
    return {signal.name: signal.level for signal in compared(before or profile(), now, "then").signals}


def test_the_same_is_stable() -> None:
    assert set(levels(profile()).values()) == {Level.STABLE}
    assert compared(profile(), profile(), "then").level is Level.STABLE


@pytest.mark.parametrize(
    ("changes", "signal"),
    [
        ({"languages": {"en": 400, "zh": 600}}, "language"),
        ({"lengths": (0, 0, 0, 0, 100, 400, 500)}, "length"),
        ({"new": 900}, "new words"),
        ({"unknown": 900}, "words no product has"),
        ({"unanswered": 300}, "unanswered"),
        ({"clusters": (100, 900)}, "meaning"),
        ({"scores": (800, 100, 50)}, "best score"),
    ],
)
def test_what_moved_much_asks_to_act_and_nothing_else_does(changes: dict[str, Any], signal: str) -> None:
    found = levels(profile(**changes))
    assert [name for name, level in found.items() if level is not Level.STABLE] == [signal]
    assert found[signal] is Level.ACT
    report = compared(profile(), profile(**changes), "then")
    assert report.level is Level.ACT
    assert [bool(each.mend) for each in report.signals] == [each.name == signal for each in report.signals]


def test_what_moved_a_little_is_to_be_watched() -> None:
    assert levels(profile(unanswered=100))["unanswered"] is Level.WATCH
    assert levels(profile(languages={"en": 780, "zh": 220}))["language"] is Level.WATCH


def test_a_fall_of_unanswered_queries_is_no_trouble() -> None:
    assert levels(profile(unanswered=0))["unanswered"] is Level.STABLE


def test_few_queries_say_little() -> None:
    few = profile(
        queries=10, languages={"en": 8, "zh": 2}, clusters=(3, 7), scores=(5, 3, 2), lengths=(0, 2, 2, 4, 2, 0, 0)
    )
    found = levels(replace(few, searched=10, unanswered=1, terms=30, unknown=1, new=3))
    assert set(found.values()) == {Level.STABLE}


def test_without_vectors_meaning_is_not_compared() -> None:
    assert "meaning" not in levels(profile(clusters=(), centroids=()))


def test_the_index_is_the_textbook_one() -> None:
    old, new = np.array([50.0, 50.0]), np.array([80.0, 20.0])
    assert stability_index(old, new) == pytest.approx(0.3 * np.log(1.6) - 0.3 * np.log(0.4))
    assert stability_index(old, old) == 0
    assert np.isfinite(stability_index(np.array([10.0, 0.0]), np.array([0.0, 10.0])))


def test_chance_exceeds_its_bound_one_time_in_twenty() -> None:
    random, shares = np.random.default_rng(1), np.array([0.1, 0.2, 0.3, 0.4])
    exceeded = 0
    for _ in range(2000):
        old, new = (random.multinomial(size, shares).astype(float) for size in (500, 300))
        exceeded += stability_index(old, new) > chance_index(old, new)
    assert 0.03 < exceeded / 2000 < 0.075


def test_every_length_has_a_class() -> None:
    assert len(profile().lengths) == len(LENGTHS) + 1
