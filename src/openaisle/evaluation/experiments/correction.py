"""Many comparisons at once: p-values adjusted so that one alarm among them keeps its meaning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Adjust = Callable[[Sequence[float]], list[float]]


def unadjusted(p_values: Sequence[float]) -> list[float]:
    return list(p_values)


def holm(p_values: Sequence[float]) -> list[float]:
    """Bounds the chance of any false alarm, whatever the dependence (Holm, 1979)."""
    order, p = _sorted(p_values)
    stepped = np.maximum.accumulate(p * np.arange(p.size, 0, -1))
    return _restored(order, stepped)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Bounds the expected share of false alarms among the alarms, for independent or positively dependent tests.

    Benjamini and Hochberg (1995); Benjamini and Yekutieli (2001) for the dependence.
    """
    order, p = _sorted(p_values)
    stepped = np.minimum.accumulate((p * p.size / np.arange(1, p.size + 1))[::-1])[::-1]
    return _restored(order, stepped)


ADJUST: Mapping[str, Adjust] = {"holm": holm, "bh": benjamini_hochberg, "none": unadjusted}


def _sorted(p_values: Sequence[float]) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    return order, p[order]


def _restored(order: NDArray[np.intp], adjusted: NDArray[np.float64]) -> list[float]:
    back = np.empty_like(adjusted)
    back[order] = np.minimum(adjusted, 1.0)
    return [float(value) for value in back]
