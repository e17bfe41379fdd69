"""What every measured system is to the harness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bench.corpus import Corpus

Vector = NDArray[np.float32]

CANDIDATES = 100
"""How many the lexical and the dense part each bring into the fusion, in every system."""
FACET_VALUES = 100
"""Most values that a facet returns."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a shopper narrows down to; both ends of the price are included."""

    price: tuple[float, float] | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Products' numbers, best first, and counts per facet and value over everything that matches."""

    ids: Sequence[int]
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


class System(Protocol):
    """A system is built once, then opened by a process that never saw the corpus."""

    counts_facets: bool
    """Whether it can count values over all matches; if not, that workload is left out."""
    efforts: Sequence[int]
    """Settings of the knob that trades speed for recall, least effort first; one where there is no knob."""

    def build(self, corpus: Corpus, folder: Path) -> None:
        """Index everything into the empty `folder`, as the system's own documentation advises."""
        ...

    def open(self, folder: Path) -> None:
        """Open what `build` left in `folder`."""
        ...

    def exert(self, effort: int) -> None:
        """Search with this one of the `efforts` from now on."""
        ...

    def search(self, query: str, vector: Vector, k: int, filter: Filter | None, facets: Sequence[str]) -> Answer:
        """The k best by words and meaning, under the filter."""
        ...

    def nearest(self, vector: Vector, k: int, filter: Filter | None) -> Sequence[int]:
        """The k best by meaning alone, as `search` finds them; for its recall."""
        ...

    def close(self) -> None: ...
