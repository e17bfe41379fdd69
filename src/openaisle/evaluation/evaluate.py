"""Asking a search every judged query in every mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from openaisle.errors import BadRequest
from openaisle.evaluation.judgments import Judgments
from openaisle.evaluation.metrics import DEFAULT_METRICS
from openaisle.evaluation.report import Report
from openaisle.evaluation.run import Hit, Run

Search = Callable[[str, str, int], Sequence[Hit]]
"""Query, mode and number of hits wanted → hits, best first."""
Progress = Callable[[str, int, int], None]
"""Told the mode, how many of its queries are done, and of how many."""

RANDOM = "random"
_SEED = 7


def evaluate(
    search: Search,
    judgments: Judgments,
    modes: Sequence[str],
    *,
    depth: int = 100,
    metrics: Sequence[str] = DEFAULT_METRICS,
    catalogue: Sequence[str] = (),
    progress: Progress | None = None,
) -> Report:
    """Every answerable query asked in every mode, `depth` hits deep, and measured.

    The mode `random` does not call `search`: it draws from the product ids in `catalogue` (seeded), and shows what
    a metric is worth when nothing is known.
    """
    if RANDOM in modes and not catalogue:
        raise BadRequest("The random mode needs products to draw from.", "Ingest a feed first, or leave it out.")
    drawn = _drawn(catalogue)

    def hits(query: str, mode: str) -> Sequence[Hit]:
        return drawn(depth) if mode == RANDOM else search(query, mode, depth)

    runs = {mode: Run.of(mode, dict(_asked(judgments, mode, hits, progress))) for mode in dict.fromkeys(modes)}
    return Report.of(judgments, runs, metrics)


def _asked(
    judgments: Judgments, mode: str, hits: Callable[[str, str], Sequence[Hit]], progress: Progress | None
) -> Iterator[tuple[str, Sequence[Hit]]]:
    queries = judgments.answerable
    for done, query in enumerate(queries, start=1):
        yield query, hits(query, mode)
        if progress is not None:
            progress(mode, done, len(queries))


def _drawn(catalogue: Sequence[str]) -> Callable[[int], list[Hit]]:
    generator = np.random.default_rng(_SEED)

    def draw(depth: int) -> list[Hit]:
        picks = generator.choice(len(catalogue), size=min(depth, len(catalogue)), replace=False)
        return [(catalogue[pick], 1 / rank) for rank, pick in enumerate(picks.tolist(), start=1)]

    return draw
