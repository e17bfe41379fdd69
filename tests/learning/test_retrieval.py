"""What a bi-encoder finds in the whole catalogue."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from openaisle import Product
from openaisle.learning.backbones import open_backbone
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.examples import Candidate, JudgedQuery, Triplet
from openaisle.learning.heads.match import MatchHead
from openaisle.learning.heads.protocol import HeadOptions
from openaisle.learning.losses import LossOptions, build_loss
from openaisle.learning.retrieval import recall

PRODUCTS = [Product(id=str(number), title={"": f"desk lamp number {number}"}) for number in range(30)]
SHELF = Shelf(PRODUCTS, ("title",))


@pytest.fixture(scope="module")
def head(tiny_base: Path) -> MatchHead:
    backbone = open_backbone(str(tiny_base), max_tokens=24)
    return MatchHead(backbone, HeadOptions(max_tokens=24), build_loss(LossOptions(), "vectors"))


def judged(query: str, product: str) -> JudgedQuery:
    return JudgedQuery(query, (Candidate("its text", 1.0, product),))


def test_a_product_asked_for_by_its_text_is_found_first(head: MatchHead) -> None:
    examples = [judged(f"desk lamp number {number}", str(number)) for number in (3, 17)]
    assert recall(head, examples, SHELF, 1)["recall@1"].tolist() == [1.0, 1.0]


def test_an_answer_that_is_not_nearest_is_missed(head: MatchHead) -> None:
    assert recall(head, [judged("desk lamp number 3", "17")], SHELF, 1)["recall@1"].tolist() == [0.0]


def test_a_query_whose_answers_are_not_sold_has_no_value(head: MatchHead) -> None:
    assert np.isnan(recall(head, [judged("lamp", "gone")], SHELF, 5)["recall@5"]).all()


def test_products_with_one_text_are_all_found(head: MatchHead) -> None:
    twins = Shelf([*PRODUCTS, Product(id="twin", title={"": "desk lamp number 3"})], ("title",))
    assert recall(head, [judged("desk lamp number 3", "twin")], twins, 2)["recall@2"].tolist() == [1.0]


def test_examples_that_name_no_products_have_none(head: MatchHead) -> None:
    assert recall(head, [Triplet("lamp", "desk lamp")], SHELF, 5) == {}
    assert recall(head, [judged("lamp", "3")], SHELF, 0) == {}
