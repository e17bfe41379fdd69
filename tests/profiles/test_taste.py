"""A taste is what a shopper does more than others, never what the shop has most of."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from goods import Goods
from hypothesis import given
from hypothesis import strategies as st

from openaisle.events.event import Kind
from openaisle.profiles.facts import facts_of
from openaisle.profiles.profile import Act, Growing, Profile
from openaisle.profiles.taste import Taste, taste_of

NOW = 1_700_000_000_000
GOODS = Goods()
BACKGROUND = GOODS.background()


def profile_of(ids: Sequence[str], kind: Kind = Kind.VIEW, goods: Goods = GOODS) -> Profile:
    growing, background = Growing(0, NOW), goods.background()
    for id, facts, vector in zip(ids, goods.facts(ids), goods.vectors(ids), strict=True):
        assert facts is not None
        growing.add(Act(kind, NOW, id), background.traits(facts), vector, NOW)
    return growing.at(NOW)


def of(taste: Taste, id: str) -> float:
    return taste.evidence(BACKGROUND.traits(facts_of(GOODS.every[id])))


def test_a_liked_colour_speaks_for_a_product() -> None:
    taste = taste_of(profile_of([f"p{number}" for number in range(2, 60, 4)]), BACKGROUND)  # the red ones
    assert taste.lift(("colour", "red")) > 0.5
    assert taste.lift(("colour", "blue")) < -0.5
    assert of(taste, "p6") > of(taste, "p8")  # a red one, and a white one of about the same price


def test_who_looks_at_everything_has_no_taste() -> None:
    taste = taste_of(profile_of(list(GOODS.every)), BACKGROUND)
    told = [of(taste, id) for id in GOODS.every]
    assert max(told) - min(told) < 0.3


def test_a_dear_taste_prefers_what_is_dear_for_its_kind() -> None:
    taste = taste_of(profile_of(["p27", "p28", "p29"] * 5), BACKGROUND)  # the dearest mugs
    levels = [taste.lift(("price", str(level))) for level in range(1, 6)]
    assert levels == sorted(levels)
    assert levels[0] < 0 < levels[-1]


def test_a_few_acts_say_less_than_many() -> None:
    few, many = (taste_of(profile_of(["p2"] * count), BACKGROUND).lift(("colour", "red")) for count in (1, 30))
    assert 0 < few < many


def test_likeness_is_measured_against_products_at_large() -> None:
    taste = taste_of(profile_of(["p7"] * 10), BACKGROUND)
    assert taste.direction is not None
    cosines = GOODS.vectors(["p7", "p8"]) @ taste.direction.vector
    told = taste.direction.evidence(np.append(cosines, np.float32(np.nan)))
    assert told[0] > 0.1
    assert told[0] > told[1]
    assert told[2] == 0


def test_vectors_of_another_model_say_nothing() -> None:
    profile = profile_of(["p7"])
    other = Goods()
    other.vectors = lambda ids: np.ones((len(ids), 7), np.float32)  # type: ignore[method-assign]
    assert taste_of(profile, other.background()).direction is None
    empty = Goods({})
    assert taste_of(profile, empty.background()).direction is None


@given(st.lists(st.sampled_from(sorted(GOODS.every)), min_size=1, max_size=40), st.sampled_from(list(Kind)))
def test_evidence_is_bounded(ids: list[str], kind: Kind) -> None:
    taste = taste_of(profile_of(ids, kind), BACKGROUND)
    assert all(abs(of(taste, id)) <= 2 + 1 + 2 + 2 for id in GOODS.every)
    assert all(abs(taste.lift(trait)) <= 2 for trait in taste.weights)


def test_without_categories_and_prices() -> None:
    plain = Goods({f"p{number}": {"attributes": {"colour": "red" if number % 2 else "blue"}} for number in range(20)})
    taste = taste_of(profile_of(["p1", "p3", "p5"] * 5, goods=plain), plain.background())
    assert taste.lift(("colour", "red")) > 0.3
    assert taste.evidence([("colour", "blue")]) < 0 == pytest.approx(taste.evidence([("size", "XL")]))
