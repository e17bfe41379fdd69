"""`openaisle ads` on a real shop."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from openaisle.ads.exposures import report
from openaisle.catalog.product import Product
from openaisle.cli.campaign_files import keyword_of
from openaisle.settings.editing import set_value
from openaisle.shop import Shop
from openaisle.storage import fetch, writing

Run = Callable[..., Result]
RunJson = Callable[..., dict[str, Any]]

OPTIONS = ("--id", "kettles", "--advertiser", "Lumora", "--product", "k1", "--bid", "0.45", "--daily-budget", "20")


@pytest.fixture(autouse=True)
def words_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAISLE_ENCODER_NAME", "none")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    Shop.create(tmp_path / "shop").close()
    set_value(tmp_path / "shop", "shop", "currency", "EUR")
    return tmp_path / "shop"


def test_a_campaign_lives_and_ends(shop: Path, run_json: RunJson) -> None:
    added = run_json("ads", shop, "campaigns", "add", *OPTIONS, "--keyword", "[kettle]", "--negative", "toy")
    assert added["keywords"] == [{"text": "kettle", "match": "exact", "bid": None}]
    assert (added["currency"], added["status"], added["spent"]) == ("EUR", "active", "0.00")
    for command, status in (("pause", "paused"), ("resume", "active"), ("remove", "removed")):
        assert run_json("ads", shop, "campaigns", command, "kettles") == {"id": "kettles", "status": status}
    (listed,) = run_json("ads", shop, "campaigns", "list")["campaigns"]
    assert listed["status"] == "removed"
    missing = run_json("ads", shop, "campaigns", "pause", "kettles", status=2)
    assert missing["error"]["type"] == "CampaignNotFound"


def test_a_file_is_read_and_options_come_first(shop: Path, tmp_path: Path, run_json: RunJson) -> None:
    file = tmp_path / "campaign.json"
    body = {
        "id": "a",
        "advertiser": "Lumora",
        "products": ["k1"],
        "bid": "0.10",
        "daily_budget": "1",
        "topics": ["tea"],
    }
    file.write_text(json.dumps(body), encoding="utf-8")
    assert run_json("ads", shop, "campaigns", "add", file, "--bid", "0.2")["bid"] == "0.20"


def test_a_search_shows_its_ad_in_words_and_keys(
    shop: Path, run: Run, run_json: RunJson, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openaisle.ads.pacing.Pacer.rate", lambda *_: 1.0)
    with Shop.open(shop) as opened:
        opened.upsert(Product(f"k{number}", {"en": "kettle" + " steel" * number}) for number in range(8))
    plain = run_json("search", shop, "kettle", "--no-ads")["hits"]
    assert plain[5]["id"] == "k5"
    run_json("ads", shop, "campaigns", "add", *OPTIONS, "--product", "k5", "--keyword", "kettle")
    hits = run_json("search", shop, "kettle")["hits"]
    assert [hit["id"] for hit in hits] == ["k0", "k1", "k2", "k5", "k3", "k4", "k6", "k7"]
    assert [hit.get("sponsored", False) for hit in hits] == [False] * 3 + [True] + [False] * 4
    assert (hits[3]["ad"]["campaign"], hits[3]["ad"]["advertiser"]) == ("kettles", "Lumora")
    assert run_json("search", shop, "kettle", "--no-ads")["hits"] == plain
    rows = run("search", shop, "kettle").stdout.splitlines()
    assert ["Sponsored · " in row for row in rows[1:9]] == [False] * 3 + [True] + [False] * 4
    assert "Sponsored" not in run("search", shop, "kettle", "--no-ads").stdout


def test_measuring_places_no_ads(
    shop: Path, tmp_path: Path, run_json: RunJson, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Shop.open(shop) as opened:
        opened.upsert(Product(f"k{number}", {"en": "kettle" + " steel" * number}) for number in range(8))
    judgments = tmp_path / "judgments.tsv"
    judgments.write_text("query\tproduct_id\tgain\nkettle\tk3\t1\n", encoding="utf-8")
    before = run_json("eval", shop, judgments, "--mode", "lexical")
    run_json("ads", shop, "campaigns", "add", *OPTIONS, "--product", "k5", "--keyword", "kettle")
    monkeypatch.setattr("openaisle.ads.pacing.Pacer.rate", lambda *_: 1.0)
    monkeypatch.setattr("openaisle.ads.serving.AdServer.choose", lambda *_: pytest.fail("an ad was asked for"))
    assert run_json("eval", shop, judgments, "--mode", "lexical")["modes"] == before["modes"]


@pytest.mark.parametrize("room", ["profiles", "events"])
def test_who_is_erased_was_shown_nothing(shop: Path, run_json: RunJson, room: str) -> None:
    def exposed(opened: Shop) -> set[str]:
        return {shopper for (shopper,) in fetch(opened._database, "SELECT shopper FROM ad_exposures", ())}

    with Shop.open(shop) as opened:
        ann, bob = map(opened.events.pseudonym, ("ann", "bob"))
        with writing(opened._database) as connection:
            report(connection, {(ann, "kettles", 1): 2, (ann, "tea", 5): 1, (bob, "kettles", 1): 1})
        assert exposed(opened) == {ann, bob}
    run_json(room, shop, "erase", "--shopper", "ann")
    with Shop.open(shop) as opened:
        assert exposed(opened) == {bob}


@pytest.mark.parametrize("options", [(), ("--keyword", "k", "--bid", "0.455"), ("--keyword", "k", "--bid", "free")])
def test_what_cannot_run_is_told(shop: Path, run_json: RunJson, options: tuple[str, ...]) -> None:
    answer = run_json("ads", shop, "campaigns", "add", *OPTIONS, *options, status=2)
    assert answer["error"]["type"] == "InvalidCampaign"


@pytest.mark.parametrize("content", ["", "[]", "{", None])
def test_a_file_that_is_no_campaign_is_told(shop: Path, tmp_path: Path, run_json: RunJson, content: str | None) -> None:
    file = tmp_path / "campaign.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    answer = run_json("ads", shop, "campaigns", "add", file, status=2)
    assert answer["error"]["type"] == "InvalidCampaign"


def test_a_shop_without_a_currency_is_told(tmp_path: Path, run_json: RunJson) -> None:
    Shop.create(tmp_path / "bare").close()
    failed = run_json("ads", tmp_path / "bare", "campaigns", "add", *OPTIONS, status=2)
    assert failed["error"]["type"] == "SettingsError"
    assert "currency" in failed["error"]["mend"]


def test_an_empty_shop_reports_nothing(shop: Path, run_json: RunJson, run: Run) -> None:
    assert run_json("ads", shop, "report", "--by", "day") == {"lines": [], "totals": []}
    assert "Nothing was shown" in run("ads", shop, "report").stdout
    assert run_json("ads", shop, "settle")["discrepancies"] == 0
    assert run_json("ads", shop, "learn", status=2)["error"]["type"] == "DataError"


def test_the_shops_own_campaigns_are_tried(shop: Path, run_json: RunJson) -> None:
    run_json("ads", shop, "campaigns", "add", *OPTIONS, "--keyword", "kettle")
    told = run_json("ads", shop, "simulate", "--searches", "100", "--seed", "3")
    assert (told["campaigns"], told["searches"], told["overspent"], told["discrepancies"]) == ("own", 100, 0, 0)
    assert told["vcg"]["bidders_that_could_gain"] == 0
    assert run_json("ads", shop, "report")["lines"] == []


@pytest.mark.parametrize(
    ("written", "text", "match"),
    [
        ("[red kettle]", "red kettle", "exact"),
        ('"red kettle"', "red kettle", "phrase"),
        (" kettle ", "kettle", "broad"),
    ],
)
def test_how_keywords_are_written(written: str, text: str, match: str) -> None:
    assert keyword_of(written) == {"text": text, "match": match}
