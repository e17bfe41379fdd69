import re
from collections import Counter, defaultdict

import pytest

from openaisle.sample import judge
from openaisle.sample.writing import judgments_path

HAN = re.compile("[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def shelf():
    return judge.items()


@pytest.fixture(scope="module")
def queries():
    return judge.judged_queries()


@pytest.fixture(scope="module")
def rows():
    header, *lines = judgments_path().read_text(encoding="utf-8").splitlines()
    assert header == judge.HEADER
    return [(query, product_id, int(gain)) for query, product_id, gain in (line.split("\t") for line in lines)]


def test_the_table_is_in_step_with_queries_and_products():
    assert judgments_path().read_text(encoding="utf-8") == judge.tsv(), "run python -m openaisle.sample.judge"


def test_every_judged_product_is_in_the_store(rows, shelf):
    assert {product_id for _, product_id, _ in rows} <= {item.product["id"] for item in shelf}


def test_a_product_is_judged_once_for_a_query_and_with_a_known_gain(rows):
    assert max(Counter((query, product_id) for query, product_id, _ in rows).values()) == 1
    assert {gain for _, _, gain in rows} == {0, 1, 2, 3}


def test_every_query_has_an_answer_unless_the_store_has_none(rows, queries):
    best = defaultdict(int)
    for query, _, gain in rows:
        best[query] = max(best[query], gain)
    assert {query.text for query in queries if best[query.text] == 0} == {q.text for q in queries if q.nothing_relevant}
    assert {q.tests for q in queries if q.nothing_relevant} == {"nothing relevant"}


def test_queries_differ_and_are_enough_in_both_languages(queries):
    assert len({query.text for query in queries}) == len(queries) >= 150
    languages = Counter(query.language for query in queries)
    assert min(languages["en"], languages["zh"]) >= 60
    assert set(languages) == {"en", "zh", "mixed"}


def test_the_language_of_a_query_is_the_one_it_is_written_in(queries):
    assert [q.text for q in queries if q.language == "en" and HAN.search(q.text)] == []
    assert [q.text for q in queries if q.language != "en" and not HAN.search(q.text)] == []


@pytest.mark.parametrize(
    ("purpose", "least"),
    [
        ("meaning", 40),
        ("typo", 10),
        ("attribute", 10),
        ("size", 10),
        ("model number", 6),
        ("brand", 2),
        ("traditional", 5),
        ("gift", 5),
    ],
)
def test_every_kind_of_query_is_there(queries, purpose, least):
    assert sum(purpose in query.tests for query in queries) >= least


def test_every_department_is_asked_about(rows, shelf):
    judged = {product_id for _, product_id, gain in rows if gain == 3}
    assert {item.product["id"][:2] for item in shelf} == {product_id[:2] for product_id in judged}


def test_few_products_answer_a_query(rows, shelf):
    answers = Counter(query for query, _, gain in rows if gain > 0)
    assert max(answers.values()) < len(shelf) / 10


def test_a_selector_reads_models_conditions_and_alternatives(shelf):
    selector = judge._selector("mug#1; colour=brick red/navy; capacity_ml>=400")
    meant = {item.product["id"] for item in shelf if selector.selects(item)}
    assert meant == {"KT-001-1-NAVY-480", "KT-001-1-BRICK-480"}


def test_the_higher_gain_wins_when_a_product_is_selected_twice(shelf):
    query = judge._query({"text": "mug", "language": "en", "tests": "plain", "exact": ["mug#2"], "related": ["mug"]})
    graded = judge.grades(query, shelf)
    assert graded["KT-001-2"] == 3
    assert graded["KT-001-4"] == 1


def test_near_misses_are_a_sample_that_never_lowers_an_answer(shelf):
    query = judge._query(
        {"text": "pen", "language": "en", "tests": "plain", "exact": ["pen#1"], "off": ["pen", "notebook"]}
    )
    graded = judge.grades(query, shelf)
    assert Counter(graded.values())[0] <= 12
    assert all(gain == 3 for product_id, gain in graded.items() if product_id.startswith("ST-003-1-"))


@pytest.mark.parametrize("text", ["no-such-kind", "mug#9", "mug; colour=transparent"])
def test_a_selector_that_means_no_product_is_an_error(shelf, text):
    query = judge._query({"text": "q", "language": "en", "tests": "plain", "exact": [text]})
    with pytest.raises(ValueError, match="nothing is selected"):
        judge.grades(query, shelf)


def test_a_condition_that_cannot_be_read_is_an_error():
    with pytest.raises(ValueError, match="is no condition"):
        judge._selector("mug; colour red")
