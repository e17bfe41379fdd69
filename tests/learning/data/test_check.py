from __future__ import annotations

from collections.abc import Sequence

import pytest

from openaisle.learning.data.check import Finding, Level, check, is_fit
from openaisle.learning.data.check.lengths import OVER_LONG
from openaisle.learning.data.digest import data_set
from openaisle.learning.examples import (
    Candidate,
    Example,
    JudgedQuery,
    Labelled,
    Plain,
    Scored,
    Span,
    Tagged,
    Triplet,
)

GOOD = [Labelled(f"text number {number}", (("a", "b")[number % 2],)) for number in range(300)]


def _found(
    train: Sequence[Example], validation: Sequence[Example] = (), test: Sequence[Example] = ()
) -> dict[str, Finding]:
    return {finding.kind: finding for finding in check(data_set(train, validation, test))}


def test_a_set_in_order_has_nothing_but_notes() -> None:
    findings = check(data_set(GOOD[:200], GOOD[200:250], GOOD[250:]))
    assert [finding.kind for finding in findings] == ["languages"]
    assert findings[0].what == "Languages to learn from: Latin letters 100%."
    assert is_fit(findings)


def test_errors_come_first_and_hinder() -> None:
    findings = check(data_set([Labelled("", ("a",)), *GOOD[:5]], [], GOOD[:1]))
    assert [finding.level for finding in findings] == sorted((f.level for f in findings), key=list(Level).index)
    assert not is_fit(findings)
    assert {"empty_text", "leakage"} <= {f.kind for f in findings if f.level is Level.ERROR}


def test_amounts() -> None:
    assert _found([])["no_training_data"].level is Level.ERROR
    found = _found(GOOD[:20], GOOD[20:30])
    assert found["few_examples"].count == 20
    assert (found["small_validation"].count, found["small_test"].count) == (10, 0)


def test_empty_over_long_and_double() -> None:
    found = _found([Triplet("mug", " "), Triplet("mug", "m" * (OVER_LONG + 1)), Triplet("a", "b"), Triplet("a", "b")])
    assert found["empty_text"].examples == ("mug",)
    assert found["over_long"].level is Level.NOTE
    assert (found["duplicates"].count, found["duplicates"].examples) == (1, ("a",))


@pytest.mark.parametrize(
    "examples",
    [
        [Labelled("Red mugs", ("a",)), Labelled("red mug", ("b",))],
        [Scored("a", "b", 0.1), Scored("a", "b", 0.9)],
        [Tagged("mug", (Span(0, 3, "A"),)), Tagged("mug", ())],
        [JudgedQuery("q", (Candidate("x", 1, "1"),)), JudgedQuery("Q", (Candidate("x", 0, "1"),))],
        [Triplet("q", "x"), Triplet("Q", "y", ("x",))],
    ],
)
def test_answers_that_contradict_each_other(examples: list[Example]) -> None:
    assert _found(examples)["conflicting_labels"].count == 1


def test_answers_that_agree() -> None:
    agreeing = [Labelled("Red mugs", ("a", "b")), Labelled("red mug", ("b", "a"))]
    assert "conflicting_labels" not in _found(agreeing)
    assert "conflicting_labels" not in _found([Triplet("q", "x", ("z",)), Triplet("q", "y", ("z",))])


def test_leaks_exact_and_near() -> None:
    review = "It keeps the coffee hot for hours, and the lid does not leak in the bag at all."
    found = _found([Plain(review + " Good."), Plain("x")], [], [Plain(review)])
    assert (found["leakage"].level, found["leakage"].count) == (Level.WARNING, 1)
    assert _found([Plain("red mugs")], [], [Plain("mug, red")])["leakage"].level is Level.ERROR


def test_classes() -> None:
    assert _found([Labelled("a", ("x",)), Labelled("b", ("x",))])["one_class"].level is Level.ERROR
    assert "one_class" not in _found([Tagged("mug", (Span(0, 3, "A"),))])
    assert _found([Tagged("mug", ())])["one_class"].level is Level.ERROR
    assert "one_class" not in _found([Labelled("a", ("x",)), Labelled("b", ())])
    found = _found([*GOOD[:200], Labelled("odd", ("c",))], [], [Labelled("new", ("d",))])
    assert found["unseen_classes"].examples == ("d",)
    assert found["rare_classes"].examples == ("c (1)",)
    assert found["class_balance"].level is Level.NOTE


def test_queries_without_answers_and_without_contrast() -> None:
    none = JudgedQuery("none", (Candidate("x", 0), Candidate("y", 0)))
    same = JudgedQuery("same", (Candidate("x", 2), Candidate("y", 2)))
    good = JudgedQuery("good", (Candidate("x", 2), Candidate("y", 0)))
    found = _found([none, same, good])
    assert (found["no_answer"].examples, found["no_answer"].level) == (("none",), Level.NOTE)
    assert found["no_contrast"].examples == ("same",)
    assert _found([none])["no_answer"].level is Level.ERROR


def test_languages_that_differ() -> None:
    chinese = [Plain(f"红色马克杯{number}") for number in range(60)]
    english = [Plain(f"red mug number {number}") for number in range(60)]
    found = _found(english, [], chinese)
    assert found["languages_differ"].what == "Learnt from: Latin letters 100%; tested on: Chinese 100%."


def test_examples_are_few_short_and_on_one_line() -> None:
    found = _found([Plain(f"two\nlines {number} " + "long " * 100) for number in range(20)] * 2)["duplicates"]
    assert found.count == 20
    assert len(found.examples) == 5
    assert all(len(text) == 120 and "\n" not in text for text in found.examples)
    assert found.as_dict()["level"] == "warning"
