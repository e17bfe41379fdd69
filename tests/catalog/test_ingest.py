import gzip
import json
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from openaisle.catalog.ingest import ingest
from openaisle.catalog.product import Product
from openaisle.catalog.store import Catalog
from openaisle.errors import FeedError, FeedShrunk, StorageError
from openaisle.storage import migrate, open_engine


@pytest.fixture
def feed(tmp_path: Path):
    def write(content: str, name: str = "feed.csv") -> Path:
        path = tmp_path / name
        path.write_text(content)
        return path

    return write


def rejects(result):
    return [json.loads(line) for line in result.rejects.read_text().splitlines()]


def test_good_rows_are_taken_and_bad_ones_told(catalog, feed, tmp_path):
    path = feed(
        "id,title,price,stock,colour\n1,Mug,¥39.90,5,blue\n2,Kettle,-5,x,red\n,Lamp,5,1,\n1,Again,5,1,\n4,Desk\n5,☕️ 椅,nan,,\n6,Chair,6,0,\n"
    )
    result = ingest(catalog, path, rejects_path=tmp_path / "rejects.jsonl", currency="EUR")
    assert (result.accepted, result.unchanged, result.rejected, result.retired) == (2, 0, 5, 0)
    assert result.format == "csv"
    assert catalog.get("1").currency == "CNY"
    assert (catalog.get("6").currency, catalog.get("6").stock) == ("EUR", 0)
    told = {line["row"]: line for line in rejects(result)}
    assert {row: (line["id"], line["field"]) for row, line in told.items()} == {
        2: ("2", "price"),
        3: (None, "id"),
        4: ("1", "id"),
        5: (None, ""),
        6: ("5", "price"),
    }
    assert told[2]["also"][0]["field"] == "stock"
    assert told[2]["values"]["title"] == "Kettle"
    assert told[4]["reason"] == "row 1 has the same id"
    assert all(line["reason"] and line["mend"] for line in told.values())


def test_the_same_feed_again_changes_nothing(catalog, feed, tmp_path):
    path = feed("id,title\n1,Mug\n2,Kettle\n")
    ingest(catalog, path)
    seq = catalog.latest_seq()
    (tmp_path / "rejects.jsonl").write_text("of an earlier run")
    again = ingest(catalog, path, rejects_path=tmp_path / "rejects.jsonl")
    assert (again.accepted, again.unchanged, again.rejects) == (0, 2, None)
    assert catalog.latest_seq() == seq
    assert not (tmp_path / "rejects.jsonl").exists()


def test_duplicates_far_apart_are_found(catalog, feed):
    lines = [f"{n},Mug {n}" for n in range(3000)]
    result = ingest(catalog, feed("id,title\n" + "\n".join([*lines, "5,Other"])))
    assert (result.accepted, result.rejected) == (3000, 1)
    assert catalog.get("5").title == {"": "Mug 5"}


def test_a_good_row_after_a_bad_one_of_the_same_id_is_taken(catalog, feed):
    result = ingest(catalog, feed("id,title,price\n1,Mug,-1\n1,Mug,1\n"))
    assert (result.accepted, result.rejected) == (1, 1)


def test_a_dry_run_writes_nothing(catalog, feed, tmp_path):
    catalog.upsert([Product(id="old", title={"": "Old"})])
    path = feed("id,标题,x\n1,杯,a\n2,,b\n")
    result = ingest(catalog, path, dry_run=True, sync=True)
    assert (result.accepted, result.rejected, result.retired) == (1, 1, 1)
    assert [(line.column, line.field) for line in result.mapping] == [
        ("id", "id"),
        ("标题", "title"),
        ("x", "attributes.x"),
    ]
    assert list(catalog.ids()) == ["old"]


def test_a_sync_retires_what_the_feed_has_not_but_not_what_it_has_wrong(catalog, feed):
    ingest(catalog, feed("id,title,price\n1,a,1\n2,b,1\n3,c,1\n4,d,1\n"))
    result = ingest(catalog, feed("id,title,price\n1,a,1\n2,b,-1\n4,d,2\n"), sync=True)
    assert (result.accepted, result.unchanged, result.rejected, result.retired) == (1, 1, 1, 1)
    assert set(catalog.ids()) == {"1", "2", "4"}
    assert catalog.get("2").price == 1.0


def test_a_shrunk_feed_retires_nothing_unless_told(catalog, feed):
    ingest(catalog, feed("id,title\n" + "".join(f"{n},x\n" for n in range(10))))
    path = feed("id,title\n1,x\n")
    with pytest.raises(FeedShrunk):
        ingest(catalog, path, sync=True)
    assert catalog.count() == 10
    assert ingest(catalog, path, sync=True, guard=0).retired == 9


@pytest.mark.parametrize("name", ["feed.csv.gz", "feed.jsonl.gz", "feed.json.gz"])
def test_a_feed_that_broke_off_retires_nothing(catalog, tmp_path, name):
    products = [{"id": str(n), "title": f"Mug {n * 7919 % 1000}"} for n in range(1500)]
    text = {
        "feed.csv.gz": "id,title\n" + "".join(f"{p['id']},{p['title']}\n" for p in products),
        "feed.jsonl.gz": "".join(json.dumps(p) + "\n" for p in products),
        "feed.json.gz": json.dumps(products),
    }[name]
    packed = gzip.compress(text.encode())
    path = tmp_path / name
    path.write_bytes(packed)
    assert ingest(catalog, path).accepted == 1500
    path.write_bytes(packed[: int(len(packed) * 0.9)])
    with pytest.raises(FeedError) as refused:
        ingest(catalog, path, sync=True)
    assert "nothing was retired" in refused.value.detail
    assert catalog.count() == 1500
    result = ingest(catalog, path)
    assert result.rejected == 1
    assert [(warning.field, "not whole" in warning.reason) for warning in result.warnings] == [("feed", True)]


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_row_that_may_be_any_product_keeps_them_all(catalog, feed, dry_run):
    ingest(catalog, feed("".join(f'{{"id": "{n}", "title": "Mug"}}\n' for n in range(5)), "feed.jsonl"))
    broken = feed("".join(f'{{"id": "{n}", "title": "Mug"}}\n' for n in range(4)) + '{"id": "4", "ti\n', "feed.jsonl")
    result = ingest(catalog, broken, sync=True, dry_run=dry_run)
    assert (result.rejected, result.retired, catalog.count()) == (1, 0, 5)
    assert [warning.reason.startswith("1 products have no row") for warning in result.warnings] == [True]


def test_a_feed_without_id_or_title_is_told_once(catalog, feed):
    with pytest.raises(FeedError) as refused:
        ingest(catalog, feed("a,b\n1 1,2\n1 1,2\n"))
    assert "id or the title" in refused.value.detail
    assert "[mapping]" in refused.value.mend
    assert ingest(catalog, feed("a,b\n1 1,2\n"), mapping={"a": "id", "b": "title"}).accepted == 1


def test_the_mapping_of_the_settings_is_used(catalog, feed):
    ingest(catalog, feed("id,title,x\n1,Mug,blue\n"), mapping={"x": "attributes.colour"})
    assert catalog.get("1").attributes == {"colour": "blue"}


def test_warnings_of_one_kind_are_one(catalog, feed):
    rows = "".join(f"{n},x,{'96385074' if n % 2 else '123'}\n" for n in range(50))
    result = ingest(catalog, feed("id,title,gtin\n" + rows))
    assert [(warning.field, warning.count, warning.first_row) for warning in result.warnings] == [("gtin", 25, 1)]


def test_progress_tells_rows_bytes_and_time_to_go(catalog, feed):
    heard = []
    path = feed("id,title\n" + "".join(f"{n},x\n" for n in range(2500)))
    ingest(catalog, path, progress=heard.append)
    assert [state.rows for state in heard] == [1000, 2000, 2500]
    assert heard[-1].bytes_read == heard[-1].bytes_total == path.stat().st_size
    assert heard[-1].eta_seconds == 0
    assert heard[-1].accepted == 2500


def test_variants_of_every_format_share_their_group(catalog, feed):
    ingest(catalog, feed('{"id":"s","title":"Shirt","variants":[{"id":"s1"},{"id":"s2"}]}\n', "f.jsonl"))
    assert {product.id: product.group for product in catalog.products()} == {"s1": "s", "s2": "s"}


def test_memory_does_not_grow_with_the_feed(feed, tmp_path):
    engine = open_engine(f"sqlite:///{tmp_path / 'shop.db'}")
    migrate(engine)
    catalog = Catalog(engine)

    def peak(rows: int) -> int:
        path = feed("id,title,colour\n" + "".join(f"{n},Mug {n},blue\n" for n in range(rows)))
        tracemalloc.start()
        ingest(catalog, path)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(100)
    assert peak(4_500) < peak(1_500) * 1.3 + 200_000
    engine.dispose()


def test_large_rows_are_committed_in_smaller_batches(catalog, feed):
    heard = []
    path = feed(
        "".join(json.dumps({"id": str(n), "title": "x", "description": "y" * 90_000}) + "\n" for n in range(300)),
        "f.jsonl",
    )
    ingest(catalog, path, progress=heard.append)
    assert len(heard) >= 3
    assert heard[-1].accepted == 300


def test_rejects_that_cannot_be_written_are_told(catalog, feed, tmp_path):
    with pytest.raises(StorageError):
        ingest(catalog, feed("id,title\n,x\n"), rejects_path=tmp_path / "nowhere" / "rejects.jsonl")


@pytest.mark.parametrize(
    ("name", "content"), [("f.csv", "id,title\n"), ("f.xml", "<html/>"), ("f.json", "[]"), ("f.jsonl", "\n\n")]
)
def test_a_feed_without_products_is_told(catalog, feed, name, content):
    with pytest.raises(FeedError) as refused:
        ingest(catalog, feed(content, name))
    assert "no products" in refused.value.detail


_INGEST = """
import sys
from pathlib import Path
from openaisle.catalog.ingest import ingest
from openaisle.catalog.store import Catalog
from openaisle.storage import migrate, open_engine
engine = open_engine(sys.argv[1])
migrate(engine)
ingest(Catalog(engine), Path(sys.argv[2]), progress=lambda state: print(state.accepted + state.unchanged, flush=True))
"""


def test_what_was_acknowledged_survives_kill_9(store_url, feed):
    rows = 8_000
    path = feed("id,title,price\n" + "".join(f"{n},Mug {n},{n % 100}\n" for n in range(rows)))
    acknowledged = 0
    for batches in (1, 3):
        process = subprocess.Popen(
            [sys.executable, "-c", _INGEST, store_url, str(path)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(batches):
            acknowledged = max(acknowledged, int(process.stdout.readline()))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
        engine = open_engine(store_url)
        catalog = Catalog(engine)
        ids = [int(id_) for id_ in catalog.ids()]
        assert len(ids) == len(set(ids)) == catalog.count() >= acknowledged
        assert set(range(acknowledged)) <= set(ids)
        assert [change.seq for change in catalog.changes(0)] == list(range(1, len(ids) + 1))
        engine.dispose()
    engine = open_engine(store_url)
    result = ingest(Catalog(engine), path)
    assert result.accepted + result.unchanged == Catalog(engine).count() == rows
    engine.dispose()
