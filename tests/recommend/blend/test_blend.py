from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from visiting import at, context, visits

from openaisle.recommend.blend.features import features, table
from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.learning import BlendOptions, learn_blend, lessons
from openaisle.recommend.blend.proposals import UNRANKED, ask, propose
from openaisle.recommend.blend.ranker import EvenRanker, LearnedRanker
from openaisle.recommend.ids import Ids
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.methods.followed import Followed
from openaisle.recommend.methods.popular import Popular
from openaisle.recommend.repeats import repeats_of
from openaisle.recommend.shelf import open_shelf
from openaisle.recommend.splits import next_product_cases


def knowledge(rows: Interactions) -> Knowledge:
    methods = {"popular": Popular().fit(rows), "followed": Followed().fit(rows)}
    frequency = np.bincount(rows.product, minlength=len(rows.products)).astype(np.float32)
    return Knowledge(methods, repeats_of(rows), frequency, open_shelf(len(rows.products)))


@pytest.fixture(scope="module")
def known() -> Knowledge:
    return knowledge(visits("abc", "abd", "cd", "ea"))


def test_each_product_is_proposed_once_by_those_that_may(known: Knowledge) -> None:
    products = Ids("abcdefghij")
    proposals = propose(ask(context("a", products), known.methods), ("followed",), at("j", products))
    assert proposals.products.tolist() == [1, 2, 3, 4, 9]  # b, c, d and e are about a; j was asked for
    said = proposals.said["followed"]
    assert said.ranks[proposals.products == 9].tolist() == [UNRANKED]
    assert said.scores.max() == pytest.approx(1.0)
    assert said.ranks[said.scores.argmax()] == 1


def test_nothing_proposed_is_an_empty_answer(known: Knowledge) -> None:
    products = Ids("abcdefghij")
    question = context("", products)
    proposals = propose(ask(question, known.methods), (), at("", products))
    assert len(proposals) == 0
    assert table(question, proposals, known, features(known.methods)).shape[0] == 0


def test_features_speak_of_the_trail(known: Knowledge) -> None:
    products = Ids("abcdefghij")
    question = context("aba", products)
    proposals = propose(ask(question, known.methods), known.methods, question.trail)
    chosen = features(known.methods)
    rows = table(question, proposals, known, chosen)
    column = {feature.name: rows[:, place] for place, feature in enumerate(chosen)}
    row = {product: place for place, product in enumerate(proposals.products.tolist())}
    assert column["steps_back"][[row[0], row[1]]].tolist() == [0, 1]
    assert column["times_opened"][[row[0], row[1], row[2]]].tolist() == [2, 1, 0]
    assert column["length"].tolist() == [3] * len(proposals)
    assert np.isnan(column["price_ratio"]).all()


def test_prices_and_categories_are_told_against_those_of_the_trail(known: Knowledge) -> None:
    products = Ids("abcdefghij")
    price = np.full(10, 10, np.float32)
    price[1] = 20
    category = np.array([0, 0, 1, 1, 1, 1, 1, 1, 1, -1], np.int32)
    told = replace(known, shelf=replace(known.shelf, price=price, category=category, branch=category))
    question = context("a", products)
    proposals = propose(ask(question, told.methods), told.methods, question.trail)
    chosen = features(told.methods)
    rows = table(question, proposals, told, chosen)
    column = {feature.name: rows[:, place] for place, feature in enumerate(chosen)}
    at_b = int(np.flatnonzero(proposals.products == 1)[0])
    assert column["price_ratio"][at_b] == pytest.approx(np.log(2))
    assert column["same_category"][at_b] == 1
    assert column["same_category"][np.flatnonzero(proposals.products == 2)[0]] == 0


def test_without_a_learnt_order_every_method_has_the_same_say(known: Knowledge) -> None:
    question = context("a", Ids("abcdefghij"))
    proposals = propose(ask(question, known.methods), known.methods, question.trail)
    ranking = EvenRanker().ranking(question, proposals, known)
    parts = ranking.parts(np.arange(len(proposals)))
    np.testing.assert_allclose(sum(parts.values()), ranking.scores, rtol=1e-6)
    assert set(parts) == {"popular", "followed"}


@pytest.fixture(scope="module")
def learnt() -> tuple[LearnedRanker, Knowledge, Interactions]:
    """Shoppers follow an order of products that popularity knows nothing of."""
    pytest.importorskip("lightgbm")
    generator = np.random.default_rng(3)
    chains = ["abcd", "bcda", "fghi", "ghif"]
    rows = visits(*(chains[place] for place in generator.integers(0, 4, 240)), *["j"] * 200)
    known = knowledge(rows)
    cases = list(next_product_cases(rows))
    ranker = learn_blend(cases, known, BlendOptions(least_cases=50, trees=40))
    assert ranker is not None
    return ranker, known, rows


def test_the_blend_learns_whom_to_believe(learnt: tuple[LearnedRanker, Knowledge, Interactions]) -> None:
    ranker, known, rows = learnt
    question = context("fg", rows.products)
    proposals = propose(ask(question, known.methods), known.methods, question.trail)
    best = proposals.products[ranker.ranking(question, proposals, known).scores.argmax()]
    assert rows.products.names[best] == "h"


def test_the_parts_add_up_to_the_score(learnt: tuple[LearnedRanker, Knowledge, Interactions]) -> None:
    ranker, known, rows = learnt
    question = context("fg", rows.products)
    proposals = propose(ask(question, known.methods), known.methods, question.trail)
    chosen = np.array([2, 0])
    ranking = ranker.ranking(question, proposals, known)
    parts = ranking.parts(chosen)
    np.testing.assert_allclose(sum(parts.values()), ranking.scores[chosen], rtol=1e-4)
    assert {"base", "followed", "popular", "session"} <= set(parts)


def test_it_comes_back_from_its_graphs(learnt: tuple[LearnedRanker, Knowledge, Interactions]) -> None:
    ranker, known, rows = learnt
    question = context("ab", rows.products)
    proposals = propose(ask(question, known.methods), known.methods, question.trail)
    again = LearnedRanker(ranker.graphs, ranker.methods)
    before, after = (each.ranking(question, proposals, known) for each in (ranker, again))
    np.testing.assert_allclose(after.scores, before.scores, rtol=1e-6)


def test_too_few_cases_teach_nothing(known: Knowledge) -> None:
    pytest.importorskip("lightgbm")
    cases = list(next_product_cases(visits("ab", "cd")))
    assert learn_blend(cases, known, BlendOptions()) is None


def test_right_answers_do_not_stand_first_among_the_rows_of_a_case(known: Knowledge) -> None:
    cases = list(next_product_cases(visits(*["ad"] * 5)))
    taught = lessons(cases, known, BlendOptions(), np.random.default_rng(0))
    assert taught.groups.sum() == len(taught.rows) == len(taught.labels)
    assert taught.labels.sum() == 5
    assert taught.labels[0] == 0
