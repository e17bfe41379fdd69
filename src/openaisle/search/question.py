"""A request once understood: what every later step of a search looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.filters.expression import Comparison, Expression, Operator
from openaisle.engines.protocol import Rows, Snapshot
from openaisle.models.protocol import CosineRange
from openaisle.search.request import Mode
from openaisle.search.understand import Intent

_SPOKEN = {language: Comparison("language", Operator.EQUAL, language) for language in ("zh", "en")}


@dataclass(frozen=True, slots=True)
class Meaning:
    """The query's vector and how the encoder's cosines read."""

    vector: NDArray[np.float32]
    cosines: CosineRange


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of one snapshot. `meaning` is None when only words are searched for."""

    snapshot: Snapshot
    intent: Intent
    meaning: Meaning | None
    filter: Expression | None
    mode: Mode

    @property
    def by_words(self) -> bool:
        return self.mode is not Mode.DENSE or self.meaning is None

    def translated(self, rows: Rows) -> NDArray[np.bool_]:
        """Which rows are not written in the language of the query."""
        spoken = _SPOKEN.get(self.intent.language)
        return np.zeros(len(rows), bool) if spoken is None else ~self.snapshot.passing(rows, spoken)

    def under(self, filter: Expression | None) -> Question:
        """The same question under another filter."""
        return replace(self, filter=filter)
