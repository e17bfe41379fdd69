from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from openaisle.catalog.product import Product
from openaisle.shop import Shop

NOON = 1_750_000_000_000
Run = Callable[..., Result]
RunJson = Callable[..., dict[str, Any]]


@pytest.fixture(autouse=True)
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with Shop.create(tmp_path / "shop") as made:
        made.upsert([Product(id="mug", title={"en": "Mug"})])
    return tmp_path / "shop"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    events: list[dict[str, Any]] = [
        {"id": "1", "kind": "query", "time": NOON, "query": "mug", "shopper": "anna", "query_id": "q"},
        {"id": "2", "kind": "click", "time": NOON + 1, "product_id": "mug", "shopper": "anna", "position": 2},
        {"id": "3", "kind": "view", "time": NOON + 2, "product_id": "teapot", "shopper": "ben"},
        {"id": "4", "kind": "view", "time": NOON + 3, "product_id": "mug", "user_agent": "curl/8"},
        {"id": "5", "kind": "hover", "time": NOON + 4, "product_id": "mug"},
    ]
    path = tmp_path / "events.jsonl"
    path.write_text("\n".join(map(json.dumps, events)), encoding="utf-8")
    return path


def test_import_counts_what_became_of_the_lines(shop: Path, file: Path, run_json: RunJson) -> None:
    done = run_json("events", shop, "import", file)
    assert done.pop("seconds") >= 0
    rejects = Path(done.pop("rejects"))
    assert json.loads(rejects.read_text(encoding="utf-8"))["line"] == 5
    assert done == {
        "accepted": 4,
        "repeated": 0,
        "unknown": 1,
        "withheld": 0,
        "rejected": 1,
        "passed": {},
        "damage": None,
        "format": "openaisle",
    }
    assert run_json("events", shop, "import", file, "--format", "openaisle")["repeated"] == 4


def test_import_is_told_in_words(shop: Path, file: Path, run: Run) -> None:
    told = run("events", shop, "import", file).stdout
    assert "4 accepted, 0 repeated, 1 rejected" in told
    assert "1 are of products that the catalogue lacks" in told
    assert "rejected-events.jsonl" in told


def test_stats(shop: Path, file: Path, run: Run, run_json: RunJson) -> None:
    run("events", shop, "import", file)
    assert run_json("events", shop, "stats") == {
        "events": 4,
        "kinds": {"view": 2, "click": 1, "query": 1},
        "unknown": 1,
        "marks": {"agent": 1},
        "shoppers": 2,
        "sessions": 0,
        "first": "2025-06-15T15:06:40Z",
        "last": "2025-06-15T15:06:40Z",
    }
    assert "4 events of 2 shoppers" in run("events", shop, "stats").stdout


def test_show_gives_the_latest_first(shop: Path, file: Path, run: Run, run_json: RunJson) -> None:
    run("events", shop, "import", file)

    def shown(*options: object) -> list[str]:
        return [event["id"] for event in run_json("events", shop, "show", *options)["events"]]

    assert shown() == ["4", "3", "2", "1"]
    assert shown("-k", 1) == ["4"]
    assert shown("--among", "trusted") == ["2", "1"]
    assert shown("--shopper", "anna", "--kind", "click") == ["2"]
    table = run("events", shop, "show").stdout
    assert "teapot" in table
    assert "anna" not in table
    assert "no such events" in run("events", shop, "show", "--shopper", "nobody").stdout


def test_an_export_can_be_imported_elsewhere(shop: Path, file: Path, tmp_path: Path, run_json: RunJson) -> None:
    run_json("events", shop, "import", file)
    out = tmp_path / "out.jsonl.gz"
    assert run_json("events", shop, "export", out) == {"events": 4, "file": str(out)}
    lines = [json.loads(line) for line in gzip.decompress(out.read_bytes()).splitlines()]
    assert [line["id"] for line in lines] == ["1", "2", "3", "4"]
    assert "anna" not in str(lines)
    with Shop.create(tmp_path / "other"):
        pass
    assert run_json("events", tmp_path / "other", "import", out)["accepted"] == 4


def test_an_export_to_parquet(shop: Path, file: Path, tmp_path: Path, run_json: RunJson) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    run_json("events", shop, "import", file)
    out = tmp_path / "out.parquet"
    assert run_json("events", shop, "export", out, "--among", "trusted")["events"] == 2
    assert parquet.read_table(out).column("id").to_pylist() == ["1", "2"]


def test_an_export_overwrites_nothing(shop: Path, file: Path, tmp_path: Path, run_json: RunJson) -> None:
    assert run_json("events", shop, "export", file, status=2)["error"]["type"] == "EventsError"
    assert run_json("events", shop, "export", tmp_path / "out.csv", status=2)["error"]["type"] == "EventsError"


def test_erase_takes_a_shopper_by_their_own_name(shop: Path, file: Path, run: Run, run_json: RunJson) -> None:
    run("events", shop, "import", file)
    assert run_json("events", shop, "erase", "--shopper", "anna") == {"erased": 2}
    again = run_json("events", shop, "import", file)
    assert (again["accepted"], again["repeated"], again["withheld"]) == (0, 2, 2)
    assert "Erased 0 events." in run("events", shop, "erase", "--shopper", "anna").stdout


def test_what_cannot_be_read_is_told(shop: Path, tmp_path: Path, run_json: RunJson) -> None:
    assert run_json("events", shop, "import", tmp_path / "none", status=2)["error"]["type"] == "EventsError"
    assert run_json("events", tmp_path, "stats", status=2)["error"]["type"] == "ShopNotFound"


def test_events_count_once_the_catalogue_has_their_product(
    shop: Path, file: Path, tmp_path: Path, run_json: RunJson
) -> None:
    run_json("events", shop, "import", file)
    feed = tmp_path / "feed.jsonl"
    feed.write_text(json.dumps({"id": "teapot", "title": "Teapot"}), encoding="utf-8")
    run_json("ingest", shop, feed)
    assert run_json("events", shop, "stats")["unknown"] == 0
