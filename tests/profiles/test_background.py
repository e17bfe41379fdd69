"""What is usual: shares by department, price levels among products of a kind."""

from __future__ import annotations

import numpy as np
import pytest
from goods import Goods

from openaisle.profiles.background import LEVELS, background_of
from openaisle.profiles.facts import facts_of

NO_VECTORS = np.empty((0, 0), np.float32)


def test_shares_of_a_department_lie_between_its_own_and_the_catalogues() -> None:
    every = [
        facts_of({"category": [department], "attributes": {"colour": colour}})
        for department, colour, count in (("Audio", "black", 90), ("Audio", "white", 10), ("Bath", "white", 100))
        for _ in range(count)
    ]
    background = background_of(every, NO_VECTORS)
    black = ("colour", "black")
    assert background.share(black, "") == pytest.approx(0.45, abs=0.01)
    assert 0.45 < background.share(black, "Audio") < 0.9
    assert 0.0 < background.share(black, "Bath") < 0.1
    assert background.share(black, "unheard of") == background.share(black, "")
    assert 0 < background.share(("colour", "mauve"), "Audio") < 0.01


def test_a_price_level_is_that_among_its_like() -> None:
    background = Goods().background()
    levels = [background.level(facts_of(body)) for body in Goods().every.values()]
    assert levels[:30] == sorted(levels[:30])  # type: ignore[type-var]
    assert {levels[0], levels[29]} == {1, LEVELS}
    assert (levels[30], levels[59]) == (1, LEVELS)  # dearer than every mug, but cheap for a cup


def test_where_there_is_too_little_to_compare_the_step_above_tells() -> None:
    every = [facts_of({"category": ["A", f"b{number}"], "price": 10.0 + number}) for number in range(20)]
    background = background_of(every, NO_VECTORS)
    assert background.level(every[0]) == 1
    assert background.level(every[-1]) == LEVELS
    assert background.level(facts_of({"category": ["unknown"], "price": 29.5})) == LEVELS
    assert background.level(facts_of({"category": ["A"]})) is None
    assert background_of(every[:3], NO_VECTORS).level(every[0]) is None


def test_one_price_for_all_is_no_level() -> None:
    every = [facts_of({"category": ["A"], "price": 10.0}) for _ in range(50)]
    assert background_of(every, NO_VECTORS).level(every[0]) is None
