"""The analysis of queries that fits the live index."""

from __future__ import annotations

import threading

from openaisle.engines.protocol import Engine
from openaisle.language import Analyzer, Lexicon


class IndexAnalysis:
    """Made once for each lexicon that the index had: loading the dictionary takes a while. Safe for many threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._analyzers: dict[tuple[str, ...], Analyzer] = {}
        self._making = threading.Lock()

    def analyzer(self) -> Analyzer:
        """What cuts a query as the texts of the live index were cut."""
        lexicon = self._engine.built_with.lexicon
        analyzer = self._analyzers.get(lexicon)
        if analyzer is None:
            with self._making:
                analyzer = self._analyzers.get(lexicon) or Analyzer(Lexicon(lexicon))
                self._analyzers = {lexicon: analyzer}
        return analyzer
