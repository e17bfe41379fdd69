"""What every engine must do in whatever numbers it keeps its vectors; a part of `EngineContract`."""

from __future__ import annotations

import numpy as np
import pytest

from openaisle.engines.filters.parser import parse
from openaisle.engines.protocol import BuiltWith, DenseQuery, Document, Engine, VectorNumbers

BUILT = BuiltWith(analysis="1", schema="s", encoder="e")


class NumbersContract:
    @pytest.mark.parametrize("numbers", ["float32", "int8", "binary"])
    def test_the_nearest_in_any_numbers(self, engine: Engine, numbers: VectorNumbers) -> None:
        """Through flushes, merges and deletions, with and without a filter; enough of them not to be scored one by
        one."""
        rng = np.random.default_rng(4)
        matrix = np.repeat(rng.normal(size=(500, 64)), 12, axis=0) + 0.7 * rng.normal(size=(6_000, 64))
        matrix = (matrix / np.linalg.norm(matrix, axis=1, keepdims=True)).astype(np.float32)
        documents = [
            Document(f"p{row}", f"p{row}", {}, {"in_stock": bool(row % 3)}, vector) for row, vector in enumerate(matrix)
        ]
        with engine.rebuild(BUILT, 64, numbers=numbers) as writer:
            for document in documents[:5_000]:
                writer.upsert(document)
            writer.commit(1)
        with engine.writer() as writer:
            for document in documents[5_000:]:
                writer.upsert(document)
            for row in range(0, 6_000, 12):
                writer.delete(f"p{row}")
            writer.commit(2)
        snapshot, found = engine.snapshot(), 0
        for row in range(1, 6_000, 120):
            for filter, passing in ((None, range(1, 12)), (parse("in_stock = true"), [1, 2, 4, 5, 7, 8, 10, 11])):
                answered = snapshot.retrieve(None, DenseQuery(matrix[row], 5), filter)
                assert (np.diff(answered.dense_scores) <= 0).all()
                first = row - row % 12
                near = sorted(passing, key=lambda member: -float(matrix[first + member] @ matrix[row]))[:5]
                found += len({f"p{first + member}" for member in near} & set(snapshot.ids(answered.dense)))
        assert found >= (0.95 if numbers != "binary" else 0.5) * 50 * 2 * 5
