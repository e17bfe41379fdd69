"""A query's way: understand, retrieve, rank, arrange, present. Each step is a function of its inputs, and is timed."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping

import numpy as np

from openaisle.engines.filters.expression import Expression, without
from openaisle.engines.protocol import Engine, Rows, Snapshot
from openaisle.language import Analyzer, Lexicon
from openaisle.models.protocol import Encoder
from openaisle.search.arrange import Page, arrange, browsing_order
from openaisle.search.constraints import Constraints, read_constraints
from openaisle.search.present import Bodies, present
from openaisle.search.rank import Ranked, Weights, rank
from openaisle.search.request import Mode, SearchRequest
from openaisle.search.response import SearchResponse
from openaisle.search.retrieve import Found, Meaning, retrieve
from openaisle.search.trace import Trace
from openaisle.search.understand import Intent, understand
from openaisle.settings import SearchSettings


class SearchPipeline:
    """Answers searches on an engine. Without an encoder it finds by words alone and says so. Safe for many threads."""

    def __init__(self, engine: Engine, encoder: Encoder | None, bodies: Bodies, settings: SearchSettings) -> None:
        self._engine = engine
        self._encoder = encoder
        self._bodies = bodies
        self._settings = settings
        self._analyzers: dict[tuple[str, ...], Analyzer] = {}
        self._making = threading.Lock()

    def search(self, request: SearchRequest) -> SearchResponse:
        """Raises `FilterSyntaxError`, `UnknownField`, `LimitExceeded` or `BadRequest` for a request that is wrong."""
        trace = Trace()
        snapshot, analyzer = self._engine.snapshot(), self._analyzer()
        with trace.step("understand"):
            constraints = read_constraints(request, snapshot.fields, self._settings)
            intent = understand(request.query, analyzer, snapshot, self._settings)
        with trace.step("encode"):
            meaning = self._meaning(request.mode, intent)
        with trace.step("retrieve"):
            found = self._retrieve(snapshot, intent, meaning, constraints.filter, request.mode)
        with trace.step("rank"):
            ranked = self._rank(snapshot, intent, meaning, found, constraints.filter, request.mode)
        with trace.step("arrange"):
            sort = constraints.sort or (browsing_order(snapshot) if intent.browses else None)
            page = arrange(snapshot, ranked, sort, request.group, request.offset, request.limit)
        with trace.step("facets"):
            facets = self._facets(snapshot, intent, meaning, ranked, page, constraints, request)
        with trace.step("present"):
            hits = present(snapshot, intent, analyzer, ranked, page, self._bodies, request.explain)
        notices = _notices(intent, page, request, self._encoder)
        return SearchResponse(uuid.uuid4().hex, page.total, hits, facets, trace.finished(), notices)

    def _meaning(self, mode: Mode, intent: Intent) -> Meaning | None:
        if self._encoder is None or mode is Mode.LEXICAL or intent.browses:
            return None
        return Meaning(self._encoder.encode_queries([intent.text])[0], self._encoder.identity.cosines)

    def _retrieve(
        self, snapshot: Snapshot, intent: Intent, meaning: Meaning | None, filter: Expression | None, mode: Mode
    ) -> Found:
        if intent.browses:
            rows = snapshot.browse(filter)
            zeros = np.zeros(len(rows), np.float32)
            return Found(rows, zeros, zeros, 0.0)
        candidates, floor = self._settings.dense_candidates, self._settings.relevance_floor
        return retrieve(snapshot, intent, meaning, filter, mode, candidates, floor)

    def _rank(
        self,
        snapshot: Snapshot,
        intent: Intent,
        meaning: Meaning | None,
        found: Found,
        filter: Expression | None,
        mode: Mode,
    ) -> Ranked:
        weights = Weights.of(mode, self._settings.dense_weight, meaning is not None)
        return rank(snapshot, intent, meaning, found, filter, weights, self._settings.lexical_candidates)

    def _facets(
        self,
        snapshot: Snapshot,
        intent: Intent,
        meaning: Meaning | None,
        ranked: Ranked,
        page: Page,
        constraints: Constraints,
        request: SearchRequest,
    ) -> Mapping[str, Mapping[str, int]]:
        """Counts over everything that matches. A disjunctive facet counts what would match without its own filter."""
        plain = {n: f for n, f in constraints.facets.items() if f.field not in constraints.disjunctive}
        counts = dict(zip(plain, snapshot.facets(ranked.rows, page.groups, list(plain.values())), strict=True))
        for name, facet in constraints.facets.items():
            if facet.field in constraints.disjunctive:
                relaxed = None if constraints.filter is None else without(constraints.filter, facet.field)
                rows = self._retrieve(snapshot, intent, meaning, relaxed, request.mode).rows
                counts[name] = snapshot.facets(rows, _groups(snapshot, rows, request), [facet])[0]
        return {name: counts[name] for name in constraints.facets}

    def _analyzer(self) -> Analyzer:
        lexicon = self._engine.built_with.lexicon
        analyzer = self._analyzers.get(lexicon)
        if analyzer is None:
            with self._making:
                analyzer = self._analyzers.get(lexicon) or Analyzer(Lexicon(lexicon))
                self._analyzers = {lexicon: analyzer}
        return analyzer


def _groups(snapshot: Snapshot, rows: Rows, request: SearchRequest) -> Rows | None:
    return snapshot.groups(rows) if request.group and snapshot.grouped else None


def _notices(
    intent: Intent, page: Page, request: SearchRequest, encoder: Encoder | None
) -> tuple[str, ...]:
    notices = [f"No product says {typed!r}; {meant!r} was searched for." for typed, meant in intent.corrections]
    if encoder is None and request.mode is not Mode.LEXICAL:
        notices.append("No encoder is installed: products were found by their words alone.")
    if page.total == 0 and not intent.browses:
        notices.append("Nothing relevant was found.")
    return tuple(notices)
