from __future__ import annotations

import pytest

from openaisle.learning.comparison import Outcomes, compare_models, gate
from openaisle.learning.comparison.compare import ModelComparison
from openaisle.learning.examples import Labelled

EXAMPLES = [Labelled(f"text {n}", ("a",)) for n in range(100)]


def compared(before: float, after: float, metric: str = "accuracy") -> ModelComparison:
    """`before` and `after` are shares of the examples that are right."""

    def outcomes(name: str, share: float) -> Outcomes:
        return Outcomes(name, values={metric: [float(n < 100 * share) for n in range(100)]})

    return compare_models(outcomes("old", before), outcomes("new", after), EXAMPLES, "classify")


@pytest.mark.parametrize(
    ("after", "allowed", "passed"),
    [(0.8, 0.0, True), (0.9, 0.0, True), (0.79, 0.01, True), (0.78, 0.01, False), (0.79, 0.0, False)],
)
def test_a_guarded_metric_may_fall_as_far_as_is_allowed(after: float, allowed: float, passed: bool) -> None:
    decision = gate(compared(0.8, after), {"accuracy": allowed})
    assert decision.passed is passed
    assert decision.refused == (() if passed else ("accuracy",))
    assert len(decision.reasons) == 1


def test_reasons_tell_how_far_and_how_surely() -> None:
    surely, perhaps = gate(compared(0.8, 0.5), {"accuracy": 0.01}), gate(compared(0.8, 0.78), {"accuracy": 0.01})
    assert "from 0.8000 to 0.5000, worse by 0.3000 where 0.01 is allowed (significant, p = 0.0001" in surely.reasons[0]
    assert "chance could explain it" in perhaps.reasons[0]
    assert "within the 0.05 allowed" in gate(compared(0.8, 0.78), {"accuracy": 0.05}).reasons[0]


def test_an_error_that_rises_is_a_fall() -> None:
    assert not gate(compared(0.1, 0.3, "mae"), {"mae": 0.01}).passed
    assert gate(compared(0.3, 0.1, "mae"), {"mae": 0.01}).passed


def test_what_was_not_measured_is_not_let_through() -> None:
    decision = gate(compared(0.8, 0.9), {"accuracy": 0.0, "ndcg@10": 0.1})
    assert decision.as_dict() == {
        "passed": False,
        "reasons": list(decision.reasons),
        "refused": ["ndcg@10"],
    }
    assert "was not measured" in decision.reasons[1]


def test_without_a_guard_the_gate_is_open() -> None:
    assert gate(compared(0.8, 0.1), {}).passed
