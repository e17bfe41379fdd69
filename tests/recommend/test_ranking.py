from __future__ import annotations

from dataclasses import replace

import numpy as np
from visiting import context, visits

from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.ranker import EvenRanker
from openaisle.recommend.context import Context
from openaisle.recommend.learnt import Learnt
from openaisle.recommend.methods.followed import Followed
from openaisle.recommend.methods.popular import TRENDING, Popular
from openaisle.recommend.placements import PLACEMENTS, Place
from openaisle.recommend.protocol import Model, Recommender
from openaisle.recommend.ranking import picked
from openaisle.recommend.repeats import repeats_of
from openaisle.recommend.scores import Scores
from openaisle.recommend.shelf import open_shelf


class Counting:
    """A method that counts how often it is asked."""

    def __init__(self, method: Model) -> None:
        self._method, self.asked = method, 0

    def scores(self, context: Context) -> Scores:
        self.asked += 1
        return self._method.scores(context)


def test_places_that_a_placement_leaves_empty_are_filled_without_asking_again() -> None:
    rows = visits("abc", "abd", "cd", "ea")
    methods: dict[str, Recommender] = {"popular": Popular(), "trending": TRENDING, "followed": Followed()}
    counting = {name: Counting(method.fit(rows)) for name, method in methods.items()}
    frequency = np.bincount(rows.product, minlength=len(rows.products)).astype(np.float32)
    knowledge = Knowledge(counting, repeats_of(rows), frequency, open_shelf(len(rows.products)))  # type: ignore[arg-type]
    learnt = Learnt(rows.products, knowledge, EvenRanker(), 0, 1)
    placement = replace(PLACEMENTS[Place.CART], proposing=("followed",))
    chosen = picked(context("e", rows.products), learnt, placement, 4)
    names = "".join(rows.products.of(each.product for each in chosen))
    assert names[0] == "a"
    assert sorted(names) == list("abcd")
    assert [each.asked for each in counting.values()] == [1, 1, 1]
