from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from openaisle.events.click_models.cells import Cells, cells_of, without_each
from openaisle.events.click_models.estimates import STRENGTH, prior_rates
from openaisle.events.click_models.interventions import harvested, moved, standard_errors, suffices
from openaisle.events.click_models.position_based import PositionBased, attracting
from openaisle.events.click_models.position_bias import bias_of, intervals, position_bias
from openaisle.events.click_models.two_causes import maximised
from openaisle.events.simulation import PositionShopper, market, simulate

TRUTH = PositionShopper().examination(10)


def _cells(attraction: dict[int, float], examination: list[float], stood: dict[int, list[int]], shown: float) -> Cells:
    """Cells as they would be without any chance in them."""
    rows = [(pair, place) for pair, places in stood.items() for place in places]
    pair, place = (np.array(column) for column in zip(*rows, strict=True))
    clicks = shown * np.array([attraction[pair] * examination[place] for pair, place in rows])
    return Cells(pair, place, np.full(len(rows), shown), clicks, len(attraction), len(examination))


def test_products_that_changed_places_tell_the_bias_exactly() -> None:
    examination = [1.0, 0.5, 0.4, 0.1]
    stood = {0: [0, 1], 1: [1, 2], 2: [2, 3], 3: [3]}
    cells = _cells({0: 0.6, 1: 0.1, 2: 0.8, 3: 0.9}, examination, stood, 1e6)
    assert moved(cells).tolist() == [True] * 6 + [False]
    assert suffices(cells)
    assert_allclose(harvested(cells), examination, rtol=0.01)


def test_the_most_looked_at_position_need_not_be_the_first() -> None:
    stood = {pair: [0, 1, 2] for pair in range(3)}
    cells = _cells({0: 0.5, 1: 0.2, 2: 0.1}, [0.4, 1.0, 0.5], stood, 1e5)
    assert_allclose(harvested(cells), [0.4, 1.0, 0.5], rtol=0.01)


def test_where_nothing_moved_there_is_no_intervention() -> None:
    cells = _cells({0: 0.6, 1: 0.3}, [1.0, 0.5], {0: [0], 1: [1]}, 1e5)
    assert not suffices(cells)
    assert position_bias(cells).method == "em"


def test_groups_of_positions_between_which_nothing_moved_cannot_be_compared() -> None:
    examination = [1.0, 0.5, 0.4, 0.2]
    apart = _cells({0: 0.3, 1: 0.9}, examination, {0: [0, 1], 1: [2, 3]}, 1e5)
    assert not suffices(apart)
    joined = _cells({0: 0.3, 1: 0.9, 2: 0.3}, examination, {0: [0, 1], 1: [2, 3], 2: [1, 2]}, 1e5)
    assert suffices(joined)


def test_standard_errors_are_those_of_the_binomial_for_two_positions() -> None:
    cells = _cells({0: 0.5}, [1.0, 0.5], {0: [0, 1]}, 1000)
    assert_allclose(standard_errors(cells, np.array([1.0, 0.5])), [0, np.sqrt(1 / 500 + 1 / 250)], rtol=1e-4)


def test_two_causes_are_told_apart_where_products_are_alike() -> None:
    examination = [1.0, 0.6, 0.3, 0.1]
    stood = {pair: [pair % 4] for pair in range(40)}
    cells = _cells(dict.fromkeys(range(40), 0.3), examination, stood, 1e4)
    assert position_bias(cells).method == "em"
    assert_allclose(position_bias(cells).examination, examination, rtol=0.05)


@pytest.mark.parametrize("wavering", [100.0, 0.3])
def test_the_bias_of_simulated_shoppers_is_found_within_a_tenth(wavering: float) -> None:
    pages = simulate(market(30, 20, seed=3), PositionShopper(), 1000, wavering=wavering, seed=3)
    found = bias_of(pages)
    assert found.method == "interventions"
    assert_allclose(found.examination, TRUTH, rtol=0.1)
    assert_allclose(maximised(cells_of(pages)), TRUTH, rtol=0.1)
    low, high = intervals(pages, found)
    assert ((low <= TRUTH) & (high >= TRUTH)).sum() >= 8
    assert (high - low)[1:].max() < 0.1


def test_each_page_is_left_out_once() -> None:
    pages = simulate(market(2, 5, seed=3), PositionShopper(), 30, shown=4, seed=3)
    cells, parts = cells_of(pages), without_each(pages, 10)
    assert len(parts) == 10
    assert_allclose(sum(part.shown for part in parts), 9 * cells.shown)
    assert_allclose(sum(part.clicks for part in parts), 9 * cells.clicks)


def test_attractiveness_given_examination_is_the_mode_of_its_posterior(write) -> None:
    pages = write(*[("mug", "ab", [1])] * 40, *[("mug", "ab", [2])] * 20, *[("mug", "ba", [])] * 40)
    examination = np.array([1.0, 0.4])
    cells = cells_of(pages)
    fitted = attracting(pages.pairs, cells, examination)
    expected = cells.by_pair(cells.shown * examination[cells.place])
    prior = STRENGTH * prior_rates(pages.pairs, cells.by_pair(cells.clicks), expected)
    grid = np.linspace(0.0005, 0.9995, 20_000)
    for pair in range(2):
        mine = cells.pair == pair
        chance = grid[:, None] * examination[cells.place[mine]]
        log = np.log(chance) @ cells.clicks[mine] + np.log(1 - chance) @ (cells.shown - cells.clicks)[mine]
        log += prior[pair] * np.log(grid) + (STRENGTH - prior[pair]) * np.log(1 - grid)
        assert fitted.mean[pair] == pytest.approx(grid[log.argmax()], abs=1e-4)
    looked_at_for_sure = attracting(pages.pairs, cells, np.ones(2))
    assert_allclose(looked_at_for_sure.seen, [100, 100], rtol=1e-6)
    assert_allclose(looked_at_for_sure.mean, [0.4, 0.2], atol=0.01)


def test_positions_deeper_than_any_fitted_on_are_presumed(write) -> None:
    shallow = write(*[("mug", "ab", [1])] * 50, *[("mug", "ba", [1])] * 50, *[("mug", "abc", [])])
    fitted = PositionBased().fit(shallow.where(shallow.lengths == 2))
    deep = fitted.probabilities(shallow.where(shallow.lengths == 3))
    assert ((deep > 0) & (deep < 1)).all()
