from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from openaisle.cli.answer import explained, show_answer, text_for


def shown(query: str, answer: dict[str, Any], first_rank: int = 1) -> str:
    out = io.StringIO()
    show_answer(Console(file=out, width=100, markup=False, highlight=False), query, answer, first_rank)
    return out.getvalue()


def answer(**changes: Any) -> dict[str, Any]:
    product = {
        "id": "m1",
        "title": {"en": "Stoneware [red] mug", "zh": "粗陶马克杯"},
        "brand": "Lumora",
        "price": 59,
        "sale_price": 45.5,
        "currency": "CNY",
    }
    hit = {"id": "m1", "score": 1.25, "product": product, "highlights": {}, "variants": 1}
    whole = {"query_id": "q", "total": 1, "hits": [hit], "facets": {}, "timings": {"retrieve": 0.44}, "notices": []}
    return {**whole, **changes}


def test_a_hit_is_a_row() -> None:
    row = shown("mug", answer()).splitlines()[1]
    assert row.split() == ["1", "m1", "Stoneware", "[red]", "mug", "Lumora", "45.50", "CNY", "1.250"]


def test_a_sponsored_hit_is_marked_in_words() -> None:
    (hit,) = answer()["hits"]
    assert "Sponsored · Stoneware [red] mug" in shown("mug", answer(hits=[{**hit, "sponsored": True, "ad": {}}]))
    assert "Sponsored" not in shown("mug", answer())


def test_titles_are_in_the_language_of_the_query() -> None:
    assert "粗陶马克杯" in shown("杯子", answer())
    assert "粗陶马克杯" not in shown("mug", answer())


@pytest.mark.parametrize(
    ("query", "text", "expected"),
    [
        ("mug", "Mug", "Mug"),
        ("mug", {"zh": "马克杯"}, "马克杯"),
        ("杯", {"": "Mug"}, "Mug"),
        ("", {"zh": "马克杯", "en": "Mug"}, "Mug"),
        ("mug", {}, ""),
    ],
)
def test_text_for_a_query(query: str, text: str | dict[str, str], expected: str) -> None:
    assert text_for(query, text) == expected


def test_ranks_go_on_from_the_offset() -> None:
    lines = shown("mug", answer(total=1234), first_rank=21).splitlines()
    assert lines[1].split()[0] == "21"
    assert "21 to 21 of 1,234" in lines


def test_facets_notices_and_timings_are_shown() -> None:
    text = shown(
        "mug",
        answer(facets={"brand": {"Lumora": 1200, "Dawn": 3}, "size": {}}, notices=["Searched for mug instead of mgu."]),
    )
    assert "brand: Lumora 1,200 · Dawn 3" in text
    assert "size: no values" in text
    assert "Searched for mug instead of mgu." in text
    assert "retrieve 0.4 ms" in text


def test_long_facets_are_cut_and_say_so() -> None:
    text = shown("", answer(facets={"brand": {f"b{number}": 1 for number in range(30)}}))
    assert "and 18 more" in text


def test_nothing_found_is_said() -> None:
    assert "No hits." in shown("x", answer(hits=[], total=0))
    assert "of 7" in shown("x", answer(hits=[], total=7), first_rank=101)


def test_escape_sequences_of_a_feed_never_reach_the_terminal() -> None:
    hostile = answer()
    hostile["hits"][0]["product"]["title"] = "mug \x1b[2J\x07\r\n evil"
    hostile["hits"][0]["id"] = "\x1b]0;x"
    text = shown("mug", hostile)
    assert "\x1b" not in text
    assert "\x07" not in text


def test_an_explanation_is_a_sum_largest_first() -> None:
    assert explained({"title": 0.5, "dense": 1.0, "penalty": -0.25}) == "dense 1.000 + title 0.500 - penalty 0.250"
    explaining = answer()
    explaining["hits"][0]["explanation"] = {"dense": 1.0, "title": 0.25}
    assert "dense 1.000 + title 0.250" in shown("mug", explaining)


def test_a_product_without_price_has_a_dash() -> None:
    bare = answer()
    bare["hits"][0]["product"] = {"id": "m1", "title": "Mug"}
    assert "–" in shown("mug", bare)
