"""Every click model on every kind of shopper, with a known truth."""

from __future__ import annotations

import numpy as np
import pytest

from openaisle.errors import DataError
from openaisle.events.click_models.chain import ByChain
from openaisle.events.click_models.choose import BASELINE, MODELS, best, compared
from openaisle.events.click_models.held_out import divided, held_out
from openaisle.events.click_models.model import ClickModel, Fitted
from openaisle.events.click_models.pages import Floats, Pages
from openaisle.events.simulation import CascadeShopper, DynamicShopper, Market, PositionShopper, market, simulate

KNOWN = market(12, 20, seed=7)
SHOPPERS = {"pbm": PositionShopper(), "cascade": CascadeShopper(), "dbn": DynamicShopper()}
AT_RANDOM = 100.0


@pytest.fixture(scope="module")
def pages() -> dict[str, Pages]:
    return {name: simulate(KNOWN, shopper, 1000, wavering=AT_RANDOM, seed=7) for name, shopper in SHOPPERS.items()}


def _truth(known: Market, pages: Pages, values: Floats) -> Floats:
    pairs = pages.pairs
    query = [known.queries.index(pairs.queries[number]) for number in pairs.query.tolist()]
    named = zip(query, pairs.product.tolist(), strict=True)
    return np.array([values[q][known.products[q].index(pairs.products[product])] for q, product in named])


def _attraction(fitted: Fitted) -> Floats:
    return fitted.parameters.attraction if isinstance(fitted, ByChain) else fitted.relevance.mean


@pytest.mark.parametrize("name", SHOPPERS)
def test_the_matching_model_recovers_attractiveness(pages: dict[str, Pages], name: str) -> None:
    truth = _truth(KNOWN, pages[name], KNOWN.attraction)
    recovered = _attraction(MODELS[name].fit(pages[name]))
    raw = BASELINE.fit(pages[name]).relevance.mean
    assert np.corrcoef(recovered, truth)[0, 1] >= 0.95
    assert np.corrcoef(recovered, truth)[0, 1] > np.corrcoef(raw, truth)[0, 1]
    assert np.abs(recovered - truth).mean() < 0.05
    assert np.abs(raw - truth).mean() > 0.1


@pytest.mark.parametrize("name", SHOPPERS)
def test_a_ranking_with_an_opinion_misleads_the_click_rate_and_not_the_matching_model(name: str) -> None:
    pages = simulate(KNOWN, SHOPPERS[name], 1000, wavering=0.3, seed=7)
    truth = _truth(KNOWN, pages, KNOWN.attraction)
    fitted = MODELS[name].fit(pages)
    known = fitted.relevance.confidence >= 0.5
    assert np.corrcoef(_attraction(fitted)[known], truth[known])[0, 1] >= 0.9
    assert np.corrcoef(BASELINE.fit(pages).relevance.mean[known], truth[known])[0, 1] < 0.9


def test_the_network_recovers_satisfaction_and_continuation(pages: dict[str, Pages]) -> None:
    fitted = MODELS["dbn"].fit(pages["dbn"])
    assert isinstance(fitted, ByChain)
    assert fitted.parameters.continuation == pytest.approx(0.9, abs=0.02)
    relevant = _truth(KNOWN, pages["dbn"], KNOWN.attraction * KNOWN.satisfaction)
    assert np.corrcoef(fitted.relevance.mean, relevant)[0, 1] >= 0.95


@pytest.mark.parametrize("name", SHOPPERS)
def test_intervals_hold_the_truth_about_as_often_as_they_say(pages: dict[str, Pages], name: str) -> None:
    fitted = MODELS[name].fit(pages[name])
    values = KNOWN.attraction * KNOWN.satisfaction if name == "dbn" else KNOWN.attraction
    truth = _truth(KNOWN, pages[name], values)
    low, high = fitted.relevance.bounds()
    assert ((low <= truth) & (truth <= high)).mean() >= 0.85
    assert (low <= fitted.relevance.mean).all()
    assert (fitted.relevance.mean <= high).all()


@pytest.mark.parametrize("name", SHOPPERS)
def test_the_shoppers_own_model_tells_unseen_clicks_best(pages: dict[str, Pages], name: str) -> None:
    scored = compared(pages[name])
    likelihood = {each.model.name: each.held_out.log_likelihood for each in scored}
    assert len(likelihood) == len(MODELS) + 1
    assert likelihood[name] >= max(likelihood.values()) - 0.001
    assert likelihood[best(scored).name] == max(likelihood[each] for each in MODELS)
    assert min(scored, key=lambda each: each.held_out.perplexity).model.name in (name, "sdbn", "dbn")


def test_the_truth_itself_is_the_most_likely(pages: dict[str, Pages]) -> None:
    """With the true examination, and close to the true attraction, the likelihood is that of the simulation."""
    learned, unseen = divided(pages["pbm"])
    fitted = MODELS["pbm"].fit(learned)
    chances = (
        _truth(KNOWN, unseen, KNOWN.attraction)[unseen.pair] * PositionShopper().examination(10)[unseen.position - 1]
    )
    best_possible = np.log(np.where(unseen.clicked, chances, 1 - chances)).sum() / len(unseen)
    assert held_out(fitted, unseen).log_likelihood == pytest.approx(best_possible, abs=0.02)


@pytest.mark.parametrize("model", [BASELINE, *MODELS.values()], ids=lambda model: model.name)
def test_every_model_keeps_the_protocol(pages: dict[str, Pages], model: ClickModel) -> None:
    assert isinstance(model, ClickModel)
    learned, unseen = divided(pages["dbn"])
    fitted, again = model.fit(learned), model.fit(learned)
    assert fitted.name == model.name
    assert np.array_equal(fitted.relevance.mean, again.relevance.mean)
    for chances in (fitted.probabilities(unseen), fitted.given_above(unseen), fitted.relevance.mean):
        assert ((chances >= 0) & (chances <= 1)).all()
    assert (fitted.relevance.seen >= 0).all()
    assert 0 < (fitted.attractiveness("query 1", "p1-1") or 0) < 1
    assert fitted.attractiveness("query 1", "p2-1") is None
    assert fitted.examination is None or fitted.examination.max() == 1


def test_pages_are_divided_within_each_query(pages: dict[str, Pages]) -> None:
    learned, unseen = divided(pages["pbm"])
    assert len(learned) + len(unseen) == len(pages["pbm"])
    assert set(np.bincount(unseen.query)) == {200}


def test_perplexity_of_a_coin_is_two_and_of_a_clairvoyant_one(write) -> None:
    pages = write(*[("mug", "ab", [1])] * 100)

    class Told:
        def __init__(self, chances: Floats) -> None:
            self.chances = chances

        def probabilities(self, _: Pages) -> Floats:
            return self.chances

        given_above = probabilities

    coin = held_out(Told(np.full(200, 0.5)), pages)
    assert coin.perplexity == pytest.approx(2)
    assert coin.log_likelihood == pytest.approx(2 * np.log(0.5))
    clairvoyant = held_out(Told(pages.clicked.astype(float)), pages)
    assert clairvoyant.perplexity == pytest.approx(1)
    assert clairvoyant.by_position == pytest.approx([1, 1])


def test_too_few_pages(write) -> None:
    with pytest.raises(DataError, match="2 pages of results with 1 clicks are too few"):
        compared(write(("mug", "ab", [1]), ("mug", "ab", [])))
    with pytest.raises(DataError, match="no pages"):
        held_out(BASELINE.fit(pages := write(("mug", "ab", [1]))), pages.where(np.zeros(1, np.bool_)))
