from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import DataError, StorageError
from openaisle.learning.data.additions import Added, add_judgments, add_labels
from openaisle.learning.data.sheet import Judged, Pair, read_pairs, read_texts, write_pairs, write_texts
from openaisle.learning.examples import Labelled

CELL = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\x85\ufeff"), min_size=1, max_size=12
)
WORDS = CELL.map(lambda text: " ".join(text.split())).filter(bool)


def _fill(path: Path, labels: list[str]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        header, *rows = list(csv.reader(file))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([header, *([*row[:-1], label] for row, label in zip(rows, labels, strict=True))])


@given(st.lists(st.tuples(WORDS, WORDS, st.integers(0, 3)), min_size=1, max_size=6, unique_by=lambda row: row[:2]))
def test_pairs_come_back_with_their_gains(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, int]]
) -> None:
    path = tmp_path_factory.mktemp("sheet") / "s.csv"
    write_pairs([Pair(query, product, "=A text") for query, product, _ in rows], path)
    _fill(path, [str(gain) for *_, gain in rows])
    assert read_pairs(path) == tuple(Judged(query, product, gain) for query, product, gain in rows)


@given(st.lists(WORDS, min_size=1, max_size=6, unique=True))
def test_texts_come_back_with_their_labels(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    path = tmp_path_factory.mktemp("sheet") / "s.csv"
    write_texts(texts, path)
    _fill(path, ["kind"] * len(texts))
    assert read_texts(path) == tuple(Labelled(text, ("kind",)) for text in texts)


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    write_texts(["=1+1", "@cmd", "-5", "+5", "'quoted", "plain"], tmp_path / "s.csv")
    with (tmp_path / "s.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [row[0] for row in csv.reader(file)][1:]
    assert cells == ["'=1+1", "'@cmd", "'-5", "'+5", "''quoted", "plain"]


def test_rows_without_a_label_are_passed_over(write) -> None:
    path = write("s.csv", "query,product_id,text,gain\nmug,1,Red mug,\nmug,2,Blue mug,2\n")
    assert read_pairs(path) == (Judged("mug", "2", 2.0),)
    with pytest.raises(DataError, match=r"Nothing in .* is labelled yet"):
        read_texts(write("t.csv", "text,label\nmug,\n"))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("query,product_id,text,gain\nmug,1,a,good\n", "line 2: the gain is 'good'"),
        ("query,product_id,text,gain\nmug,1,a,-1\n", "line 2: the gain is '-1'"),
        ("query,product_id,text,gain\nmug,1,a,1\nmug,1,a,2\n", "line 3: '1' is judged twice"),
        ("query,text,gain\nmug,a,1\n", "there is no product_id"),
    ],
)
def test_sheets_that_cannot_be_read(write, content: str, told: str) -> None:
    with pytest.raises(DataError) as caught:
        read_pairs(write("s.csv", content))
    assert told in caught.value.detail


def test_two_labels_of_one_text_and_a_place_that_cannot_be_written(write, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="line 3: the text is labelled 'a' and 'b'"):
        read_texts(write("t.csv", "text,label\nmug,a\nmug,b\n"))
    with pytest.raises(StorageError):
        write_texts(["a"], tmp_path / "absent" / "s.csv")


@pytest.mark.parametrize("name", ["j.tsv", "j.tsv.gz"])
def test_judgments_are_added_and_changed(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert add_judgments(path, {("red  mug", "1"): 3, ("mug", "2"): 0}) == Added(2, 0, 2)
    assert add_judgments(path, {("mug", "2"): 1, ("mug", "3"): 2.5, ("red mug", "1"): 3}) == Added(1, 1, 3)
    from openaisle.evaluation.judgments import read_judgments

    assert read_judgments(path).gains == {"red mug": {"1": 3.0}, "mug": {"2": 1.0, "3": 2.5}}
    assert [file.name for file in tmp_path.iterdir()] == [name]
    with pytest.raises(DataError, match="nan"):
        add_judgments(path, {("a", "b"): float("nan")})


def test_labels_are_added_under_the_recipes_columns(tmp_path: Path, write) -> None:
    path = write("l.csv", 'stars,review\n5,"good, really"\n1,bad\n')
    columns = {"text": "review", "label": "stars"}
    assert add_labels(path, {"bad": "2", "new": "3"}, columns) == Added(1, 1, 3)
    assert path.read_text() == 'review,stars\n"good, really",5\nbad,2\nnew,3\n'
    assert add_labels(tmp_path / "none.csv", {"a": "b"}) == Added(1, 0, 1)
