"""One run against another on the same queries: the difference, whether it is chance, who won where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from openaisle.evaluation.statistics import Estimate, bootstrap, randomization_test

_SIGNIFICANT = 0.05
_TIE = 1e-9


@dataclass(frozen=True, slots=True)
class QueryChange:
    query: str
    before: float
    after: float

    @property
    def difference(self) -> float:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Comparison:
    """`after` against `before` by one metric; `wins` and `losses` are queries, the largest change first."""

    before: str
    after: str
    metric: str
    difference: Estimate
    p_value: float
    wins: tuple[QueryChange, ...]
    losses: tuple[QueryChange, ...]
    ties: int

    @property
    def significant(self) -> bool:
        """Whether chance alone would give so large a difference less than once in twenty."""
        return self.p_value < _SIGNIFICANT

    def as_dict(self) -> dict[str, Any]:
        return {
            "before": self.before,
            "after": self.after,
            "metric": self.metric,
            "difference": self.difference.as_dict(),
            "p_value": self.p_value,
            "significant": self.significant,
            "wins": len(self.wins),
            "losses": len(self.losses),
            "ties": self.ties,
        }


def compare(before: str, after: str, metric: str, old: Mapping[str, float], new: Mapping[str, float]) -> Comparison:
    """Two runs' values per query (of one metric) on the queries both have."""
    changes = [QueryChange(query, old[query], value) for query, value in new.items() if query in old]
    differences = np.array([change.difference for change in changes], dtype=np.float64)
    ordered = sorted(changes, key=lambda change: (-abs(change.difference), change.query))
    wins = tuple(change for change in ordered if change.difference > _TIE)
    losses = tuple(change for change in ordered if change.difference < -_TIE)
    return Comparison(
        before=before,
        after=after,
        metric=metric,
        difference=bootstrap(differences),
        p_value=randomization_test(differences),
        wins=wins,
        losses=losses,
        ties=len(changes) - len(wins) - len(losses),
    )
