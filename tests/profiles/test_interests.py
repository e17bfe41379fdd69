"""Decay: halves in a half-life, in whatever order events come, within bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.profiles.interests import MOST_TRAITS, Interests

HALF = 1000.0
START = 1_700_000_000_000
RED, BLUE = ("colour", "red"), ("colour", "blue")


def test_interest_halves_in_every_half_life() -> None:
    interests = Interests(HALF)
    interests.add([RED], np.array([1, 0], np.float32), 4.0, START)
    assert interests.at(START).weights[RED] == pytest.approx(4.0)
    reading = interests.at(START + 2000)
    assert reading.weights[RED] == reading.masses["colour"] == pytest.approx(1.0)
    assert reading.vector == pytest.approx([1.0, 0.0])


@given(
    st.permutations(range(8)),
    st.lists(st.tuples(st.integers(0, 200_000), st.floats(0.1, 5)), min_size=8, max_size=8),
)
def test_late_events_count_as_if_in_time(order: list[int], acts: list[tuple[int, float]]) -> None:
    now = START + 200_000
    in_time, anyhow = Interests(HALF * 20), Interests(HALF * 20)
    for place in sorted(range(8), key=lambda at: acts[at][0]):
        in_time.add([RED if place % 2 else BLUE], None, acts[place][1], START + acts[place][0])
    for place in order:
        anyhow.add([RED if place % 2 else BLUE], None, acts[place][1], START + acts[place][0])
    first, second = in_time.at(now), anyhow.at(now)
    for trait in (RED, BLUE):
        assert first.weights.get(trait, 0) == pytest.approx(second.weights.get(trait, 0), abs=2e-3)


def test_years_between_events_do_no_harm() -> None:
    interests = Interests(HALF)
    for time in (START, START + 10**11, START - 10**11, START + 2 * 10**11):
        interests.add([RED], np.array([1, 0], np.float32), 1.0, time)
    reading = interests.at(START + 2 * 10**11)
    assert reading.weights[RED] == pytest.approx(1.0)
    assert interests.at(START + 10**13).weights == {}
    assert interests.at(START - 10**13).weights == {} or math.isfinite(interests.at(START - 10**13).weights[RED])


def test_what_is_taken_back_is_never_below_nothing() -> None:
    interests = Interests(HALF)
    interests.add([RED], None, 1.0, START)
    interests.add([RED], None, -5.0, START)
    assert interests.at(START).weights == {}


def test_traits_are_bounded_and_the_strongest_stay() -> None:
    interests = Interests(HALF)
    for number in range(5000):
        interests.add([("colour", str(number)), RED], None, 1.0, START)
    reading = interests.at(START)
    assert len(reading.weights) <= 2 * MOST_TRAITS
    assert reading.weights[RED] == pytest.approx(5000)
    assert reading.masses["colour"] == pytest.approx(5000)


def test_damaged_vectors_are_left_out_and_another_space_begins_anew() -> None:
    interests = Interests(HALF)
    interests.add([RED], np.array([1, 0], np.float32), 1.0, START)
    interests.add([RED], np.array([np.nan, 1], np.float32), 1.0, START)
    interests.add([RED], np.array([np.inf, 1], np.float32), 1.0, START)
    assert interests.at(START).vector == pytest.approx([1.0, 0.0])
    interests.add([RED], np.array([0, 0, 2], np.float32), 1.0, START)
    assert interests.at(START).vector == pytest.approx([0.0, 0.0, 2.0])


def test_nothing_is_known_before_the_first_event() -> None:
    reading = Interests(HALF).at(START)
    assert (dict(reading.weights), dict(reading.masses), reading.vector) == ({}, {}, None)
