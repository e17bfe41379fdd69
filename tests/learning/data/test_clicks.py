from __future__ import annotations

import pytest

from openaisle.catalog.product import Product
from openaisle.errors import DataError
from openaisle.learning.data.clicks import Click, ClickSource, ClickTable
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.data.sources.clicks import from_clicks
from openaisle.learning.examples import JudgedQuery

SHELF = Shelf([Product(id_, {"": f"Product {id_}"}) for id_ in "abcdef"], ("title",))


class Recorded:
    def __init__(self, *clicks: Click) -> None:
        self._clicks = clicks

    def clicks(self):
        return self._clicks


def _gains(*clicks: Click) -> dict[str, dict[str, float]]:
    source: ClickSource = Recorded(*clicks)
    return {
        query.query: {each.product_id: each.gain for each in query.candidates} for query in from_clicks(source, SHELF)
    }


def test_clicks_alone_rank_by_number_and_the_best_has_gain_one() -> None:
    assert _gains(Click("mug", "a", 8), Click("mug", "b", 2), Click("mug", "gone", 50)) == {
        "mug": {"a": 1.0, "b": 0.25}
    }


def test_rows_of_one_pair_and_spellings_of_one_query_are_added_up() -> None:
    found = _gains(Click("red mugs", "a", 1), Click("Red mug", "a", 3), Click("mug red", "b", 2))
    assert found == {"Red mug": {"a": 1.0, "b": 1.0}} or found == {"red mugs": {"a": 1.0, "b": 0.5}}


def test_a_place_far_down_weighs_for_a_product() -> None:
    high = [Click("lamp", "c", 100, 1000, 1), Click("lamp", "d", 10, 1000, 10)]
    found = _gains(*high, Click("mug", "a", 50, 500, 1), Click("mug", "b", 50, 500, 10))
    assert found["mug"]["b"] == 1.0
    assert found["mug"]["a"] < 0.5


def test_few_impressions_stay_near_the_average() -> None:
    found = _gains(Click("mug", "a", 1, 1), Click("mug", "b", 300, 1000), Click("mug", "c", 10, 1000))
    assert found["mug"]["b"] == 1.0
    assert found["mug"]["a"] < 1.0


def test_seen_often_and_never_clicked_is_no_answer_and_hardly_seen_is_unknown() -> None:
    found = _gains(Click("mug", "a", 5, 50), Click("mug", "b", 0, 50), Click("mug", "c", 0, 3))
    assert found == {"mug": {"a": 1.0, "b": 0.0}}
    assert _gains(Click("mug", "a", 0, 50)) == {}


def test_a_table_of_clicks(write) -> None:
    path = write("c.csv", "query,product_id,clicks,impressions\nmug,a,3,10\nmug,b,0,20\n")
    assert list(ClickTable(path).clicks()) == [Click("mug", "a", 3, 10), Click("mug", "b", 0, 20)]
    (query,) = from_clicks(ClickTable(path), SHELF)
    assert isinstance(query, JudgedQuery)
    assert [(each.text, each.gain) for each in query.candidates] == [("Product a", 1.0), ("Product b", 0.0)]
    few = write("d.csv", "query,product_id,clicks\nmug,a,3\n")
    assert list(ClickTable(few).clicks()) == [Click("mug", "a", 3)]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("mug,a,many,", "clicks is 'many'"),
        ("mug,a,-1,", "clicks is '-1'"),
        ("mug,a,,", "clicks is empty"),
        ("mug,a,5,3", "5 clicks in 3 impressions"),
        (",a,5,9", "query is empty"),
        ("mug,,5,9", "product_id is empty"),
    ],
)
def test_rows_that_cannot_be(write, row: str, told: str) -> None:
    with pytest.raises(DataError, match="line 2") as caught:
        list(ClickTable(write("c.csv", f"query,product_id,clicks,impressions\n{row}\n")).clicks())
    assert told in caught.value.detail
