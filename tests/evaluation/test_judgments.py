from __future__ import annotations

import contextlib
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import JudgmentsError
from openaisle.evaluation import read_judgments

TSV = 'query\tproduct_id\tgain\n12" tv\ta\t2\n12" tv\tb\t0.5\n红色 跑鞋\tc\t0\n'


def write(folder: Path, content: str | bytes, name: str = "judgments.tsv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_tsv_is_read_as_it_is_written(tmp_path: Path) -> None:
    judgments = read_judgments(write(tmp_path, TSV))
    assert judgments.gains == {'12" tv': {"a": 2.0, "b": 0.5}, "红色 跑鞋": {"c": 0.0}}
    assert judgments.answerable == ('12" tv',)
    assert judgments.identifiers == {'12" tv': "1", "红色 跑鞋": "2"}


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(TSV.encode(), mtime=0),
        b"\xef\xbb\xbf" + TSV.encode(),
        TSV.replace("\n", "\r\n").encode(),
        (TSV + "\n\n").encode(),
    ],
    ids=["gzip", "bom", "crlf", "blank lines"],
)
def test_tsv_variants_read_alike(tmp_path: Path, content: bytes) -> None:
    assert read_judgments(write(tmp_path, content)) == read_judgments(write(tmp_path, TSV, "plain.tsv"))


def test_columns_may_come_in_any_order_with_others(tmp_path: Path) -> None:
    path = write(tmp_path, "gain\tnote\tproduct_id\tquery\n3\tx\tp\tshoe\n")
    assert read_judgments(path).gains == {"shoe": {"p": 3.0}}


def test_qrels_with_topics(tmp_path: Path) -> None:
    qrels = write(tmp_path, "q1 0 a 2\nq1 0 b 0\nq2 0 a 1\n", "qrels.txt")
    topics = write(tmp_path, "q1\tred shoe\nq2\t红鞋\n", "topics.tsv")
    judgments = read_judgments(qrels, topics)
    assert judgments.gains == {"red shoe": {"a": 2.0, "b": 0.0}, "红鞋": {"a": 1.0}}
    assert judgments.identifiers == {"red shoe": "q1", "红鞋": "q2"}


def test_qrels_without_topics_take_the_id_as_query(tmp_path: Path) -> None:
    assert read_judgments(write(tmp_path, "shoe\t0\ta\t2\n")).gains == {"shoe": {"a": 2.0}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "empty"),
        ("query\tproduct_id\tgain\n", "no judgments"),
        ("some text\n", "line 1"),
        ("query\tproduct_id\tgain\nshoe\ta\n", "line 2: 2 fields"),
        ("query\tproduct_id\tgain\nshoe\ta\tgood\n", "line 2: the gain 'good'"),
        ("query\tproduct_id\tgain\nshoe\ta\tnan\n", "line 2: the gain 'nan'"),
        ("query\tproduct_id\tgain\nshoe\t\t1\n", "line 2: the query or product id"),
        ("query\tproduct_id\tgain\nshoe\ta\t1\n\nshoe\ta\t2\n", "line 4: 'a' is judged twice"),
        ("q1 0 a 1\nq1 0 b\n", "line 2: 3 fields"),
        ("query\tproduct_id\tgain\n" + "x" * 70_000, "line 2: longer"),
        (b"query\tproduct_id\tgain\n\xff\ta\t1\n", "line 2: not UTF-8"),
        (gzip.compress(TSV.encode(), mtime=0)[:-9], "end-of-stream"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path: Path, content: str | bytes, message: str) -> None:
    with pytest.raises(JudgmentsError, match=message) as caught:
        read_judgments(write(tmp_path, content))
    assert caught.value.mend


def test_a_missing_file_and_a_missing_topic_are_told(tmp_path: Path) -> None:
    with pytest.raises(JudgmentsError, match="No such file"):
        read_judgments(tmp_path / "none.tsv")
    with pytest.raises(JudgmentsError, match="'q1' has no line"):
        read_judgments(write(tmp_path, "q1 0 a 2\n"), write(tmp_path, "q2\tshoe\n", "topics"))


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.tsv"
    path.write_bytes(content)
    with contextlib.suppress(JudgmentsError):
        assert len(read_judgments(path)) > 0
