"""Which texts run through a model together: those of about one length, so that little of the work is padding."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.intp]


def batches(lengths: NDArray[np.int64], budget: int) -> Iterator[Positions]:
    """Positions of texts that run together, longest first; rows times the longest of them stay within `budget` tokens.

    Every position comes exactly once; a text longer than the budget runs alone.
    """
    order = np.argsort(-lengths, kind="stable")
    start = 0
    while start < len(order):
        rows = max(1, budget // max(1, int(lengths[order[start]])))
        yield order[start : start + rows]
        start += rows
