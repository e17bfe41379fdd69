from __future__ import annotations

import random
from dataclasses import replace

import pytest

from openaisle.errors import LimitExceeded
from openaisle.events.click_models import gather as gather_module
from openaisle.events.click_models.gather import Gathered, gather
from openaisle.events.event import Event, Kind, Source


def shown(page: str, product: str, position: int | None, query: str = "mug", **more) -> Event:
    return Event(
        f"{page}-{product}-{position}-i",
        Kind.IMPRESSION,
        0,
        query_id=page,
        query=query,
        product_id=product,
        position=position,
        source=Source.SEARCH,
        **more,
    )


def clicked(page: str, product: str, position: int | None = None, query: str = "mug") -> Event:
    return replace(shown(page, product, position, query), id=f"{page}-{product}-c", kind=Kind.CLICK)


def rows(found: Gathered) -> list[tuple[str, str, int, bool]]:
    pages = found.pages
    named = zip(pages.pair.tolist(), pages.position.tolist(), pages.clicked.tolist(), strict=True)
    return [
        (pages.pairs.queries[pages.pairs.query[pair]], pages.pairs.products[pages.pairs.product[pair]], place, flag)
        for pair, place, flag in named
    ]


def test_pages_are_what_has_one_query_id_in_whatever_order() -> None:
    events = [
        Event("q", Kind.QUERY, 0, query_id="1", query="Mug"),
        shown("1", "a", 1, query=""),
        shown("1", "b", 2, query=""),
        clicked("1", "b", query=""),
        shown("2", "b", 1, query="lamp"),
    ]
    expected = [("mug", "a", 1, False), ("mug", "b", 2, True), ("lamp", "b", 1, False)]
    assert rows(gather(events)) == expected
    for seed in range(5):
        random.Random(seed).shuffle(events)
        assert rows(gather(events)) == expected
    assert gather(events).spellings == {"mug": "Mug", "lamp": "lamp"}


def test_queries_that_fold_alike_are_one_and_are_written_as_most_did() -> None:
    events = [shown(str(number), "a", 1, query) for number, query in enumerate(("red  Mug", "Red mug", "Red mug"))]
    found = gather(events, str.lower)
    assert found.pages.pairs.queries == ("red mug",)
    assert found.spellings == {"red mug": "Red mug"}


def test_a_click_completes_a_page_that_lacks_its_impression() -> None:
    found = gather([shown("1", "a", 1), clicked("1", "b", 3)])
    assert rows(found) == [("mug", "a", 1, False), ("mug", "b", 3, True)]
    assert not found.stray


def test_clicks_without_impressions_are_kept_apart() -> None:
    found = gather(
        [
            shown("1", "a", 1),
            clicked("1", "b"),
            clicked("2", "a", 1),
            clicked("", "c", 1, query="lamp"),
            clicked("3", "d", 1, query=""),
        ]
    )
    assert rows(found) == [("mug", "a", 1, False)]
    assert found.stray == {("mug", "b"): 1, ("mug", "a"): 1, ("lamp", "c"): 1, ("", "d"): 1}


@pytest.mark.parametrize("position", [None, 0, -3, 101])
def test_impressions_without_a_usable_position_are_counted(position: int | None) -> None:
    found = gather([shown("1", "a", position), shown("1", "b", 1), shown("", "c", 1), shown("2", "c", 1, query=" ")])
    assert rows(found) == [("mug", "b", 1, False)]
    assert found.unplaced == 3


def test_other_kinds_and_other_places_say_nothing_of_search() -> None:
    ad = replace(shown("1", "ad", 1), source=Source.AD)
    recommended = replace(clicked("1", "r", 2), source=Source.RECOMMENDATION)
    found = gather([shown("1", "a", 2), ad, recommended, replace(clicked("1", "a"), kind=Kind.CART)])
    assert rows(found) == [("mug", "a", 2, False)]


def test_too_many_impressions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather_module, "MOST_IMPRESSIONS", 2)
    assert gather([shown("1", "a", 1), shown("1", "b", 2)]).pages.impressions == 2
    with pytest.raises(LimitExceeded, match="more than 2 impressions"):
        gather([shown("1", "a", 1), shown("1", "b", 2), shown("1", "c", 3)])


def test_nothing_gathered() -> None:
    assert len(gather([]).pages) == 0
