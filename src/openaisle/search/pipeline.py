"""A query's way: understand, retrieve, rank, arrange, present. Each step is a function of its inputs, and is timed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from functools import partial

import numpy as np

from openaisle.engines.filters.expression import without
from openaisle.engines.protocol import Engine, Rows
from openaisle.language import Analyzer
from openaisle.models.protocol import Encoder
from openaisle.search.analysis import IndexAnalysis
from openaisle.search.arrange import Page, arrange, browsing_order
from openaisle.search.constraints import Constraints, read_constraints, require_numbers
from openaisle.search.personalize import PersonalizeStep
from openaisle.search.present import Bodies, explained, present
from openaisle.search.question import Meaning, Question
from openaisle.search.rank import Ranked, rank
from openaisle.search.request import Mode, SearchRequest
from openaisle.search.rerank import RerankStep
from openaisle.search.response import Hit, SearchResponse
from openaisle.search.retrieve import Found, retrieve
from openaisle.search.sponsor import Ads, AdSpace
from openaisle.search.trace import Trace
from openaisle.search.understand import Intent, understand
from openaisle.settings import SearchSettings


class SearchPipeline:
    """Answers searches on an engine. Without an encoder it finds by words alone and says so. Safe for many threads."""

    def __init__(
        self,
        engine: Engine,
        encoder: Encoder | None,
        bodies: Bodies,
        settings: SearchSettings,
        reranking: RerankStep | None = None,
        *,
        personalizing: PersonalizeStep | None = None,
        ads: Ads | None = None,
        analysis: IndexAnalysis | None = None,
    ) -> None:
        self._engine = engine
        self._encoder = encoder
        self._bodies = bodies
        self._settings = settings
        self._reranking = reranking
        self._personalizing = personalizing
        self._ads = ads
        self._analysis = analysis or IndexAnalysis(engine)

    def search(self, request: SearchRequest) -> SearchResponse:
        """Raises `BadRequest` for a wrong one: `FilterSyntaxError`, `UnknownField`, `WrongKind`, `LimitExceeded`."""
        trace = Trace()
        snapshot = self._engine.snapshot()
        with trace.step("understand"):
            analyzer = self._analysis.analyzer()
            constraints = read_constraints(request, snapshot.fields, self._settings)
            require_numbers(constraints, snapshot)
            intent = understand(request.query, analyzer, snapshot, self._settings)
        with trace.step("encode"):
            question = Question(snapshot, intent, self._meaning(request.mode, intent), constraints.filter, request.mode)
        with trace.step("retrieve"):
            found = self._retrieve(question)
        with trace.step("rank"):
            ranked = rank(question, found, self._settings.dense_weight, self._settings.lexical_candidates)
        grouped = request.group and snapshot.grouped
        if constraints.sort is None:
            ranked = self._refined(request, question, ranked, grouped, trace)
        with trace.step("arrange"):
            sort = constraints.sort or (browsing_order(snapshot) if intent.browses else None)
            page = arrange(snapshot, ranked, sort, grouped, slice(request.offset, request.offset + request.limit))
        with trace.step("facets"):
            facets = self._facets(question, constraints, ranked, page)
        with trace.step("present"):
            shown = partial(self._shown, request, question, analyzer, ranked)
            hits = shown(page)
        space = AdSpace(uuid.uuid4().hex, request.shopper or "", question, ranked, page, hits, shown)
        hits = self._sponsored(request, constraints, space, trace)
        notices = _notices(intent, page, request, self._encoder)
        return SearchResponse(space.query_id, page.total, hits, facets, trace.finished(), notices)

    def _refined(
        self, request: SearchRequest, question: Question, ranked: Ranked, grouped: bool, trace: Trace
    ) -> Ranked:
        """The top read once more by the reranker, then held against the shopper's profile, where there are such."""
        if self._reranking is not None and self._reranking.applies(request, question, ranked):
            with trace.step("rerank"):
                ranked = self._reranking.rerank(question, ranked, grouped)
        if self._personalizing is not None and self._personalizing.applies(request, question, ranked):
            with trace.step("personalize"):
                ranked = self._personalizing.personalize(question, ranked, request.shopper or "")
        return ranked

    def _meaning(self, mode: Mode, intent: Intent) -> Meaning | None:
        if self._encoder is None or mode is Mode.LEXICAL or intent.browses:
            return None
        return Meaning(self._encoder.encode_queries([intent.text])[0], self._encoder.identity.cosines)

    def _retrieve(self, question: Question) -> Found:
        if question.intent.browses:
            rows = question.snapshot.browse(question.filter)
            zeros = np.zeros(len(rows), np.float32)
            return Found(rows, zeros, zeros, 0.0)
        return retrieve(question, self._settings.dense_candidates, self._settings.relevance_floor)

    def _facets(
        self, question: Question, constraints: Constraints, ranked: Ranked, page: Page
    ) -> Mapping[str, Mapping[str, int]]:
        """Counts over everything that matches. A disjunctive facet counts what would match without its own filter."""
        plain = {n: f for n, f in constraints.facets.items() if f.field not in constraints.disjunctive}
        found = question.snapshot.facets(ranked.rows, page.groups, list(plain.values()))
        counts = dict(zip(plain, found, strict=True))
        for name, facet in constraints.facets.items():
            if facet.field in constraints.disjunctive:
                relaxed = None if question.filter is None else without(question.filter, facet.field)
                rows = self._matching(question.under(relaxed))
                groups = None if page.groups is None else question.snapshot.groups(rows)
                counts[name] = question.snapshot.facets(rows, groups, [facet])[0]
        return {name: counts[name] for name in constraints.facets}

    def _shown(
        self, request: SearchRequest, question: Question, analyzer: Analyzer, ranked: Ranked, page: Page
    ) -> tuple[Hit, ...]:
        hits = present(question, analyzer, ranked, page, self._bodies)
        return explained(question, ranked, page, hits) if request.explain else hits

    def _sponsored(
        self, request: SearchRequest, constraints: Constraints, space: AdSpace, trace: Trace
    ) -> tuple[Hit, ...]:
        """The hits of the page, with ads among them where it may have some and somebody advertises."""
        if self._ads is None or not request.ads or not space.hits:
            return space.hits
        if not self._ads.applies(query=space.query, offset=request.offset, ordered=constraints.sort is not None):
            return space.hits
        with trace.step("ads"):
            return self._ads.arranged(space)

    def _matching(self, question: Question) -> Rows:
        """All rows that a ranking would hold, in no order."""
        rows, identifier = self._retrieve(question).rows, question.intent.identifier
        if identifier is None:
            return rows
        return np.union1d(rows, question.snapshot.retrieve(identifier, None, question.filter).lexical)


def _notices(intent: Intent, page: Page, request: SearchRequest, encoder: Encoder | None) -> tuple[str, ...]:
    notices = [f"No product says {typed!r}; {meant!r} was searched for." for typed, meant in intent.corrections]
    if encoder is None and request.mode is not Mode.LEXICAL and not intent.browses:
        notices.append("The shop has no encoder: products were found by their words alone.")
    if page.total == 0 and not intent.browses:
        notices.append("Nothing relevant was found.")
    return tuple(notices)
