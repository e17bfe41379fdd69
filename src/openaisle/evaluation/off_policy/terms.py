"""An estimate as a ratio of two sums over decisions, which every estimator here is."""

from __future__ import annotations

from dataclasses import dataclass

from openaisle.evaluation.off_policy.decisions import Values


@dataclass(frozen=True, slots=True)
class Terms:
    """The estimate is the sum of `numerators` over that of `denominators` (each n)."""

    numerators: Values
    denominators: Values

    @property
    def value(self) -> float:
        whole = float(self.denominators.sum())
        return float(self.numerators.sum()) / whole if whole > 0 else 0.0

    @property
    def influence(self) -> Values:
        """The first-order change of the estimate by each decision times their number; the mean is 0 (delta method)."""
        whole = float(self.denominators.mean())
        return (self.numerators - self.value * self.denominators) / whole if whole > 0 else 0 * self.numerators
