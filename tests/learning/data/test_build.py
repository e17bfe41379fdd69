from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from word_encoder import WordEncoder

from openaisle.catalog.product import Product
from openaisle.errors import DataError
from openaisle.learning.data import Supplies, build, prepare
from openaisle.learning.data.keys import canonical, main_text
from openaisle.learning.examples import DataSet, JudgedQuery, Labelled, Plain, Triplet
from openaisle.learning.recipe import DataRecipe

BARE = DataRecipe(negatives=0)
NOTHING = Supplies(())
JUDGMENTS = Path(__file__).parents[3] / "src" / "openaisle" / "sample" / "judgments.tsv"


def _keys(data: DataSet) -> list[set[str]]:
    return [{canonical(main_text(example)) for example in part} for part in (data.train, data.validation, data.test)]


def _labelled(write, name: str, count: int, start: int = 0) -> Path:
    rows = "".join(f"a text {number},{number % 3}\n" for number in range(start, start + count))
    return write(name, "text,label\n" + rows)


def test_judgments_of_the_sample_store_with_negatives(sample) -> None:
    recipe = DataRecipe(path=JUDGMENTS, negatives=3)
    supplies = Supplies(sample, encoder=WordEncoder(), lexical=lambda query, count: [p.id for p in sample[:count]])
    made = prepare(recipe, supplies, seed=7)
    plain = build(replace(recipe, negatives=0), supplies, seed=7)
    assert made.data == build(recipe, supplies, seed=7)
    assert (made.data.validation, made.data.test) == (plain.validation, plain.test)
    assert all(not a & b for a, b in zip(_keys(made.data), _keys(made.data)[1:], strict=False))
    for bare, mined in zip(plain.train, made.data.train, strict=True):
        assert isinstance(bare, JudgedQuery)
        assert isinstance(mined, JudgedQuery)
        assert len(mined.candidates) == len(bare.candidates) + 3
    assert build(recipe, supplies, seed=8).digest != made.data.digest


def test_the_catalogue_alone_gives_data_for_several_tasks(sample) -> None:
    recipe = replace(BARE, source="catalogue", synthetic_queries=2)
    supplies = Supplies(lambda: sample)
    matching = build(recipe, supplies, task="match")
    without = build(replace(recipe, synthetic_queries=0), supplies, task="match")
    assert isinstance(matching.train[0], Triplet)
    assert matching.train[: len(without.train)] == without.train
    assert len(matching.train) > len(without.train) + len(sample)
    assert matching.test == without.test
    held = set().union(*_keys(matching)[1:])
    assert not held & _keys(matching)[0]
    assert isinstance(build(recipe, supplies, task="classify").train[0], Labelled)
    assert isinstance(build(recipe, supplies, task="mlm").train[0], Plain)
    with pytest.raises(DataError, match="nothing to learn tag from"):
        build(recipe, supplies, task="tag")


def test_clicks_from_a_table_and_from_the_shop(write, sample) -> None:
    path = write(
        "c.csv", "query,product_id,clicks\n" + "".join(f"query {n},{p.id},3\n" for n, p in enumerate(sample[:50]))
    )
    data = build(replace(BARE, source="clicks", path=path), Supplies(sample))
    assert isinstance(data.train[0], JudgedQuery)
    with pytest.raises(DataError, match="recorded no clicks"):
        build(replace(BARE, source="clicks"), Supplies(sample))


def test_given_splits_stay_as_they_are(write) -> None:
    recipe = replace(
        BARE,
        source="labelled",
        path=_labelled(write, "train.csv", 200),
        test_path=_labelled(write, "test.csv", 30, 190),
    )
    made = prepare(recipe, NOTHING, task="classify")
    assert (len(made.data.test), made.leaking, made.unused) == (30, 0, 0)
    assert len(made.data.train) + len(made.data.validation) == 200
    assert 0 < len(made.data.validation) < 50


def test_what_is_left_out_is_counted(write) -> None:
    review = "It keeps the coffee hot for hours and the lid does not leak in the bag number"
    rows = "".join(f"{review} {number},a\nother {number},b\n ,c\n" for number in range(60))
    recipe = replace(BARE, source="labelled", path=write("l.csv", "text,label\n" + rows), limit=100)
    made = prepare(recipe, NOTHING, task="classify")
    used = sum(map(len, (made.data.train, made.data.validation, made.data.test)))
    assert made.empty == 60
    assert made.unused == 20
    assert made.leaking > 0
    assert used + made.empty + made.unused + made.leaking == 180


def test_shares_may_leave_some_out(write) -> None:
    path = _labelled(write, "l.csv", 400)
    recipe = replace(BARE, source="labelled", path=path, train=0.2, validation=0.1, test=0.1)
    made = prepare(recipe, NOTHING, task="classify")
    assert 40 < len(made.data.train) < 120
    assert made.unused > 150


def test_nothing_to_learn_from(write) -> None:
    recipe = replace(BARE, source="labelled", path=write("l.csv", "text,label\n ,a\n"))
    with pytest.raises(DataError, match="nothing to learn from"):
        build(recipe, NOTHING, task="classify")
    with pytest.raises(DataError, match="needs a file"):
        build(replace(BARE, source="pairs"), NOTHING)


def test_pairs_get_negatives_from_words_and_at_random(write) -> None:
    shop = tuple(Product(str(n), {"": f"{kind} number {n}"}) for n, kind in enumerate(["mug", "lamp"] * 50))
    rows = "".join(f"{p.title['']} please,{p.id}\n" for p in shop[:40])
    recipe = DataRecipe(
        source="pairs", path=write("p.csv", "query,product_id\n" + rows), negatives=2, negatives_from=("bm25",)
    )
    data = build(recipe, Supplies(shop, lexical=lambda query, count: ["0", "1", "2"]))
    assert all(isinstance(each, Triplet) and len(each.negatives) == 2 for each in data.train)
    assert all(each.negatives == () for each in (*data.validation, *data.test) if isinstance(each, Triplet))
