from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import DataError
from openaisle.learning.data.rows import read_rows

CELL = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\x85"), min_size=1, max_size=20
).filter(lambda text: bool(text.strip()) and "\ufeff" not in text)


@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=8))
def test_csv_and_json_lines_give_the_same_rows(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    written = io.StringIO()
    csv.writer(written).writerows([("text", "label"), *cells])
    (folder / "a.csv").write_bytes(written.getvalue().encode())
    lines = b"\n".join(orjson.dumps({"text": text, "label": label}) for text, label in cells)
    (folder / "a.jsonl.gz").write_bytes(gzip.compress(lines))
    expected = [(text.strip(), label.strip()) for text, label in cells]
    for name in ("a.csv", "a.jsonl.gz"):
        rows = read_rows(folder / name, ("text", "label"))
        assert [(row.text("text"), row.text("label")) for row in rows] == expected


def test_rows_know_their_lines_and_usual_names(write) -> None:
    path = write("a.csv", 'intent,utterance\nrefund,"two\nlines"\n\ncancel,one\n')
    rows = list(read_rows(path, ("text", "label")))
    assert [(row.line, row.text("text"), row.text("label")) for row in rows] == [
        (3, "two\nlines", "refund"),
        (5, "one", "cancel"),
    ]


def test_tsv_keeps_quotes_as_they_are(write) -> None:
    rows = list(read_rows(write("a.tsv", 'text\tlabel\n24" screen\t"tv"\n'), ("text", "label")))
    assert (rows[0].text("text"), rows[0].text("label")) == ('24" screen', '"tv"')


def test_columns_may_be_named_by_the_recipe(write) -> None:
    path = write("a.csv", "text,label,coarse\nmug,1,kitchen\n")
    row = next(read_rows(path, ("text", "label"), (), {"label": "coarse"}))
    assert row.text("label") == "kitchen"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "text,label\n", ""),
        ("a.csv", "text,other\nmug,1\n", "line 1: there is no label"),
        ("a.csv", "text,label\nmug\n", "line 2: 1 fields, the header has 2"),
        ("a.csv", 'text,label\n"mug,1\n', "line 2"),
        ("a.jsonl", '{"text": "mug", "label": "a"}\n{"text"\n', "line 2: not JSON"),
        ("a.jsonl", '{"text": "mug", "label": "a"}\n[1]\n', "line 2: not a JSON object"),
        ("a.jsonl", '{"text": "mug"}\n', "line 1: there is no label"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(write, name: str, content: str, told: str) -> None:
    path = write(name, content)
    if not told:
        assert list(read_rows(path, ("text", "label"))) == []
        return
    with pytest.raises(DataError) as caught:
        list(read_rows(path, ("text", "label")))
    assert told in caught.value.detail


def test_a_missing_file_and_one_that_is_not_text(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"absent\.csv"):
        list(read_rows(tmp_path / "absent.csv", ("text",)))
    (tmp_path / "broken.csv").write_bytes(b"text\n\xff\xfe\n")
    with pytest.raises(DataError, match="line 2: not UTF-8"):
        list(read_rows(tmp_path / "broken.csv", ("text",)))


def test_a_nested_value_is_no_text(write) -> None:
    row = next(read_rows(write("a.jsonl", '{"text": ["mug"]}\n'), ("text",)))
    with pytest.raises(DataError, match="text is not a text"):
        row.text("text")
