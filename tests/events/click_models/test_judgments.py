from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from openaisle.evaluation.judgments import read_judgments
from openaisle.events.click_models.cascade import Cascade
from openaisle.events.click_models.estimates import STRENGTH, Estimates, prior_rates, shrunk
from openaisle.events.click_models.expected_clicks import ClickRate
from openaisle.events.click_models.judgments import ClickJudgment, judged, write_judgments


def test_gains_are_parts_of_the_best_of_the_query(write) -> None:
    pages = write(
        *[("mug", "abc", [1])] * 60, *[("mug", "abc", [2])] * 30, *[("mug", "abc", [])] * 10,
        *[("lamp", "ab", [2])] * 5, *[("lamp", "ab", [])] * 95,
    )  # fmt: skip
    found = list(judged(ClickRate().fit(pages), pages, {"mug": "Mug", "lamp": "Lamp"}))
    assert [(each.query, each.product_id) for each in found] == [
        ("Lamp", "b"),
        ("Lamp", "a"),
        ("Mug", "a"),
        ("Mug", "b"),
        ("Mug", "c"),
    ]
    assert [each.gain for each in found] == [3.0, 0.0, 3.0, 1.5, 0.0]
    best = found[2]
    assert best.lower < 0.6 < best.upper
    assert best.relevance == pytest.approx(0.6, abs=0.02)
    assert (best.impressions, best.clicks) == (100, 60)
    assert best.confidence == pytest.approx(100 / (100 + STRENGTH), abs=0.001)


def test_little_seen_products_and_hardly_clicked_queries_are_not_judged(write) -> None:
    pages = write(
        *[("mug", "ab", [1])] * 50, ("mug", "cab", [1]), *[("lamp", "ab", [1])] * 2, *[("lamp", "ab", [])] * 50
    )
    found = list(judged(ClickRate().fit(pages), pages))
    assert [(each.query, each.product_id) for each in found] == [("mug", "a"), ("mug", "b")]


def test_one_lucky_click_sets_no_standard(write) -> None:
    pages = write(*[("mug", "ab", [1])] * 70, *[("mug", "ab", [])] * 30, *[("mug", "c", [1])] * 4)
    gains = {each.product_id: each.gain for each in judged(Cascade().fit(pages), pages)}
    assert gains == {"a": 3.0, "b": 0.0, "c": 3.0}


def test_eval_reads_what_is_written(write, tmp_path: Path) -> None:
    pages = write(*[("红 杯子", "ab", [1])] * 60, *[("红 杯子", "ba", [])] * 40)
    found = list(judged(ClickRate().fit(pages), pages))
    path = tmp_path / "judgments.tsv"
    assert write_judgments(found, path) == 2
    assert read_judgments(path).gains == {"红 杯子": {each.product_id: each.gain for each in found}}
    header = path.read_text(encoding="utf-8").splitlines()[0].split("\t")
    assert header == [
        "query",
        "product_id",
        "gain",
        "confidence",
        "relevance",
        "lower",
        "upper",
        "impressions",
        "clicks",
    ]


def test_what_a_table_cannot_hold_is_left_out(tmp_path: Path) -> None:
    names = [("mug", "a\tb"), ("a\nb", "c"), ("mug", " d"), ("mug", "e")]
    rows = [ClickJudgment(query, product, 1.0, 1.0, 0.5, 0.4, 0.6, 9, 3) for query, product in names]
    assert write_judgments(rows, tmp_path / "j.tsv") == 1
    assert read_judgments(tmp_path / "j.tsv").gains == {"mug": {"e": 1.0}}


def test_few_trials_stay_near_the_rate_of_the_query(write) -> None:
    pages = write(*[("mug", "ab", [1])] * 50, *[("mug", "ab", [])] * 50, ("mug", "cab", []))
    clicks, shown = pages.count(pages.clicked), pages.count()
    rates, found = prior_rates(pages.pairs, clicks, shown), shrunk(pages.pairs, clicks, shown)
    assert 0.1 < rates[0] < 0.3
    assert found.mean[0] == pytest.approx(0.5, abs=0.02)
    assert found.mean[2] == pytest.approx(rates[2] * STRENGTH / (STRENGTH + 1))
    assert found.confidence.tolist() == pytest.approx([101 / 104, 101 / 104, 1 / 4])


def test_intervals_narrow_with_what_was_seen() -> None:
    low, high = Estimates(np.full(3, 0.3), np.array([0.0, 50.0, 5000.0])).bounds()
    widths = (high - low).tolist()
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 0.5
    assert widths[2] < 0.03
    assert (low >= 0).all()
    assert (high <= 1).all()
