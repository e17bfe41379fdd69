from __future__ import annotations

from pathlib import Path

import pytest

from openaisle.catalog.product import Product
from openaisle.errors import DataError, JudgmentsError
from openaisle.learning.data.shelf import Shelf
from openaisle.learning.data.sources.judgments import from_judgments
from openaisle.learning.data.sources.labelled import from_labelled, from_multilabelled
from openaisle.learning.data.sources.pairs import from_pairs
from openaisle.learning.data.sources.reviews import from_reviews
from openaisle.learning.data.sources.tagged import from_tagged
from openaisle.learning.data.sources.texts import from_texts
from openaisle.learning.data.sources.valued import from_scored, from_valued
from openaisle.learning.examples import Candidate, JudgedQuery, Labelled, Plain, Scored, Span, Tagged, Triplet, Valued

SHELF = Shelf(
    (Product("1", {"en": "Red mug"}), Product("2", {"": "Blue mug"}, group_id="b"), Product("3", {})), ("title",)
)


def test_judgments_with_products_that_are_gone(write) -> None:
    path = write("j.tsv", "query\tproduct_id\tgain\nmug\t1\t3\nmug\t9\t2\nmug\t2\t-1\nlamp\t9\t1\n")
    assert list(from_judgments(path, SHELF)) == [
        JudgedQuery("mug", (Candidate("Red mug", 3.0, "1"), Candidate("Blue mug", 0.0, "2")))
    ]
    with pytest.raises(JudgmentsError, match="line 2"):
        list(from_judgments(write("k.tsv", "query\tproduct_id\tgain\nmug\t1\tgood\n"), SHELF))


def test_judgments_of_another_shop(write) -> None:
    path = write("j.tsv", "query\tproduct_id\tgain\nmug\tx\t3\nmug\ty\t2\n")
    with pytest.raises(DataError, match="None of the 2 products"):
        list(from_judgments(path, SHELF))


def test_products_are_looked_up_in_batches_where_that_is_possible(write) -> None:
    asked: list[int] = []

    def by_id(ids):
        asked.append(len(ids))
        return {id_: Product(id_, {"": f"Product {id_}"}) for id_ in ids}

    lines = "".join(f"query {number}\t{number}\t1\n" for number in range(1500))
    path = write("j.tsv", f"query\tproduct_id\tgain\n{lines}")
    assert len(list(from_judgments(path, Shelf((), ("title",), by_id)))) == 1500
    assert asked == [1000, 500]


def test_pairs_by_product_and_by_text(write) -> None:
    assert list(from_pairs(write("p.csv", "query,product_id\nmug,1\nlamp,9\ncup,2\n"), SHELF)) == [
        Triplet("mug", "Red mug"),
        Triplet("cup", "Blue mug"),
    ]
    assert list(from_pairs(write("p.jsonl", '{"query": "mug", "document": "A mug"}\n'), SHELF)) == [
        Triplet("mug", "A mug")
    ]
    with pytest.raises(DataError, match="line 2: neither a product_id nor a document"):
        list(from_pairs(write("q.csv", "query,answer\nmug,1\n"), SHELF))
    with pytest.raises(DataError, match="line 3: query is empty"):
        list(from_pairs(write("r.csv", "query,product_id\nmug,1\n,2\n"), SHELF))


def test_labels_one_and_several(write) -> None:
    path = write("l.tsv", "text\tintent\nhello\tgreet|polite\nbye\t\n")
    assert [example.labels for example in from_multilabelled(path)] == [("greet", "polite"), ()]
    with pytest.raises(DataError, match="line 3: the label is empty"):
        list(from_labelled(path))
    listed = write("l.jsonl", '{"text": "a", "labels": ["x", "y", "x"]}\n{"text": "b", "labels": [3]}\n')
    assert [example.labels for example in from_multilabelled(listed)] == [("x", "y"), ("3",)]
    with pytest.raises(DataError, match="line 1: 3 labels"):
        list(from_labelled(listed))
    assert list(from_labelled(write("m.csv", "label,review\n1,好\n"))) == [Labelled("好", ("1",))]


def test_values_and_scores(write) -> None:
    assert list(from_valued(write("v.csv", "text,value\ngood,4.5\n"))) == [Valued("good", 4.5)]
    for wrong in ("many", "nan", "inf", ""):
        with pytest.raises(DataError, match="line 2: value"):
            list(from_valued(write("v.csv", f"text,value\ngood,{wrong}\n")))
    assert list(from_scored(write("s.csv", "left,right,score\na,b,0.5\n"))) == [Scored("a", "b", 0.5)]
    with pytest.raises(DataError, match=r"line 2: the score 1\.5"):
        list(from_scored(write("s.csv", "left,right,score\na,b,1.5\n")))


def test_tagged_texts(write) -> None:
    path = write(
        "t.jsonl",
        '{"text": "红色 mug", "spans": [{"start": 3, "end": 6, "type": "KIND", "text": "mug"},'
        ' {"start": 0, "end": 2, "type": "COLOUR"}]}\n{"text": "plain", "spans": []}\n',
    )
    assert list(from_tagged(path)) == [
        Tagged("红色 mug", (Span(0, 2, "COLOUR"), Span(3, 6, "KIND"))),
        Tagged("plain", ()),
    ]


@pytest.mark.parametrize(
    ("spans", "told"),
    [
        ('[{"start": 0, "end": 9, "type": "A"}]', "not inside the text"),
        ('[{"start": 2, "end": 2, "type": "A"}]', "not inside the text"),
        ('[{"start": 0, "end": 2, "type": "A"}, {"start": 1, "end": 3, "type": "B"}]', "overlap"),
        ('[{"start": 0, "end": 2}]', "lacks start, end or type"),
        ('[{"start": true, "end": 2, "type": "A"}]', "lacks start, end or type"),
        ('[{"start": 0, "end": 2, "type": "A", "text": "xx"}]', "not 'xx'"),
        ("[1]", "not an object"),
        ('"none"', "not a list"),
    ],
)
def test_spans_that_cannot_be(write, spans: str, told: str) -> None:
    with pytest.raises(DataError, match="line 1") as caught:
        list(from_tagged(write("t.jsonl", f'{{"text": "mugs", "spans": {spans}}}\n')))
    assert told in caught.value.detail


def test_texts_plain_and_parallel(write) -> None:
    assert list(from_texts(write("t.txt", "one, two\n\n三\n"))) == [Plain("one, two"), Plain("三")]
    assert list(from_texts(write("t.jsonl", '{"text": "mug", "other": "杯"}\n{"text": "a"}\n'))) == [
        Plain("mug", "杯"),
        Plain("a"),
    ]


def test_reviews_find_the_product_and_stay_with_its_variants(write) -> None:
    path = write(
        "r.csv", "product_id,review\n2,It keeps the coffee hot for hours\n2,great\n9,A review of something gone\n"
    )
    (found,) = from_reviews(path, SHELF)
    assert (found.group, found.example) == ("group b", Triplet("It keeps the coffee hot for hours", "Blue mug"))


def test_real_spans_read_whole() -> None:
    path = Path(__file__).parents[4] / "shared" / "data" / "zh" / "taobao_ner" / "dev.jsonl.gz"
    if not path.exists():
        pytest.skip("the evaluation data are not here")
    tagged = list(from_tagged(path))
    assert (len(tagged), sum(len(example.spans) for example in tagged)) == (998, 4941)
