"""What the library implicit makes of the same split with its own classes: as it is meant to be used, a user a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from openaisle.recommend.context import Context
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.measuring import DEPTH, Measured, row_of
from openaisle.recommend.methods.als import users
from openaisle.recommend.splits import Case


def implicit_methods(train: Interactions, cases: Sequence[Case]) -> Mapping[str, Measured]:
    from implicit.cpu.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

    models: dict[str, Callable[[], Any]] = {
        "implicit cosine": lambda: CosineRecommender(K=100, num_threads=1),
        "implicit tfidf": lambda: TFIDFRecommender(K=100, num_threads=1),
        "implicit bm25": lambda: BM25Recommender(K=100, num_threads=1),
        "implicit als": lambda: AlternatingLeastSquares(factors=64, alpha=4.0, num_threads=1, random_state=17),
    }
    owner = users(train)
    matrix = csr_matrix((train.weight, (owner, train.product)), shape=(int(owner.max()) + 1, len(train.products)))
    return {name: _asked(make(), matrix, cases) for name, make in models.items()}


def _asked(model: Any, matrix: csr_matrix, cases: Sequence[Case]) -> Measured:
    """A question is a user unknown until now, with a row of what was done so far; the library drops repeats unless
    told not to, and here what was opened may be opened again."""
    model.fit(matrix, show_progress=False)
    rows = []
    for case in cases:
        user = _row(case.context, matrix.shape[1])
        best, _ = model.recommend(0, user, N=DEPTH, filter_already_liked_items=False, recalculate_user=True)
        rows.append(row_of(best, case.targets))
    hit, reciprocal, recall = np.array(rows).T
    return Measured(hit, reciprocal, recall, np.array([case.unit for case in cases]))


def _row(context: Context, products: int) -> csr_matrix:
    done = np.concatenate((context.history.product, context.trail))
    weight = np.concatenate((context.history.weight, np.ones(len(context.trail), np.float32)))
    return csr_matrix((weight, (np.zeros(len(done), int), done)), shape=(1, products))
