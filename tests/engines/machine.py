"""Random series of changes to an engine, beside a plain dictionary that says what must be there."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from catalogues import DIMENSIONS, FIELDS, documents, filters, queries, values, vectors
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from reference import Words, cosine, facet_counts, holds

from openaisle.engines.filters.expression import Expression
from openaisle.engines.protocol import BuiltWith, DenseQuery, Engine, LexicalQuery, Value, ValueFacet

_LENGTH = 4
"""All titles are as long, so that scores do not depend on which documents came first."""
_ids = st.sampled_from([f"p{number}" for number in range(12)])
_patches = values(FIELDS[:-1]).flatmap(
    lambda found: st.fixed_dictionaries({field: st.one_of(st.none(), st.just(value)) for field, value in found.items()})
)


def machine_for(open_engine: Callable[[Path], Engine]) -> Callable[[], RuleBasedStateMachine]:
    class Machine(_Machine):
        def open(self, folder: Path) -> Engine:
            return open_engine(folder)

    return Machine


class _Machine(RuleBasedStateMachine):
    def open(self, folder: Path) -> Engine:
        raise NotImplementedError

    @initialize(count=st.integers(0, 10), data=st.data())
    def begin(self, count: int, data: st.DataObject) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.engine = self.open(self.folder)
        self.staged = {f"p{n}": data.draw(documents(f"p{n}", _LENGTH)) for n in range(count)}
        self.sequence = 0
        self.writer: Any = self.engine.rebuild(BuiltWith("1", "s", "e"), DIMENSIONS)
        for document in self.staged.values():
            self.writer.upsert(document)
        self.commit()

    @rule(data=st.data(), id=_ids)
    def upsert(self, data: st.DataObject, id: str) -> None:
        document = data.draw(documents(id, _LENGTH))
        self.writer.upsert(document)
        self.staged[id] = document

    @rule(id=_ids, changes=_patches)
    def patch(self, id: str, changes: dict[str, Value | None]) -> None:
        known = self.staged.get(id)
        assert self.writer.patch(id, changes) == (known is not None)
        if known is not None:
            merged = {field: value for field, value in {**known.values, **changes}.items() if value is not None}
            self.staged[id] = replace(known, values=merged)

    @rule(id=_ids)
    def delete(self, id: str) -> None:
        assert self.writer.delete(id) == (self.staged.pop(id, None) is not None)

    @rule()
    def commit(self) -> None:
        self.sequence += 1
        self.writer.commit(self.sequence)
        self.committed = dict(self.staged)

    @rule()
    def reopen(self) -> None:
        """As another process would; what was not committed is lost."""
        self.writer.__exit__(None, None, None)
        self.engine = self.open(self.folder)
        assert self.engine.sequence == self.sequence
        self.writer = self.engine.writer()
        self.staged = dict(self.committed)

    @rule(filter=filters)
    def filters_hold(self, filter: Expression) -> None:
        snapshot = self.engine.snapshot()
        right = [document for document in self.committed.values() if holds(filter, document)]
        rows = snapshot.browse(filter)
        assert sorted(snapshot.ids(rows)) == sorted(document.id for document in right)
        for by_group, groups in ((False, None), (True, snapshot.groups(rows))):
            found = snapshot.facets(rows, groups, [ValueFacet(field) for field in FIELDS])
            assert found == [facet_counts(right, ValueFacet(field), by_group) for field in FIELDS]

    @rule(query=queries)
    def words_match(self, query: LexicalQuery) -> None:
        from contract import check_matches

        snapshot = self.engine.snapshot()
        assert snapshot.documents == len(self.committed)
        check_matches(snapshot, Words(list(self.committed.values())), query, None)

    @rule(query=vectors())
    def the_nearest_are_found(self, query: np.ndarray) -> None:
        exact = {id: c for id, d in self.committed.items() if (c := cosine(d, query)) is not None}
        found = self.engine.snapshot().retrieve(None, DenseQuery(query, 5), None)
        assert found.dense_scores == pytest.approx(sorted(exact.values(), reverse=True)[:5], abs=1e-3)

    def teardown(self) -> None:
        if hasattr(self, "writer"):
            self.writer.__exit__(None, None, None)
            shutil.rmtree(self.folder)
