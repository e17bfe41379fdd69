from random import Random
from statistics import mean, stdev

import pytest

from openaisle.sample.behaviour.chance import between, gumbel, normal, one, several

DRAWS = 20_000


def drawn(draw):
    chance = Random(1)
    return [draw(chance) for _ in range(DRAWS)]


def test_numbers_lie_in_their_range_and_fill_it():
    numbers = drawn(lambda chance: between(2, 5, chance))
    assert 2 <= min(numbers) < 2.01
    assert 4.99 < max(numbers) < 5


def test_every_item_is_drawn_equally_often():
    items = drawn(lambda chance: one("abc", chance))
    assert all(items.count(letter) / DRAWS == pytest.approx(1 / 3, abs=0.02) for letter in "abc")


def test_several_items_are_different_ones_in_any_order():
    assert sorted(several("abc", 5, Random(1))) == ["a", "b", "c"]
    pairs = {tuple(several("abc", 2, Random(seed))) for seed in range(100)}
    assert pairs == {(a, b) for a in "abc" for b in "abc" if a != b}


def test_noise_has_the_moments_of_its_distribution():
    normals, gumbels = drawn(normal), drawn(gumbel)
    assert (mean(normals), stdev(normals)) == pytest.approx((0, 1), abs=0.03)
    assert (mean(gumbels), stdev(gumbels)) == pytest.approx((0.5772, 1.2825), abs=0.04)
