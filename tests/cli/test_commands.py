"""The promised commands on a real shop that searches by words alone."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from openaisle.cli import main as application
from openaisle.settings import FILE_NAME

Run = Callable[..., Result]
RunJson = Callable[..., dict[str, Any]]

FEED = """\
id,title,brand,category,price,stock,colour
k1,Electric kettle with temperature control,Lumora,Kitchen > Kettles,49.00,12,black
k2,不锈钢保温水壶,云栖,厨房 > 水壶,129.00,30,银色
s1,Waterproof trail running shoes,Northpeak,Shoes > Running,89.00,5,blue
s2,Canvas everyday shoes,Northpeak,Shoes > Casual,39.00,0,red
bad,,Nobody,Nothing,-3,1,
"""
ANSWER_KEYS = {"query_id", "total", "hits", "facets", "timings", "notices"}


@pytest.fixture(autouse=True)
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    file = tmp_path / "feed.csv"
    file.write_text(FEED, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop with the feed in it, for copies: making one is what takes the time."""
    folder = tmp_path_factory.mktemp("stocked")
    (folder / "feed.csv").write_text(FEED, encoding="utf-8")
    environment = {"OPENAISLE_ENCODER_NAME": "none"}
    for arguments in (["init", folder / "shop"], ["ingest", folder / "shop", folder / "feed.csv"]):
        made = CliRunner(env=environment).invoke(application, list(map(str, arguments)))
        assert made.exit_code == 0, made.output
    return folder / "shop"


@pytest.fixture
def shop(tmp_path: Path, stocked: Path) -> Path:
    shutil.copytree(stocked, tmp_path / "shop")
    return tmp_path / "shop"


def test_init_makes_a_shop_once(tmp_path: Path, run_json: RunJson) -> None:
    made = run_json("init", tmp_path / "shop", "--name", "四季")
    assert made == {"shop": str(tmp_path / "shop"), "name": "四季"}
    assert (tmp_path / "shop" / FILE_NAME).is_file()
    assert run_json("init", tmp_path / "shop", status=2)["error"]["type"] == "ShopExists"


def test_ingest_counts_what_became_of_the_rows(shop: Path, feed: Path, run_json: RunJson) -> None:
    result = run_json("ingest", shop, feed)
    seconds = result.pop("seconds")
    assert seconds >= 0
    rejects = Path(result.pop("rejects"))
    assert result == {
        "accepted": 0,
        "unchanged": 4,
        "rejected": 1,
        "retired": 0,
        "format": "csv",
        "warnings": result["warnings"],
    }
    assert "bad" in rejects.read_text(encoding="utf-8")


def test_a_dry_run_explains_the_mapping_and_writes_nothing(tmp_path: Path, feed: Path, run_json: RunJson) -> None:
    run_json("init", tmp_path / "shop")
    result = run_json("ingest", tmp_path / "shop", feed, "--dry-run")
    assert {line["column"]: line["field"] for line in result["mapping"]}["title"] == "title"
    assert run_json("search", tmp_path / "shop", "")["total"] == 0


def test_a_dry_run_reads_as_a_table(shop: Path, feed: Path, run: Run) -> None:
    result = run("ingest", shop, feed, "--dry-run")
    assert "attributes.colour" in result.stdout
    assert "Nothing was written." in result.stdout


def test_a_gzipped_full_feed_retires_what_it_lacks(shop: Path, tmp_path: Path, run_json: RunJson) -> None:
    smaller = tmp_path / "smaller.csv.gz"
    smaller.write_bytes(gzip.compress("\n".join(FEED.splitlines()[:4]).encode()))
    assert run_json("ingest", shop, smaller, "--sync")["retired"] == 1
    assert run_json("search", shop, "")["total"] == 3


def test_a_feed_that_lost_its_products_retires_nothing(shop: Path, tmp_path: Path, run_json: RunJson) -> None:
    tiny = tmp_path / "tiny.csv"
    tiny.write_text("\n".join(FEED.splitlines()[:2]), encoding="utf-8")
    assert run_json("ingest", shop, tiny, "--sync", status=1)["error"]["type"] == "FeedShrunk"
    assert run_json("search", shop, "")["total"] == 4


@pytest.mark.parametrize(
    ("content", "options"),
    [(None, []), (b"", []), (FEED.encode(), ["--format", "csw"]), (FEED.encode(), ["--encoding", "klingon"])],
    ids=["missing", "empty", "unknown format", "unknown encoding"],
)
def test_a_feed_that_cannot_be_read_is_told(
    shop: Path, tmp_path: Path, run_json: RunJson, content: bytes | None, options: list[str]
) -> None:
    file = tmp_path / "other.csv"
    if content is not None:
        file.write_bytes(content)
    assert run_json("ingest", shop, file, *options, status=2)["error"]["type"] == "FeedError"


def test_search_gives_the_promised_answer(shop: Path, run_json: RunJson) -> None:
    options = (
        "-k",
        1,
        "--filter",
        "price < 100",
        "--facet",
        "brand",
        "--facet",
        "colour",
        "--shopper",
        "s",
        "--explain",
    )
    answer = run_json("search", shop, "shoes", *options)
    assert set(answer) >= ANSWER_KEYS
    assert answer["total"] == 2
    assert answer["facets"] == {"brand": {"Northpeak": 2}, "colour": {"blue": 1, "red": 1}}
    (hit,) = answer["hits"]
    assert set(hit) >= {"id", "score", "product", "highlights", "explanation"}
    assert hit["product"]["brand"] == "Northpeak"
    assert sum(hit["explanation"].values()) == pytest.approx(hit["score"], abs=1e-5)
    assert all(milliseconds >= 0 for milliseconds in answer["timings"].values())


def test_without_explain_there_is_no_explanation(shop: Path, run_json: RunJson) -> None:
    assert "explanation" not in run_json("search", shop, "shoes")["hits"][0]


def test_an_empty_query_browses_sorted_and_paged(shop: Path, run_json: RunJson) -> None:
    def ids(*options: object) -> list[str]:
        return [hit["id"] for hit in run_json("search", shop, "", "--sort", "price:asc", *options)["hits"]]

    assert ids() == ["s2", "k1", "s1", "k2"]
    assert ids("-k", 2, "--offset", 1) == ["k1", "s1"]


def test_search_reads_as_a_table(shop: Path, run: Run) -> None:
    result = run("search", shop, "水壶", "--facet", "brand", "--explain")
    assert result.exit_code == 0
    assert "不锈钢保温水壶" in result.stdout
    assert "129.00" in result.stdout
    assert "brand: 云栖 1" in result.stdout
    assert "1 to 1 of 1" in result.stdout


@pytest.mark.parametrize(
    ("options", "kind"),
    [
        (["--filter", "price < "], "FilterSyntaxError"),
        (["--filter", "colr = red"], "UnknownField"),
        (["--facet", "colr"], "UnknownField"),
        (["--sort", "colr:asc"], "UnknownField"),
        (["--sort", "price:sideways"], None),
        (["--offset", "-1"], None),
        (["--offset", "1000000000"], "LimitExceeded"),
        (["-k", "-5"], None),
        (["-k", "1000000"], "LimitExceeded"),
    ],
    ids=str,
)
def test_a_wrong_request_is_told(shop: Path, run_json: RunJson, options: list[str], kind: str | None) -> None:
    error = run_json("search", shop, "shoes", *options, status=2)["error"]
    assert error["detail"]
    assert error["mend"]
    if kind:
        assert error["type"] == kind


def test_a_filter_that_does_not_parse_shows_the_position(shop: Path, run: Run, run_json: RunJson) -> None:
    detail = run_json("search", shop, "x", "--filter", "price < AND", status=2)["error"]["detail"]
    assert detail.splitlines()[1:] == ["  price < AND", "          ^"]
    assert run("search", shop, "x", "--filter", "price < AND").stderr.count("\n") == 1


def test_a_query_that_is_too_long_is_refused(shop: Path, run_json: RunJson) -> None:
    assert run_json("search", shop, "x" * 5000, status=2)["error"]["type"] == "LimitExceeded"


@pytest.mark.parametrize("query", ["😀", "\x01\x02", "   ", "a\nb", "\udcff", "'; drop table products", "水" * 1000])
def test_any_text_is_a_query(shop: Path, run_json: RunJson, query: str) -> None:
    assert set(run_json("search", shop, query)) >= ANSWER_KEYS


@pytest.mark.parametrize(
    "arguments",
    [["search", "{}", "x"], ["ingest", "{}", "f.csv"], ["doctor", "{}"], ["reindex", "{}"], ["keys", "list", "{}"]],
    ids=lambda arguments: arguments[0],
)
def test_a_folder_that_is_no_shop_is_told(tmp_path: Path, run_json: RunJson, arguments: list[str]) -> None:
    filled = [part.format(tmp_path) for part in arguments]
    error = run_json(*filled, status=2)["error"]
    assert error["type"] == "ShopNotFound"
    assert "openaisle init" in error["mend"]
    assert list(tmp_path.iterdir()) == []


def test_reindex_builds_a_new_generation(shop: Path, run_json: RunJson) -> None:
    first, second = run_json("reindex", shop), run_json("reindex", shop)
    assert set(second) == {"generation", "products", "seconds"}
    assert second["products"] == 4
    assert first["generation"] != second["generation"]
    assert run_json("search", shop, "shoes")["total"] == 2


def test_eval_measures_every_mode(shop: Path, tmp_path: Path, run_json: RunJson, run: Run) -> None:
    judgments = tmp_path / "judgments.tsv"
    judgments.write_text("query\tproduct_id\tgain\nshoes\ts1\t3\nshoes\ts2\t1\nkettle\tk1\t2\nnothing\tk1\t0\n")
    saved, page = tmp_path / "run.json", tmp_path / "page.html"
    result = run_json("eval", shop, judgments, "--mode", "lexical,random", "--save", saved, "--report", page)
    assert result["queries"] == 4 - 1
    assert list(result["modes"]) == ["lexical", "random"]
    assert set(result["modes"]["lexical"]) == {"ndcg@10", "mrr@10", "recall@100"}
    assert set(result["modes"]["lexical"]["ndcg@10"]) == {"mean", "low", "high"}
    assert result["modes"]["lexical"]["mrr@10"]["mean"] == 1.0
    assert "Waterproof trail running shoes" in page.read_text(encoding="utf-8")
    again = run("eval", shop, judgments, "--mode", "lexical", "--against", saved)
    assert again.exit_code == 0
    assert "lexical" in again.stdout


@pytest.mark.parametrize("modes", ["lexical,fuzzy", "", ","])
def test_eval_refuses_modes_there_are_not(shop: Path, feed: Path, run_json: RunJson, modes: str) -> None:
    assert run_json("eval", shop, feed, "--mode", modes, status=2)["error"]["type"] == "CallError"


def test_eval_refuses_what_is_not_judgments(shop: Path, feed: Path, run_json: RunJson) -> None:
    assert run_json("eval", shop, feed, status=2)["error"]["type"] == "JudgmentsError"


def test_keys_are_made_listed_and_revoked(shop: Path, run_json: RunJson, run: Run) -> None:
    made = run_json("keys", "create", shop, "till 3", "--scope", "search", "--scope", "write")
    assert made["scopes"] == ["search", "write"]
    assert made["token"].startswith("oa_")
    (listed,) = run_json("keys", "list", shop)["keys"]
    assert listed == {key: value for key, value in made.items() if key != "token"}
    assert made["token"] not in run("keys", "list", shop).stdout
    assert run_json("keys", "revoke", shop, made["prefix"]) == {"revoked": made["id"]}
    assert run_json("keys", "list", shop)["keys"][0]["revoked_at"]
    assert run_json("keys", "revoke", shop, made["prefix"], status=2)["error"]["type"] == "KeyNotFound"


def test_a_new_key_is_the_only_thing_on_standard_output(shop: Path, run: Run) -> None:
    result = run("keys", "create", shop, "till")
    assert result.stdout.startswith("oa_")
    assert result.stdout.count("\n") == 1


def test_doctor_finds_a_healthy_shop_in_order(shop: Path, run_json: RunJson, run: Run) -> None:
    result = run_json("doctor", shop)
    assert result["ok"] is True
    assert all(set(finding) == {"level", "what", "mend"} for finding in result["findings"])
    assert "The shop is in order." in run("doctor", shop).stdout


def test_doctor_tells_of_a_shop_that_does_not_open(shop: Path, run_json: RunJson, run: Run) -> None:
    (shop / FILE_NAME).write_text("[server]\nprot = 1\n")
    result = run_json("doctor", shop, status=1)
    assert result["ok"] is False
    assert result["findings"] == [
        {"level": "error", "what": result["findings"][0]["what"], "mend": "Did you mean server.port?"}
    ]
    assert run("doctor", shop).exit_code == 1


def test_progress_never_reaches_standard_output(shop: Path, feed: Path, run: Run) -> None:
    result = run("ingest", shop, feed, "--json")
    assert json.loads(result.stdout)["unchanged"] == 4


@pytest.mark.parametrize("damage", ["manifest", "largest"])
def test_a_damaged_index_is_told_and_mended_by_reindex(shop: Path, run_json: RunJson, damage: str) -> None:
    live = shop / "index" / (shop / "index" / "CURRENT").read_text().strip()
    largest = max((file for file in live.rglob("*") if file.is_file()), key=lambda file: file.stat().st_size)
    victim = live / "manifest.json" if damage == "manifest" else largest
    victim.write_bytes(victim.read_bytes()[:3])
    assert run_json("search", shop, "shoes", status=1)["error"]["type"] == "IndexCorrupt"
    findings = run_json("doctor", shop, status=1)["findings"]
    assert any("reindex" in finding["mend"] for finding in findings if finding["level"] == "error")
    run_json("reindex", shop)
    assert run_json("search", shop, "shoes")["total"] == 2
    assert run_json("doctor", shop)["ok"] is True
