"""The relevance floor: no ad answers a query worse than a stated share of the page's own products."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def relevance_floor(organic: Sequence[float], quantile: float) -> float:
    """The score that an ad must reach: the `quantile` of the page's organic scores, rounded up to a score that a
    product of the page has. Infinity for an empty page, which has nothing that an ad could be measured by."""
    if not 0 <= quantile <= 1:
        raise ValueError("a quantile lies from 0 to 1")
    if not len(organic):
        return float("inf")
    return float(np.quantile(np.asarray(organic, np.float64), quantile, method="higher"))
