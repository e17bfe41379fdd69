from __future__ import annotations

from itertools import product as every

import numpy as np
import pytest
from numpy.testing import assert_allclose

from openaisle.events.click_models.cascade import Cascade
from openaisle.events.click_models.chain import ByChain, Parameters, descending, first_clicks, last_clicks
from openaisle.events.click_models.dynamic import Dynamic, SimplifiedDynamic, _expectation
from openaisle.events.click_models.estimates import Estimates
from openaisle.events.click_models.pages import Pages

ATTRACTS = {"a": 0.6, "b": 0.3, "c": 0.5, "d": 0.2}
SATISFIES = {"a": 0.7, "b": 0.4, "c": 0.1, "d": 0.9}
GOES_ON = 0.8


def hidden(shown: str):
    """Every course that a reading of `shown` may take: its chance, what was looked at, clicked and satisfied."""

    def course(place: int):
        if place == len(shown):
            yield 1.0, [], [], []
            return
        attracts, satisfies = ATTRACTS[shown[place]], SATISFIES[shown[place]]
        rest = len(shown) - place - 1
        stopped = ([False] * rest,) * 3
        outcomes = (
            (attracts * satisfies, True, True),
            (attracts * (1 - satisfies), True, False),
            (1 - attracts, False, False),
        )
        for chance, click, satisfied in outcomes:
            leaves = 1.0 if satisfied or not rest else 1 - GOES_ON
            yield (
                chance * leaves,
                *([flag, *more] for flag, more in zip((True, click, satisfied), stopped, strict=True)),
            )
            if leaves < 1.0:
                for later, *flags in course(place + 1):
                    first = (True, click, satisfied)
                    yield chance * GOES_ON * later, *([flag, *more] for flag, more in zip(first, flags, strict=True))

    return list(course(0))


def model(pages: Pages) -> ByChain:
    names = [pages.pairs.products[number] for number in pages.pairs.product.tolist()]
    parameters = Parameters(
        np.array([ATTRACTS[name] for name in names]), np.array([SATISFIES[name] for name in names]), GOES_ON
    )
    return ByChain("dbn", pages.pairs, parameters, Estimates(parameters.attraction, np.ones(len(names))))


CLICKS = [tuple(place + 1 for place, flag in enumerate(flags) if flag) for flags in every((False, True), repeat=4)]


@pytest.mark.parametrize("clicks", CLICKS)
def test_expectations_are_those_of_all_courses_written_out(write, clicks: tuple[int, ...]) -> None:
    pages = write(("mug", "abcd", clicks))
    seen = [place + 1 in clicks for place in range(4)]
    courses = [course for course in hidden("abcd") if course[2] == seen]
    total = sum(chance for chance, *_ in courses)
    expected = _expectation(pages, model(pages).parameters, last_clicks(pages))
    for place in range(4):
        looked_at = sum(chance for chance, looks, *_ in courses if looks[place]) / total
        satisfied = sum(chance for chance, *_, pleased in courses if pleased[place]) / total
        assert expected.looked_at[place] == pytest.approx(looked_at)
        assert expected.satisfied[place] == pytest.approx(satisfied)
    given = model(pages).given_above(pages)
    assert np.prod(np.where(pages.clicked, given, 1 - given)) == pytest.approx(total)


def test_chances_without_the_clicks_above(write) -> None:
    pages = write(("mug", "abcd", []))
    for place, chance in enumerate(model(pages).probabilities(pages)):
        assert chance == pytest.approx(sum(each for each, _, clicked, _ in hidden("abcd") if clicked[place]))


def test_pages_of_all_lengths_at_once(write) -> None:
    pages = write(("mug", "ab", [1]), ("mug", "cdab", [2]), ("mug", "d", []), ("mug", "bca", [1, 3]))
    steps = [rows.tolist() for rows in descending(pages)]
    assert [len(rows) for rows in steps] == [4, 3, 2, 1]
    assert sorted(row for rows in steps for row in rows) == list(range(10))
    assert first_clicks(pages).tolist() == [0, 3, -1, 7]
    assert last_clicks(pages).tolist() == [0, 3, -1, 9]
    together = _expectation(pages, model(pages).parameters, last_clicks(pages))
    for number in range(len(pages)):
        only = pages.where(np.arange(len(pages)) == number)
        alone = _expectation(only, model(only).parameters, last_clicks(only))
        rows = slice(pages.starts[number], pages.starts[number + 1])
        assert_allclose(together.looked_at[rows], alone.looked_at)
        assert_allclose(model(pages).given_above(pages)[rows], model(only).given_above(only))


def test_the_cascade_counts_down_to_the_first_click(write) -> None:
    pages = write(*[("mug", "abc", [2])] * 300, *[("mug", "abc", [])] * 100)
    fitted = Cascade().fit(pages)
    assert fitted.attractiveness("mug", "a") == pytest.approx(0.0, abs=0.01)
    assert fitted.attractiveness("mug", "b") == pytest.approx(0.75, abs=0.01)
    assert fitted.relevance.seen.tolist() == [400, 400, 100]
    assert fitted.attractiveness("lamp", "a") is None
    assert fitted.examination is None


def test_the_simplified_network_counts_down_to_the_last_click(write) -> None:
    pages = write(*[("mug", "abc", [1, 2])] * 300, *[("mug", "abc", [1])] * 100)
    fitted = SimplifiedDynamic().fit(pages)
    assert fitted.attractiveness("mug", "a") == pytest.approx(1.0, abs=0.01)
    assert fitted.parameters.satisfaction[0] == pytest.approx(0.25, abs=0.01)
    assert fitted.relevance.mean[0] == pytest.approx(0.25, abs=0.01)
    assert fitted.attractiveness("mug", "b") == pytest.approx(1.0, abs=0.01)
    assert fitted.parameters.continuation == 1.0


def test_a_stated_continuation_is_kept(write) -> None:
    pages = write(*[("mug", "abc", [1])] * 30, *[("mug", "bca", [])] * 30)
    assert Dynamic(continuation=0.6).fit(pages).parameters.continuation == 0.6
