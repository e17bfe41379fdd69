from __future__ import annotations

import numpy as np
import pytest

from openaisle.events.click_models.gather import gather
from openaisle.events.event import Kind
from openaisle.events.simulation import (
    CascadeShopper,
    DynamicShopper,
    PositionShopper,
    Shopper,
    events_of,
    market,
    simulate,
)

GENERATOR_SEED = 5


@pytest.mark.parametrize(
    "shopper", [PositionShopper(), CascadeShopper(), DynamicShopper()], ids=lambda s: type(s).__name__
)
def test_a_seed_gives_the_same_pages(shopper: Shopper) -> None:
    first, again, other = (simulate(market(3, 8, 1), shopper, 20, shown=5, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first.pair, again.pair)
    assert np.array_equal(first.clicked, again.clicked)
    assert not np.array_equal(first.pair, other.pair)
    assert (len(first), first.impressions, first.depth) == (60, 300, 5)


def test_position_shoppers_click_by_place_and_product() -> None:
    attraction = np.tile([0.8, 0.8, 0.4], (40_000, 1))
    clicked = PositionShopper().clicks(attraction, attraction, np.random.default_rng(GENERATOR_SEED))
    assert clicked.mean(axis=0) == pytest.approx([0.8, 0.4, 0.4 / 3], abs=0.01)


def test_cascade_shoppers_click_once_at_most() -> None:
    attraction = np.tile([0.5, 0.5, 0.2], (40_000, 1))
    clicked = CascadeShopper().clicks(attraction, attraction, np.random.default_rng(GENERATOR_SEED))
    assert clicked.sum(axis=1).max() == 1
    assert clicked.mean(axis=0) == pytest.approx([0.5, 0.25, 0.05], abs=0.01)


def test_dynamic_shoppers_leave_when_satisfied_or_tired() -> None:
    attraction, satisfaction = (np.tile(row, (40_000, 1)) for row in ([0.5, 1.0, 1.0], [1.0, 0.25, 0.5]))
    shopper = DynamicShopper(continuation=0.8)
    clicked = shopper.clicks(attraction, satisfaction, np.random.default_rng(GENERATOR_SEED))
    second = 0.5 * 0.8
    assert clicked.mean(axis=0) == pytest.approx([0.5, second, second * 0.75 * 0.8], abs=0.01)


def test_a_ranking_that_never_moves_shows_the_same_and_one_at_random_does_not() -> None:
    known = market(1, 8, 1)
    still = simulate(known, PositionShopper(), 50, shown=4, wavering=0)
    assert len(still.pairs) == 4
    assert len(simulate(known, PositionShopper(), 50, shown=4, wavering=100).pairs) == 8


def test_events_tell_the_same_pages() -> None:
    pages = simulate(market(3, 8, 1), DynamicShopper(), 20, shown=5, seed=1)
    events = list(events_of(pages))
    kinds = [event.kind for event in events]
    assert kinds.count(Kind.QUERY) == 60
    assert kinds.count(Kind.IMPRESSION) == 300
    assert kinds.count(Kind.CLICK) == pages.clicks > 20
    assert len({event.id for event in events}) == len(events)
    found = gather(events).pages
    assert (found.pairs.queries, found.pairs.products) == (pages.pairs.queries, pages.pairs.products)
    for name in ("starts", "pair", "position", "clicked"):
        assert np.array_equal(getattr(found, name), getattr(pages, name))
