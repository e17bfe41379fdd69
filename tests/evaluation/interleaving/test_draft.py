from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.evaluation.interleaving import Impression, Interleaved, preference, team_draft

TEAMS = ("old", "new")
RANKING = st.lists(st.sampled_from("abcdefghijkl"), max_size=12)


@given(RANKING, RANKING, st.integers(0, 12), st.text(max_size=8))
def test_a_draft_is_a_page_of_distinct_products_with_even_teams(
    old: list[str], new: list[str], length: int, seed: str
) -> None:
    drafted = team_draft((old, new), TEAMS, length, seed)
    assert len(set(drafted.products)) == len(drafted.products) == min(length, len({*old, *new}))
    sizes = [drafted.teams.count(team) for team in TEAMS]
    assert abs(sizes[0] - sizes[1]) <= 1
    assert "" not in drafted.teams[: sum(sizes)]
    assert drafted == team_draft((old, new), TEAMS, length, seed)


@given(RANKING, RANKING, st.text(max_size=8))
def test_each_team_shows_its_best_in_its_own_order(old: list[str], new: list[str], seed: str) -> None:
    drafted = team_draft((old, new), TEAMS, 12, seed)
    for team, ranking in zip(TEAMS, (old, new), strict=True):
        picks = [product for product, picker in zip(drafted.products, drafted.teams, strict=True) if picker == team]
        assert picks == sorted(picks, key=ranking.index)
    if old and old == new and len(set(old)) > 1:
        assert drafted.products == tuple(dict.fromkeys(old))


def test_each_pair_of_places_goes_to_both_and_the_coin_is_fair() -> None:
    old, new = [f"o{n}" for n in range(10)], [f"n{n}" for n in range(10)]
    pages = [team_draft((old, new), TEAMS, 9, f"q{number}") for number in range(2_000)]
    for place in range(0, 8, 2):
        assert all({page.teams[place], page.teams[place + 1]} == set(TEAMS) for page in pages)
    for place in range(9):
        assert np.mean([page.teams[place] == "old" for page in pages]) == pytest.approx(0.5, abs=0.04)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (list("abcdefgh"), list("hgfedcba")),
        (list("abcdefgh"), list("abcdefgh")),
        (list("abc"), list("defghijk")),
        (list("ab"), list("bacdefgh")),
    ],
)
def test_clicks_that_follow_places_and_not_products_prefer_nobody(old: list[str], new: list[str]) -> None:
    generator = np.random.default_rng(7)
    attention = 0.6 ** np.arange(7)
    impressions = []
    for number in range(6_000):
        page = team_draft((old, new), TEAMS, 7, f"impression {number}")
        clicked = generator.random(len(page.products)) < attention[: len(page.products)]
        taken = [product for product, click in zip(page.products, clicked, strict=True) if click]
        impressions.append(Impression(str(number), page.credit(taken)))
    found = preference(TEAMS, impressions)
    assert found.margin.low < 0 < found.margin.high
    assert abs(found.margin.mean) < 0.03
    assert found.preferred == ""


def test_clicks_on_good_products_prefer_the_ranking_that_has_them_first() -> None:
    generator = np.random.default_rng(8)
    good, poor = list("abcdefgh"), list("hgfedcba")
    impressions = []
    for number in range(300):
        page = team_draft((poor, good), TEAMS, 6, f"impression {number}")
        taken = [product for product in page.products if generator.random() < (0.5 if product in "abc" else 0.1)]
        impressions.append(Impression(str(number), page.credit(taken)))
    found = preference(TEAMS, impressions)
    assert found.preferred == "new"
    assert found.margin.high < 0


def test_credit_counts_a_product_once_and_fillers_never() -> None:
    page = Interleaved(("a", "b", "c"), ("old", "new", ""))
    assert page.credit(["b", "b", "c", "unseen"]) == {"old": 0, "new": 1}


@pytest.mark.parametrize("names", [("same", "same"), ("", "new")])
def test_teams_need_names_that_differ(names: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="two different names"):
        team_draft((["a"], ["b"]), names, 2, "q")
