"""From a search to a report, its comparisons and its renderings."""

from __future__ import annotations

import io
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.console import Console

from openaisle.errors import BadRequest, RunError
from openaisle.evaluation import Judgments, Report, Run, evaluate
from openaisle.evaluation.render import as_html, as_markdown, as_table

CATALOGUE = [f"p{number}" for number in range(200)]
QUERIES = [f"query {number}" for number in range(20)]
JUDGMENTS = Judgments(
    gains={**{query: {f"p{i}": 1.0} for i, query in enumerate(QUERIES)}, "<b>|hopeless": {"p1": 0.0}},
    identifiers={query: str(i) for i, query in enumerate([*QUERIES, "<b>|hopeless"])},
)


def search(query: str, mode: str, k: int) -> list[tuple[str, float]]:
    right = f"p{QUERIES.index(query)}"
    return [(right, 1.0)] if mode == "good" else [("p199", 2.0), (right, 1.0)][:k]


def report() -> Report:
    return evaluate(search, JUDGMENTS, ["good", "poor", "random"], catalogue=CATALOGUE).between("poor", "good")


def test_the_promised_shape() -> None:
    told = report().as_dict()
    assert told["queries"] == 21
    assert told["left_out"] == 1
    assert list(told["modes"]) == ["good", "poor", "random"]
    assert told["modes"]["good"]["ndcg@10"] == {"mean": 1.0, "low": 1.0, "high": 1.0}
    assert told["modes"]["poor"]["mrr@10"]["mean"] == 0.5
    assert told["modes"]["poor"]["recall@100"]["mean"] == 1.0


def test_random_knows_nothing_and_is_repeatable() -> None:
    first, second = report().modes["random"], report().modes["random"]
    assert first == second
    assert first.estimates["mrr@10"].mean < 0.2
    assert 0.2 < first.estimates["recall@100"].mean < 0.8
    assert len(set(first.run.ranked("query 0"))) == 100


def test_random_needs_products() -> None:
    with pytest.raises(BadRequest, match="random"):
        evaluate(search, JUDGMENTS, ["random"])


def test_progress_and_depth_are_passed_on() -> None:
    seen: list[tuple[str, int, int]] = []
    shallow = evaluate(
        search, JUDGMENTS, ["poor"], depth=1, progress=lambda mode, done, of: seen.append((mode, done, of))
    )
    assert seen == [("poor", done, 20) for done in range(1, 21)]
    assert shallow.modes["poor"].estimates["recall@100"].mean == 0


def test_wins_losses_and_significance() -> None:
    by_metric = {each.metric: each for each in report().comparisons}
    better = by_metric["mrr@10"]
    assert (len(better.wins), better.ties, len(better.losses)) == (20, 0, 0)
    assert better.difference.mean == pytest.approx(0.5)
    assert better.significant
    assert by_metric["recall@100"].ties == 20
    assert not by_metric["recall@100"].significant


def test_comparison_with_a_saved_run() -> None:
    saved = Run.of("last week", {QUERIES[0]: [("p0", 1.0)]})
    mrr = {each.metric: each for each in report().against(saved, "poor").comparisons[3:]}["mrr@10"]
    assert mrr.before == "saved last week"
    assert [change.query for change in mrr.losses] == [QUERIES[0]]
    assert len(mrr.wins) == 19


def test_a_saved_run_of_other_queries_is_refused() -> None:
    with pytest.raises(RunError, match="none of these queries"):
        report().against(Run.of("other", {"what": [("p0", 1.0)]}), "poor")


def test_nothing_answerable_is_a_report_too() -> None:
    empty = evaluate(search, Judgments({"x": {"a": 0.0}}, {"x": "1"}), ["good"])
    assert empty.as_dict()["modes"]["good"]["ndcg@10"]["mean"] == 0
    assert "1 queries" in as_markdown(empty)
    assert as_html(empty)


def test_terminal_shows_modes_and_comparisons() -> None:
    console = Console(file=io.StringIO(), width=160)
    console.print(as_table(report()))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "1.0000 [1.0000, 1.0000]" in text
    assert "good against poor" in text
    assert "20 / 0 / 0" in text


def test_markdown_shows_wins() -> None:
    text = as_markdown(report())
    assert "| good | 1.0000 \\[1.0000, 1.0000\\] |" in text
    assert "### Won: good against poor, ndcg@10" in text
    assert text.count("| query 1 |") == 1


def test_html_is_self_contained_and_escaped() -> None:
    page = as_html(report(), {"p0": "<script>alert(1)</script>"})
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    assert not re.search(r"(src|href)=|url\(|@import", page)
    assert page.count("<details>") >= 20


def told(query: str, title: str) -> Report:
    judged = Judgments({query: {"p": 1.0}}, {query: "1"})
    saved = Run.of(title, {query: [("p", 1.0)]})
    return evaluate(lambda *_: [("q", 1.0)], judged, ["good"]).against(saved, "good")


@given(st.text(min_size=1), st.text(min_size=1))
@settings(max_examples=25)
@example("<img src=x onerror=alert(1)>", "a|b\\|c\n`d`")
def test_any_text_is_rendered_safely(query: str, title: str) -> None:
    report, plain = told(query, title), told("x", "y")
    assert as_html(report, {"q": title}).count("<") == as_html(plain).count("<")
    cells = re.compile(r"(?<!\\)\|")
    rows = [line for line in as_markdown(report).splitlines() if line.startswith("|")]
    assert [len(cells.findall(row)) for row in rows] == [
        len(cells.findall(row)) for row in as_markdown(plain).splitlines() if row.startswith("|")
    ]
