"""The gate: whether a model may take the place of the one before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from openaisle.learning.comparison.change import MetricChange

_ROUNDING = 1e-9


class Compared(Protocol):
    """A comparison just made, or one read from its file."""

    @property
    def metrics(self) -> Mapping[str, MetricChange]: ...


@dataclass(frozen=True, slots=True)
class GateDecision:
    """`reasons` tell, for each guarded metric, what happened to it; `refused` are those that closed the gate."""

    passed: bool
    reasons: tuple[str, ...]
    refused: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        return {"passed": self.passed, "reasons": list(self.reasons), "refused": list(self.refused)}


def gate(comparison: Compared, guarded: Mapping[str, float]) -> GateDecision:
    """Refuses when a guarded metric got worse by more than the given amount, or was not measured.

    The figure itself decides, not its significance: a fall that may be chance is still a fall. The reason says whether
    chance explains it, so that a person can tell a small test split from a worse model.
    """
    told = {name: _told(name, allowed, comparison.metrics.get(name)) for name, allowed in guarded.items()}
    refused = tuple(name for name, (_, falls) in told.items() if falls)
    return GateDecision(not refused, tuple(reason for reason, _ in told.values()), refused)


def _told(name: str, allowed: float, change: MetricChange | None) -> tuple[str, bool]:
    """The reason, and whether the metric fell too far."""
    if change is None:
        return f"{name} is guarded and was not measured.", True
    moved = f"{name} went from {change.before.mean:.4f} to {change.after.mean:.4f}"
    fall = -change.improvement
    if fall <= 0:
        return f"{moved} ({_surely(change)}).", False
    if fall <= allowed + _ROUNDING:
        return f"{moved}, worse by {fall:.4f}, within the {allowed:g} allowed ({_surely(change)}).", False
    # a figure that is not a number ends here too
    return f"{moved}, worse by {fall:.4f} where {allowed:g} is allowed ({_surely(change)}).", True


def _surely(change: MetricChange) -> str:
    kind = "significant" if change.significant else "chance could explain it"
    return f"{kind}, p = {change.p_value:.4f}, {change.examples:,} examples"
