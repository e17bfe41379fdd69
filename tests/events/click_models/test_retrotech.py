"""Real products and simulated sessions of the book AI-Powered Search, where they are at hand."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from openaisle.events.click_models.choose import BASELINE, MODELS
from openaisle.events.click_models.gather import gather
from openaisle.events.click_models.held_out import divided, held_out
from openaisle.events.click_models.pages import Pages
from openaisle.events.click_models.position_bias import bias_of
from openaisle.events.event import Event, Kind

SESSIONS = Path(__file__).parents[4] / "shared" / "data" / "search" / "retrotech" / "sessions_1000_per_query.tsv.gz"
QUERIES = ("bluray", "headphones", "kindle")

pytestmark = pytest.mark.skipif(not SESSIONS.exists(), reason="the retrotech sessions are not here")


def _events() -> Iterator[Event]:
    with gzip.open(SESSIONS, "rt", encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file, delimiter="\t")):
            if row["query"] in QUERIES:
                shown = Event(
                    f"i{number}",
                    Kind.IMPRESSION,
                    number,
                    query_id=f"{row['session_id']} {row['query']}",
                    query=row["query"],
                    product_id=row["product_id"],
                    position=int(row["position"]) + 1,
                )
                yield shown
                if row["clicked"] == "1":
                    yield replace(shown, id=f"c{number}", kind=Kind.CLICK)


@pytest.fixture(scope="module")
def pages() -> Pages:
    return gather(_events()).pages


def test_position_models_tell_unseen_clicks_better_than_the_click_rate(pages: Pages) -> None:
    learned, unseen = divided(pages)
    raw = held_out(BASELINE.fit(learned), unseen)
    for name in ("pbm", "coec", "dbn"):
        measured = held_out(MODELS[name].fit(learned), unseen)
        assert measured.log_likelihood > raw.log_likelihood + 0.1
        assert measured.perplexity < raw.perplexity


def test_the_bias_is_found_from_products_that_changed_places(pages: Pages) -> None:
    found = bias_of(pages)
    assert found.method == "interventions"
    assert found.examination[0] == 1
    assert 0.4 < found.examination[1] < 0.75
    assert (found.examination[10:] < 0.2).all()
