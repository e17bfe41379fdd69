import gzip

import pytest

from openaisle.catalog.feeds.stream import FeedStream
from openaisle.errors import FeedError

CSV = "id,title\n1,马克杯\n2,水壶\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_told_by_their_marks(read, encoding):
    good, bad, _ = read("f.csv", CSV.encode(encoding))
    assert [dict(row.values) for row in good] == [{"id": "1", "title": "马克杯"}, {"id": "2", "title": "水壶"}]
    assert bad == []


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "utf-16-le"])
@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz"])
def test_other_encodings_are_read_when_named(read, name, encoding):
    good, _, _ = read(name, "id,title\n1,馬克杯\n".encode(encoding), encoding=encoding)
    assert good[0].values["title"] == "馬克杯"


def test_another_encoding_is_told_with_its_place_and_what_to_try(read):
    with pytest.raises(FeedError) as refused:
        read("f.csv", CSV.encode("gb18030"))
    assert "line 2, byte 3" in refused.value.detail
    assert "--encoding gb18030" in refused.value.mend


def test_western_text_is_told_an_encoding_that_reads_it(read):
    with pytest.raises(FeedError) as refused:
        read("f.csv", "id,title\n1,Café crème\n".encode("latin-1"))
    assert "--encoding cp1252" in refused.value.mend


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"PK\x03\x04" + bytes(range(256)), "Excel"),
        (b"SQLite format 3\0" + bytes(100), "SQLite"),
        (bytes(range(256)) * 4, "not text"),
    ],
)
def test_what_is_no_feed_is_named(read, data, told):
    with pytest.raises(FeedError) as refused:
        read("f.csv", data)
    assert told in refused.value.detail


def test_a_gzip_damaged_at_its_beginning_is_not_called_empty(read):
    packed = gzip.compress(("id,title\n" + "1,mug\n" * 2000).encode())
    with pytest.raises(FeedError) as refused:
        read("f.csv.gz", packed[:12] + b"\0" * 20 + packed[32:])
    assert "damaged" in refused.value.detail


def test_the_wrong_encoding_is_told(read):
    with pytest.raises(FeedError) as refused:
        read("f.csv", b"id,title\n1,\xff\xff\n2,\xff\xff\n", encoding="gb18030")
    assert "GB18030" in refused.value.detail


@pytest.mark.parametrize("encoding", ["klingon", "base64", "\0"])
def test_what_is_no_text_encoding_is_refused(read, encoding):
    with pytest.raises(FeedError):
        read("f.csv", CSV, encoding=encoding)


def test_one_bad_line_is_one_bad_row(read):
    lines = [b"id,title", *(f"{n},杯".encode() for n in range(5)), b"5,\xb1\xad", "6,杯".encode()]
    good, bad, _ = read("f.csv", b"\n".join(lines))
    assert [row.values["id"] for row in good] == ["0", "1", "2", "3", "4", "6"]
    assert [(row.number, "byte 3" in row.reason) for row in bad] == [(6, True)]


def test_bad_bytes_far_into_a_feed_in_a_named_encoding_are_one_bad_row(read):
    data = b"id,title\n" + "1,杯\n".encode("gb18030") * 100_000 + b"2,\xff\xff\n" + "3,壶\n".encode("gb18030")
    good, bad, _ = read("f.csv", data, encoding="gb18030")
    assert len(good) == 100_001
    assert len(bad) == 1


@pytest.mark.parametrize("name", ["f.csv", "f.jsonl"])
def test_a_truncated_gzip_costs_its_last_row(read, name):
    line = "{},mug {}\n" if name == "f.csv" else '{{"id": "{}", "title": "mug {}"}}\n'
    head = "id,title\n" if name == "f.csv" else ""
    packed = gzip.compress((head + "".join(line.format(n, n * 7919 % 1000) for n in range(20_000))).encode())
    good, bad, _ = read(name + ".gz", packed[: len(packed) // 2])
    assert 5_000 < len(good) < 15_000
    assert all(row.values["title"] == f"mug {int(row.values['id']) * 7919 % 1000}" for row in good)
    assert ["breaks off" in row.reason for row in bad] == [True]


def test_a_damaged_gzip_is_told(read):
    packed = bytearray(gzip.compress(("id,title\n" + "".join(f"{n},mug\n" for n in range(20_000))).encode()))
    packed[-5] ^= 255  # its checksum
    good, bad, _ = read("f.csv.gz", bytes(packed))
    assert len(good) == 20_000
    assert len(bad) == 1


def test_a_missing_file_a_folder_and_an_empty_file_are_told(read, tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(FeedError):
            FeedStream(path)
    with pytest.raises(FeedError) as empty:
        read("f.csv", b"")
    assert "empty" in empty.value.detail


def test_position_runs_to_the_size_of_the_file(tmp_path):
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(CSV.encode() * 100_000, compresslevel=0))
    with FeedStream(path) as stream:
        early = stream.position
        while stream.reader.read(1 << 20):
            pass
        assert early < stream.position == stream.size
        assert stream.consumed == len(CSV.encode()) * 100_000
