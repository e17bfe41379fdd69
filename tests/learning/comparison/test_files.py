"""The page and the JSON beside it."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from openaisle.errors import RunError, StorageError
from openaisle.learning.comparison import (
    History,
    Labelling,
    ModelComparison,
    Outcomes,
    compare_models,
    gate,
    history_of,
    read_comparison,
    write_report,
)
from openaisle.learning.comparison.pictures import precisions
from openaisle.learning.examples import Candidate, Example, JudgedQuery, Labelled, Span, Tagged, Valued
from openaisle.learning.recipe.sections import Task

EVIL = "<script>alert('x')</script> \"&\x07$y^2$ 水壶"
HISTORY = History(((1, 2.0), (2, 1.5)), ((2, 0.4), (4, 0.5)), "accuracy")


class Strict(HTMLParser):
    """Collects tags and what they would fetch; complains about tags that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.fetched: list[str] = []
        self.pictures: list[bytes] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in {"meta", "img"}:
            self.open.append(tag)
        for name, value in attrs:
            assert not name.startswith("on")
            if name in {"src", "href"}:
                prefix = "data:image/svg+xml;base64,"
                assert value is not None
                if value.startswith(prefix):
                    self.pictures.append(b64decode(value.removeprefix(prefix)))
                else:
                    self.fetched.append(value)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def classified(labels: int = 3) -> ModelComparison:
    generator = np.random.default_rng(0)
    names = [EVIL, *(f"label {n}" for n in range(1, labels))]
    examples = [Labelled(f"{EVIL} {n}", (names[n % labels],)) for n in range(20 * labels)]

    def outcomes(name: str, error: float) -> Outcomes:
        wrong = generator.random(len(examples)) < error
        picks = generator.integers(0, labels, len(examples))
        said = [names[pick] if bad else each.labels[0] for each, bad, pick in zip(examples, wrong, picks, strict=True)]
        return Outcomes(f"{name} {EVIL}", [Labelling((each,), float(generator.random())) for each in said])

    return compare_models(outcomes("old", 0.8), outcomes("new", 0.2), examples, "classify")


def ranked() -> ModelComparison:
    examples = [
        JudgedQuery(f"{EVIL} {n}", (Candidate(EVIL, 2.0), Candidate("b", 0.0), Candidate("c", 1.0))) for n in range(12)
    ]
    scores = np.random.default_rng(1).random((12, 3)).tolist()
    return compare_models(Outcomes("old", scores), Outcomes("new", [(2, 0, 1)] * 12), examples, "match")


def others() -> list[ModelComparison]:
    tagged: list[Example] = [Tagged(EVIL, (Span(0, 8, EVIL),)) for _ in range(8)]
    valued: list[Example] = [Valued(f"{EVIL}{n}", float(n)) for n in range(8)]
    several: list[Example] = [Labelled(f"{EVIL}{n}", (EVIL, "b")) for n in range(8)]
    kinds: list[tuple[Task, list[Example], object, object]] = [
        ("tag", tagged, (), (Span(0, 8, EVIL),)),
        ("regress", valued, 1.0, 3.0),
        ("multilabel", several, Labelling(()), Labelling((EVIL,))),
    ]
    return [
        compare_models(Outcomes("old", [old] * 8), Outcomes("new", [new] * 8), examples, task)  # type: ignore[list-item]
        for task, examples, old, new in kinds
    ]


@pytest.mark.parametrize(
    ("comparison", "pictures"),
    [(classified(), 6), (classified(30), 6), (ranked(), 4), *zip(others(), (4, 4, 4), strict=True)],
    ids=["classify", "many labels", "match", "tag", "regress", "multilabel"],
)
def test_the_page_stands_alone_and_escapes_everything(
    comparison: ModelComparison, pictures: int, tmp_path: Path
) -> None:
    decision = gate(comparison, {comparison.primary: 0.0, EVIL: 1.0})
    page = write_report(comparison, tmp_path, history=HISTORY, decision=decision, facts={EVIL: EVIL}).read_text("utf-8")
    parser = Strict()
    parser.feed(page)
    assert parser.open == []
    assert parser.fetched == []
    assert "script" not in parser.seen
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert re.search(r"url\(|@import|https?://", page) is None
    assert len(parser.pictures) == pictures
    for picture in parser.pictures:
        root = ElementTree.fromstring(picture)
        assert not [each for each in root.iter() if each.tag.endswith("script")]


def test_the_page_is_the_same_every_time(tmp_path: Path) -> None:
    first = write_report(ranked(), tmp_path, history=HISTORY).read_bytes()
    assert write_report(ranked(), tmp_path, history=HISTORY).read_bytes() == first


def test_the_json_tells_what_the_page_tells_and_reads_back(tmp_path: Path) -> None:
    comparison = classified()
    decision = gate(comparison, {"accuracy": 0.0})
    write_report(comparison, tmp_path, history=HISTORY, decision=decision)
    saved = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert saved["gate"]["passed"] is True
    assert saved["history"]["validation"] == [[2, 0.4], [4, 0.5]]
    assert saved["metrics"]["accuracy"]["verdict"] == "better"
    assert saved["metrics"]["accuracy"]["wins"] > saved["metrics"]["accuracy"]["losses"]
    read = read_comparison(tmp_path / "report.json")
    assert read.primary == "accuracy"
    assert read.metrics["macro_f1"].difference == comparison.metrics["macro_f1"].difference
    assert gate(read, {"accuracy": 0.0}) == decision


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "other"}', b'{"format": "openaisle-comparison/1"}'])
def test_what_is_no_comparison_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(RunError):
        read_comparison(tmp_path / "report.json")


def test_a_missing_file_and_a_missing_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="No such file"):
        read_comparison(tmp_path / "report.json")
    with pytest.raises(StorageError, match="No such file"):
        write_report(ranked(), tmp_path / "none")


def test_the_history_is_read_from_a_trainer_log() -> None:
    log = [
        {"loss": 2.0, "step": 1},
        {"loss": float("nan"), "step": 2},
        {"eval_ndcg@10": 0.4, "step": 2, "epoch": 1.0},
        {"train_runtime": 3.0, "step": 2},
    ]
    assert history_of(log, "ndcg@10") == History(((1, 2.0),), ((2, 0.4),), "ndcg@10")


def test_precision_is_that_of_the_first_k() -> None:
    examples = [JudgedQuery("q", (Candidate("a", 1.0), Candidate("b", 0.0), Candidate("c", 2.0)))]
    assert precisions(examples, Outcomes("m", [(3.0, 2.0, 1.0)]))[:4] == pytest.approx([1, 1 / 2, 2 / 3, 2 / 3])
