from __future__ import annotations

from pathlib import Path

import pytest

from openaisle.errors import RunError
from openaisle.evaluation import Run, read_run

RUN = Run.of("hybrid", {"red shoe": [("a", 2.5), ("b", 1.0), ("a", 0.1)], "红鞋": [("c", -0.25)], "none": []})
IDENTIFIERS = {"red shoe": "q1", "红鞋": "q2", "none": "q3"}


def test_a_product_told_twice_keeps_its_first_place() -> None:
    assert RUN.rankings["red shoe"] == (("a", 2.5), ("b", 1.0))
    assert RUN.ranked("never asked") == []


def test_json_keeps_everything(tmp_path: Path) -> None:
    RUN.save(tmp_path / "run.json")
    assert read_run(tmp_path / "run.json", {}) == RUN


def test_trec_keeps_what_was_found(tmp_path: Path) -> None:
    path = tmp_path / "run.txt"
    RUN.save_trec(path, IDENTIFIERS)
    assert path.read_text().splitlines()[0] == "q1 Q0 a 1 2.5 hybrid"
    loaded = read_run(path, IDENTIFIERS)
    assert loaded.name == "hybrid"
    assert loaded.rankings == {query: hits for query, hits in RUN.rankings.items() if hits}


def test_trec_is_ranked_by_score(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("q1 Q0 a 1 0.5 x\nq1 Q0 b 2 0.9 x\n")
    assert read_run(tmp_path / "run", {"shoe": "q1"}).ranked("shoe") == ["b", "a"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not a saved run"),
        ('{"format": "other/9", "name": "x", "rankings": {}}', "other/9"),
        ('{"format": "openaisle-run/1", "name": "x", "rankings": {"q": [["a"]]}}', "not a saved run"),
        ('{"format": "openaisle-run/1", "name": "x", "rankings": 3}', "not a saved run"),
        ("q1 Q0 a 1 0.5 x\nq1 Q0 a\n", "line 2"),
        ("q1 Q0 a 1 nan x\n", "line 1"),
    ],
)
def test_a_broken_run_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "run").write_text(content)
    with pytest.raises(RunError, match=message):
        read_run(tmp_path / "run", {})


def test_a_missing_run_and_an_id_trec_cannot_hold_are_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="No such file"):
        read_run(tmp_path / "none", {})
    with pytest.raises(RunError, match="holds blanks"):
        Run.of("x", {"q": [("two words", 1.0)]}).save_trec(tmp_path / "run", {"q": "1"})
