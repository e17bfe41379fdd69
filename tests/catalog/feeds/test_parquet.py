import gzip
import sys
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from openaisle.catalog.feeds.parquet import read_parquet
from openaisle.catalog.feeds.stream import FeedStream
from openaisle.errors import FeedError, MissingExtra

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")


def table_bytes(table, **options):
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, **options)
    return sink.getvalue().to_pybytes()


TABLE = pa.table(
    {
        "id": ["1", "2"],
        "title": [{"en": "Mug", "zh": "杯"}, {"en": "Kettle", "zh": None}],
        "price": pa.array([Decimal("19.99"), None], pa.decimal128(10, 2)),
        "tags": [["a", "b"], []],
        "made": [datetime(2025, 1, 2, tzinfo=UTC), None],
        "attributes": pa.array([[("colour", "blue")], None], pa.map_(pa.string(), pa.string())),
    }
)


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_columns_of_every_kind(read, pack):
    good, bad, format_ = read("f.parquet", pack(table_bytes(TABLE)))
    assert (bad, format_) == ([], "parquet")
    assert dict(good[0].values) == {
        "id": "1",
        "title": {"en": "Mug", "zh": "杯"},
        "price": 19.99,
        "tags": ["a", "b"],
        "made": datetime(2025, 1, 2, tzinfo=UTC),
        "attributes": {"colour": "blue"},
    }
    assert good[1].values["price"] is None


def test_row_groups_are_read_one_after_another(read):
    table = pa.table({"id": [str(n) for n in range(5000)], "title": ["x"] * 5000})
    good, _, _ = read("f.parquet", table_bytes(table, row_group_size=700))
    assert [row.number for row in good] == list(range(1, 5001))


@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: data[:4] + b"x" * 200])
def test_a_damaged_file_is_a_feed_error(read, damage):
    with pytest.raises(FeedError):
        read("f.parquet", damage(table_bytes(TABLE)))


def test_without_pyarrow_it_says_what_to_install(read, monkeypatch):
    data = table_bytes(TABLE)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra) as missing:
        read("f.parquet", data)
    assert "openaisle[parquet]" in missing.value.mend


def test_position_follows_the_rows(tmp_path):
    path = tmp_path / "f.parquet"
    path.write_bytes(table_bytes(pa.table({"id": [str(n) for n in range(2000)]})))
    with FeedStream(path) as stream:
        rows = read_parquet(stream)
        positions = [stream.position for _ in rows]
        assert positions == sorted(positions)
        assert positions[600] == stream.size // 4
        assert stream.position == stream.size
