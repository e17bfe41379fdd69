from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openaisle.errors import ExperimentError
from openaisle.evaluation.experiments import Bucketing, Experiment, sample_ratio

UNITS = [f"u{number}" for number in range(20_000)]


def assign(experiment: Experiment) -> list[str | None]:
    bucketing = Bucketing.of(experiment)
    return [bucketing.variant(unit) for unit in UNITS]


def experiment(name: str = "e", share: float = 1.0, **weights: float) -> Experiment:
    return Experiment(name, weights or {"a": 1, "b": 1}, share=share)


def test_the_answer_never_changes() -> None:
    # Written down: an assignment must be the same on every machine and in every later version.
    bucketing = Bucketing.of(experiment("button", a=50, b=30, c=20))
    assert "".join(str(bucketing.variant(f"shopper-{number}")) for number in range(24)) == "acaaaaacaaabbbababababca"


def test_shares_are_those_of_the_weights() -> None:
    counts = Counter(assign(experiment(a=50, b=30, c=20)))
    assert not sample_ratio({name or "": n for name, n in counts.items()}, {"a": 5, "b": 3, "c": 2}).mismatch


def test_experiments_are_independent_of_each_other() -> None:
    pairs = Counter(zip(assign(experiment("one")), assign(experiment("two")), strict=True))
    cells = {f"{one}{two}": count for (one, two), count in pairs.items()}
    assert sample_ratio(cells, dict.fromkeys(cells, 1.0)).p_value > 0.001
    assert assign(experiment("one")) != assign(experiment("two"))


def test_a_salt_of_its_own_outlives_a_change_of_name() -> None:
    salted = Experiment("new name", {"a": 1, "b": 1}, salt="one")
    assert assign(salted) == assign(experiment("one"))


def test_growing_a_variant_moves_units_to_it_and_nowhere_else() -> None:
    before, after = assign(experiment(a=80, b=10, c=10)), assign(experiment(a=60, b=30, c=10))
    moved = Counter((old, new) for old, new in zip(before, after, strict=True) if old != new)
    assert {("a", "b")} <= set(moved) <= {("a", "b"), ("a", "c"), ("c", "b")}
    grown = Counter(zip(before, assign(experiment(a=80, b=40, c=10)), strict=True))
    assert {pair for pair in grown if pair[0] != pair[1]} == {("a", "b"), ("c", "b")}


def test_a_new_variant_moves_nobody_between_the_old_ones() -> None:
    before, after = assign(experiment(a=1, b=1)), assign(experiment(a=1, b=1, c=1))
    assert {new for old, new in zip(before, after, strict=True) if old != new} == {"c"}


def test_opening_to_more_units_keeps_those_that_are_in() -> None:
    few, more = assign(experiment(share=0.1)), assign(experiment(share=0.5))
    assert all(new == old for old, new in zip(few, more, strict=True) if old is not None)
    assert sum(each is not None for each in few) / len(UNITS) == pytest.approx(0.1, abs=0.01)
    assert sum(each is not None for each in more) / len(UNITS) == pytest.approx(0.5, abs=0.015)


@given(st.text(min_size=1, max_size=50))
def test_any_text_is_a_unit(unit: str) -> None:
    bucketing = Bucketing.of(experiment())
    assert bucketing.variant(unit) == bucketing.variant(unit)
    assert bucketing.variant(unit) in {"a", "b"}


@pytest.mark.parametrize("unit", ["", "x" * 1001])
def test_an_empty_or_endless_id_is_refused(unit: str) -> None:
    with pytest.raises(ExperimentError):
        Bucketing.of(experiment()).variant(unit)
