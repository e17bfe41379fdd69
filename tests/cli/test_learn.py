from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openaisle.catalog.product import Product
from openaisle.cli.learn import _MODELS
from openaisle.evaluation.judgments import read_judgments
from openaisle.events.click_models.choose import MODELS
from openaisle.events.simulation import PositionShopper, events_of, market, simulate
from openaisle.settings.editing import set_value
from openaisle.shop import Shop

Run = Callable[..., Any]
KNOWN = market(4, 12, seed=2)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shop that searches by words alone, with simulated searches in its log."""
    folder = tmp_path_factory.mktemp("learn") / "shop"
    Shop.create(folder).close()
    set_value(folder, "encoder", "name", "none")
    with Shop.open(folder) as opened:
        opened.reindex()
        opened.upsert(Product(id_, {"": f"Product {id_}"}) for listed in KNOWN.products for id_ in listed)
        opened.events.append(events_of(simulate(KNOWN, PositionShopper(), 150, seed=2)))
    return folder


def test_every_model_can_be_named() -> None:
    assert set(_MODELS) == set(MODELS)


def test_clicks_become_judgments_that_eval_reads(shop: Path, run_json: Run, tmp_path: Path) -> None:
    out = tmp_path / "judgments.tsv"
    told = run_json("learn", "clicks", shop, "--out", out)
    assert (told["model"], told["chosen"]) == ("pbm", "held_out_likelihood")
    assert (told["pages"], told["queries"], told["impressions"]) == (600, 4, 6_000)
    positions = told["position_bias"]["positions"]
    assert told["position_bias"]["method"] == "interventions"
    assert [each["position"] for each in positions] == list(range(1, 11))
    assert all(each["low"] <= each["examination"] <= each["high"] for each in positions)
    likelihoods = [each["log_likelihood"] for each in told["models"]]
    assert likelihoods == sorted(likelihoods, reverse=True)
    assert {each["model"] for each in told["models"]} == {*MODELS, "rate"}
    gains = read_judgments(out).gains
    assert told["judged_queries"] == len(gains) == 4
    assert told["judgments"] == sum(map(len, gains.values()))
    for query, products, truth in zip(KNOWN.queries, KNOWN.products, KNOWN.attraction, strict=True):
        known = dict(zip(products, truth, strict=True))
        judged = gains[query]
        assert np.corrcoef([known[product] for product in judged], list(judged.values()))[0, 1] > 0.8
    report = run_json("eval", shop, out, "--mode", "lexical")
    assert report["modes"]["lexical"]


def test_a_named_model_and_the_table(shop: Path, run: Run, run_json: Run) -> None:
    told = run_json("learn", "clicks", shop, "--model", "cascade")
    assert (told["model"], told["chosen"], told["file"]) == ("cascade", "named", None)
    result = run("learn", "clicks", shop)
    assert result.exit_code == 0, result.output
    for expected in ("600 pages of 4 queries", "from products that changed places", "position ignored", "--out"):
        assert expected in result.stdout


def test_events_of_long_ago_can_be_left_out(shop: Path, run_json: Run) -> None:
    error = run_json("learn", "clicks", shop, "--days", 1, status=2)["error"]
    assert (error["type"], "0 pages of results" in error["detail"]) == ("DataError", True)


def test_a_recipe_learns_from_the_shops_own_clicks(shop: Path, run_json: Run, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('name = "e"\ntask = "match"\n[data]\nsource = "clicks"\nnegatives = 0\n', encoding="utf-8")
    told = run_json("data", "build", shop, recipe, "--out", tmp_path / "made")
    assert told["kind"] == "JudgedQuery"
    assert sum(told["examples"].values()) == 4


def test_a_model_that_does_not_exist(shop: Path, run: Run) -> None:
    assert run("learn", "clicks", shop, "--model", "oracle").exit_code == 2
