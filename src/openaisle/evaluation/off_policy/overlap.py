"""How much of the log speaks about the target policy at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from openaisle.evaluation.off_policy.decisions import Decisions, TargetPolicy, Values
from openaisle.evaluation.off_policy.intervals import Normal
from openaisle.evaluation.off_policy.terms import Terms
from openaisle.evaluation.statistics import Estimate

_FEW = 100
_HEAVY = 0.05
_UNSEEN = 0.01


@dataclass(frozen=True, slots=True)
class Overlap:
    """`effective_sample_size` is (Σw)² / Σw² (Kish, 1965): so many decisions of equal weight would be as sure.

    `largest_share` is the part of all weight on one decision. `mean_weight` must be 1 but for chance: what lies below
    is the part of the target policy that the log lacks, if the propensities are right. `unseen` is the part of its
    probability on actions that were never taken (None where only the taken actions' probabilities are known).
    """

    decisions: int
    effective_sample_size: float
    largest_weight: float
    largest_share: float
    mean_weight: Estimate
    unseen: float | None

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def notices(self) -> Iterator[str]:
        """What makes the estimates doubtful, in words."""
        if self.effective_sample_size < _FEW:
            yield (
                f"The log is worth {self.effective_sample_size:.0f} decisions of the target policy: "
                "intervals may be too narrow."
            )
        if self.largest_share > _HEAVY:
            yield f"One decision carries {self.largest_share:.0%} of all weight."
        if not self.mean_weight.low <= 1 <= self.mean_weight.high:
            yield (
                f"Weights average {self.mean_weight.mean:.3f} where 1 is due: propensities are wrong, or the target "
                "policy does what the logging policy never does."
            )
        if self.unseen is not None and self.unseen > _UNSEEN:
            yield f"{self.unseen:.1%} of the target policy's decisions are actions that the log never took."


def overlap(weights: Values, unseen: float | None = None) -> Overlap:
    """The diagnostics of the weights (n)."""
    total = float(weights.sum())
    squares = float(weights @ weights)
    mean, _ = Normal().of(Terms(weights, np.ones_like(weights)), weights)
    return Overlap(
        decisions=int(weights.size),
        effective_sample_size=total**2 / squares if squares > 0 else 0.0,
        largest_weight=float(weights.max()),
        largest_share=float(weights.max()) / total if total > 0 else 0.0,
        mean_weight=mean,
        unseen=unseen,
    )


def unseen_share(decisions: Decisions, target: TargetPolicy) -> float:
    """The target policy's probability of actions that were never taken, averaged over the decisions."""
    taken = np.bincount(decisions.actions, minlength=len(decisions.names)) > 0
    return float(target.table[:, ~taken].sum(axis=1)[target.rows].mean())
