"""One consistent view over the segments of a generation."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.embedded import facets as counting
from openaisle.engines.embedded import lexical as terms
from openaisle.engines.embedded.columns import Column, KeywordColumn, NumberColumn
from openaisle.engines.embedded.filtering import mask
from openaisle.engines.embedded.ordering import sort_keys
from openaisle.engines.embedded.postings import SATURATION, STEP
from openaisle.engines.embedded.segment import Segment
from openaisle.engines.filters.expression import Expression
from openaisle.engines.protocol import (
    WRITTEN,
    Candidates,
    DenseQuery,
    Direction,
    Facet,
    LexicalQuery,
    Rows,
    Scores,
    Sort,
    TermContribution,
)

_REMEMBERED_FILTERS = 8
_NO_ROWS = np.empty(0, np.int32)
_NO_SCORES = np.empty(0, np.float32)


class EmbeddedSnapshot:
    """Rows are numbered through all segments, in their order."""

    def __init__(self, segments: Sequence[Segment]) -> None:
        # bound to the segments alone: a circle through the snapshot would keep its files open until it is collected
        self._passing = lru_cache(maxsize=_REMEMBERED_FILTERS)(partial(_passing_rows, segments))
        self._segments = segments
        self._bases = np.concatenate([[0], np.cumsum([segment.rows for segment in segments])]).astype(np.int64)
        self.rows = int(self._bases[-1])

    @cached_property
    def documents(self) -> int:
        return sum(segment.living for segment in self._segments)

    @cached_property
    def fields(self) -> Mapping[str, str]:
        kinds: dict[str, str] = {}
        for segment in self._segments:
            for field, column in segment.columns.items():
                kinds[field] = column.kind if kinds.get(field, column.kind) == column.kind else KeywordColumn.kind
        return kinds

    def has_numbers(self, field: str) -> bool:
        columns = [column for segment in self._segments if (column := segment.columns.get(field)) is not None]
        return any(isinstance(column, NumberColumn) or _reads_as_number(column) for column in columns)

    def frequency(self, term: str) -> int:
        return sum(segment.frequency(term) for segment in self._segments)

    def completions(self, prefix: str, limit: int) -> list[str]:
        found = {word for segment in self._segments for word in segment.vocabulary.completions(prefix)}
        frequencies = {word: frequency for word in found if (frequency := self.frequency(WRITTEN + word))}
        return sorted(frequencies, key=lambda word: (-frequencies[word], word))[:limit]

    def corrections(self, word: str, distance: int, limit: int) -> list[str]:
        found = {
            near: edits for segment in self._segments for near, edits in segment.vocabulary.corrections(word, distance)
        }
        frequencies = {near: frequency for near in found if (frequency := self.frequency(WRITTEN + near))}
        return sorted(frequencies, key=lambda near: (found[near], -frequencies[near], near))[:limit]

    def retrieve(self, lexical: LexicalQuery | None, dense: DenseQuery | None, filter: Expression | None) -> Candidates:
        allowed = [segment.allowed(filter) for segment in self._segments]
        found, scores, ceiling, coverage = self._match(lexical, allowed)
        nearest, cosines = self._nearest(dense, allowed)
        return Candidates(found, scores, nearest, cosines, ceiling, coverage)

    def browse(self, filter: Expression | None) -> Rows:
        parts = [_NO_ROWS]
        for segment, base in zip(self._segments, self._bases, strict=False):
            allowed = segment.allowed(filter)
            local = np.arange(segment.rows) if allowed is None else np.flatnonzero(allowed)
            parts.append((local + base).astype(np.int32))
        return np.concatenate(parts)

    def facets(self, rows: Rows, groups: Rows | None, facets: Sequence[Facet]) -> list[dict[str, int]]:
        split = list(self._split(rows))
        return [counting.ranked(self._count(facet, groups, split), facet) for facet in facets]

    def passing(self, rows: Rows, filter: Expression) -> NDArray[np.bool_]:
        return self._passing(filter)[rows]

    def sort(self, rows: Rows, sort: Sort) -> NDArray[np.intp]:
        columns = [(segment.columns.get(sort.field), local) for segment, _, local in self._split(rows)]
        keys = np.full(len(rows), np.nan)
        for (_, places, _), part in zip(self._split(rows), sort_keys(columns), strict=True):
            keys[places] = part
        order = np.argsort(-keys if sort.direction is Direction.DESC else keys, kind="stable")  # NaN sorts last
        return order

    def cosines(self, rows: Rows, vector: NDArray[np.float32]) -> Scores:
        return self._gather(rows, np.float32, lambda segment, local: segment.vectors.cosines(local, vector))

    def vectors(self, rows: Rows) -> NDArray[np.float32]:
        dimensions = max((segment.vectors.stored.dimensions for segment in self._segments), default=0)
        gathered = np.full((len(rows), dimensions), np.nan, np.float32)
        for segment, places, local in self._split(rows):
            if len(segment.vectors.rows):
                gathered[places] = segment.vectors.floats(local)
        return gathered

    def lexical_scores(self, rows: Rows, lexical: LexicalQuery) -> Scores:
        groups = self._weigh(lexical)
        return self._gather(
            rows,
            np.float32,
            lambda segment, local: terms.score(terms.needs(segment, groups), local, segment.rows)[0],
        )

    def explain(self, row: int, lexical: LexicalQuery) -> list[TermContribution]:
        (segment, _, local), *_ = self._split(np.array([row]))
        contributions = []
        for group in self._weigh(lexical):
            impacts = terms.impacts_in(segment, int(local[0]), group)
            if impacts:
                best = max(impacts, key=lambda term: impacts[term])
                contributions.append(TermContribution(best, impacts[best] * group.information * STEP))
        return contributions

    def ids(self, rows: Rows) -> list[str]:
        ids = [""] * len(rows)
        for segment, places, local in self._split(rows):
            for place, id in zip(places, segment.ids(local), strict=True):
                ids[int(place)] = id
        return ids

    def find(self, ids: Sequence[str]) -> Rows:
        found = [
            int(base) + row
            for id in ids
            for segment, base in zip(self._segments, self._bases, strict=False)
            if (row := segment.row(id)) >= 0
        ]
        return np.array(found, np.int32)

    def groups(self, rows: Rows) -> Rows:
        return self._group_numbers[rows] if self.grouped else rows

    def numbers(self, rows: Rows, field: str) -> NDArray[np.float64]:
        def of(segment: Segment, local: NDArray[np.intp]) -> NDArray[np.float64]:
            column = segment.columns.get(field)
            match column:
                case NumberColumn(numbers):
                    return numbers[local]
                case KeywordColumn():
                    return column.numbers_of(local)
            return np.full(len(local), np.nan)

        return self._gather(rows, np.float64, of)

    @cached_property
    def grouped(self) -> bool:
        """Whether any two documents are variants of one group."""
        return len(np.unique(self._group_numbers[self.browse(None)])) < self.documents

    @cached_property
    def _group_numbers(self) -> Rows:
        hashes = np.concatenate([_NO_ROWS, *(segment.identities.group for segment in self._segments)])
        return np.unique(hashes, return_inverse=True)[1].astype(np.int32)

    def _match(
        self, lexical: LexicalQuery | None, allowed: Sequence[NDArray[np.bool_] | None]
    ) -> tuple[Rows, Scores, float, float]:
        if lexical is None or not lexical.groups:
            return _NO_ROWS, _NO_SCORES, 0.0, 0.0
        groups = self._weigh(lexical)
        known = [group for group in groups if group.alternatives]
        total = sum(group.information for group in groups)
        enough = lexical.coverage * sum(group.information for group in known)
        rows, scores, best = [_NO_ROWS], [_NO_SCORES], 0.0
        for segment, base, passing in zip(self._segments, self._bases, allowed, strict=False):
            if known:
                found = terms.match(terms.needs(segment, known), enough, passing, segment.rows)
                rows.append((found.rows + base).astype(np.int32))
                scores.append(found.scores)
                best = max(best, float(found.information.max(initial=0)))
        return np.concatenate(rows), np.concatenate(scores), total * SATURATION, best / total

    def _nearest(self, dense: DenseQuery | None, allowed: Sequence[NDArray[np.bool_] | None]) -> tuple[Rows, Scores]:
        if dense is None:
            return _NO_ROWS, _NO_SCORES
        parts = [
            (base, *segment.vectors.search(dense.vector, dense.limit, passing))
            for segment, base, passing in zip(self._segments, self._bases, allowed, strict=False)
        ]
        rows = np.concatenate([_NO_ROWS, *(found + base for base, found, _ in parts)]).astype(np.int32)
        cosines = np.concatenate([_NO_SCORES, *(scores for _, _, scores in parts)])
        if len(parts) > 1:
            order = np.argsort(-cosines, kind="stable")[: dense.limit]
            rows, cosines = rows[order], cosines[order]
        return rows, cosines

    def _weigh(self, lexical: LexicalQuery) -> list[terms.WeighedGroup]:
        """Groups with their information. A group none of whose terms is known has no alternatives left."""
        weighed = []
        for group in lexical.groups:
            frequencies = {term: self.frequency(term) for term, _ in group.alternatives}
            known = tuple((term, weight) for term, weight in group.alternatives if frequencies[term])
            rarity = terms.inverse_document_frequency(max(frequencies.values(), default=0), self.documents)
            weighed.append(terms.WeighedGroup(known, group.weight * rarity))
        return weighed

    def _count(
        self, facet: Facet, groups: Rows | None, split: Sequence[tuple[Segment, NDArray[np.intp], NDArray[np.intp]]]
    ) -> dict[str, int]:
        parts = [
            (counting.label_pairs(column, local, facet), places)
            for segment, places, local in split
            if (column := segment.columns.get(facet.field)) is not None
        ]
        if groups is not None:
            return counting.count_groups((pairs, groups[places]) for pairs, places in parts)
        counts: dict[str, int] = {}
        for pairs, _ in parts:
            for label, count in counting.count_pairs(pairs).items():
                counts[label] = counts.get(label, 0) + count
        return counts

    def _split(self, rows: Rows) -> Iterator[tuple[Segment, NDArray[np.intp], NDArray[np.intp]]]:
        """Each segment that holds some of the rows, their places in `rows`, and their numbers in the segment."""
        if len(self._segments) == 1:
            yield self._segments[0], np.arange(len(rows)), rows.astype(np.intp)
            return
        owner = np.searchsorted(self._bases[1:], rows, side="right")
        for number, segment in enumerate(self._segments):
            places = np.flatnonzero(owner == number)
            if len(places):
                yield segment, places, (rows[places] - self._bases[number]).astype(np.intp)

    def _gather(self, rows: Rows, dtype: Any, part: Callable[[Segment, NDArray[np.intp]], Any]) -> NDArray[Any]:
        if len(self._segments) == 1:
            return np.asarray(part(self._segments[0], rows.astype(np.intp)), dtype)
        gathered = np.full(len(rows), np.nan, dtype)
        for segment, places, local in self._split(rows):
            gathered[places] = part(segment, local)
        return gathered


def _passing_rows(segments: Sequence[Segment], filter: Expression) -> NDArray[np.bool_]:
    """A truth for every row. Asked about a few rows again and again, so remembered."""
    parts = [mask(filter, segment.columns, segment.rows) for segment in segments]
    return np.concatenate([np.empty(0, bool), *parts])


def _reads_as_number(column: Column) -> bool:
    return isinstance(column, KeywordColumn) and not bool(np.isnan(column.table.numbers).all())
