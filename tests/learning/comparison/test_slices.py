from __future__ import annotations

import numpy as np

from openaisle.learning.comparison import Labelling, ModelComparison, Outcomes, SliceChange, compare_models
from openaisle.learning.examples import Candidate, Example, JudgedQuery, Labelled, Valued


def by_kind(comparison: ModelComparison, kind: str) -> dict[str, SliceChange]:
    return {each.name: each for each in comparison.slices if each.kind == kind}


def queries() -> list[JudgedQuery]:
    """Twenty English queries with English answers, twenty Chinese with English ones."""
    answers = (Candidate("a red kettle", 1.0), Candidate("a shoe", 0.0))
    english = [JudgedQuery(f"kettle {'big ' * (n % 2)}number{n}", answers) for n in range(20)]
    return english + [JudgedQuery(f"红色大水壶{n}", answers) for n in range(20)]


def compared(**known: object) -> ModelComparison:
    """Only the Chinese queries gain."""
    old = Outcomes("old", [(1.0, 0.0)] * 20 + [(0.0, 1.0)] * 20)
    new = Outcomes("new", [(1.0, 0.0)] * 40)
    return compare_models(old, new, queries(), "match", **known)  # type: ignore[arg-type]


def test_languages_tell_where_the_gain_is() -> None:
    found = by_kind(compared(), "language")
    assert set(found) == {"en", "zh → en"}
    assert found["zh → en"].verdict == "better"
    assert found["zh → en"].difference.mean > 0.3
    assert found["en"].verdict == "no clear difference"
    assert found["en"].examples == 20


def test_lengths_are_told_in_words() -> None:
    assert by_kind(compared(), "length")["2 to 3 words"].examples == 20
    assert by_kind(compared(), "length")["4 to 6 words"].examples == 20


def test_head_and_tail_follow_the_traffic() -> None:
    texts = [each.query for each in queries()]
    frequencies = {text: 100.0 if place < 10 else 10.0 for place, text in enumerate(texts)}
    found = by_kind(compared(frequencies=frequencies), "frequency")
    # of 1,300 askings the first 650 fall on 7 queries, the next 390 on 3 and some of the 30
    assert found["head"].examples == 7
    assert sum(each.examples for each in found.values()) == 40
    assert set(found) == {"head", "torso", "tail"}


def test_categories_and_slices_that_divide_nothing() -> None:
    texts = [each.query for each in queries()]
    categories = {text: "kettles" if place % 2 else "pots" for place, text in enumerate(texts[:30])}
    found = by_kind(compared(categories=categories), "category")
    assert {name: each.examples for name, each in found.items()} == {"kettles": 15, "pots": 15}
    assert by_kind(compared(categories=dict.fromkeys(texts, "all")), "category") == {}
    assert by_kind(compared(), "category") == {}


def test_labels_are_slices_and_small_ones_are_not_shown() -> None:
    examples = [Labelled(f"word{n}", ("a" if n < 12 else "b" if n < 20 else "rare",)) for n in range(23)]
    old = Outcomes("old", [Labelling(("a",))] * 23)
    new = Outcomes("new", [Labelling(each.labels) for each in examples])
    found = by_kind(compare_models(old, new, examples, "classify"), "label")
    assert set(found) == {"a", "b"}
    assert found["b"].difference.mean == 1
    assert found["a"].difference.mean == 0


def test_a_slice_by_f1_is_that_of_its_examples() -> None:
    examples = [Labelled(f"word{n}" if n % 2 else f"字{n}", ("a", "b")) for n in range(40)]
    old = Outcomes("old", [Labelling(("a",))] * 40)
    new = Outcomes("new", [Labelling(("a", "b")) if n % 2 else Labelling(("c",)) for n in range(40)])
    found = by_kind(compare_models(old, new, examples, "multilabel"), "language")
    assert found["en"].after.mean == 1
    assert found["zh"].after.mean == 0
    assert found["en"].before.mean == 2 / 3
    assert (found["en"].verdict, found["zh"].verdict) == ("better", "worse")


def test_a_lower_error_in_a_slice_is_better() -> None:
    examples: list[Example] = [Valued(f"word{n}", float(n)) for n in range(30)]
    old = Outcomes("old", [float(n + (5 if n >= 20 else 1)) for n in range(30)])
    new = Outcomes("new", [float(n + 1) for n in range(30)])
    found = by_kind(compare_models(old, new, examples, "regress"), "value")
    assert [each.examples for each in found.values()] == [10, 10, 10]
    top = next(each for name, each in found.items() if name.startswith("above"))
    assert top.verdict == "better"
    assert np.isclose(top.difference.mean, -4)
