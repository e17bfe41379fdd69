"""Cold start: a tenth of Online Retail's products hidden from training, to be found by their descriptions alone."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from bench.behaviour import recommend_data as data
from openaisle.evaluation.recommendations import over_units
from openaisle.models.open import EncoderOptions, open_encoder
from openaisle.recommend.context import Context
from openaisle.recommend.interactions import Interactions
from openaisle.recommend.measuring import DEPTH
from openaisle.recommend.methods.content import Content
from openaisle.recommend.methods.popular import Popular
from openaisle.recommend.protocol import Model
from openaisle.recommend.splits import Case, by_time

_HIDDEN = 0.1
_DAYS = 30
_MOST = 3000
_SEED = 17


def cold_start() -> dict[str, Any]:
    rows, titles = data.retail_rows()
    generator = np.random.default_rng(_SEED)
    hidden = generator.random(len(rows.products)) < _HIDDEN
    past, future = by_time(rows, rows.latest - _DAYS * 86_400_000)
    train = past.where(~hidden[past.product])
    encoder = open_encoder("starter", EncoderOptions(threads=1))
    assert encoder is not None
    content = Content(lambda ids: encoder.encode_documents([titles[id] for id in ids])).fit(train)
    popular = Popular().fit(train)
    cold, warm = _cases(future, hidden, generator)
    answers = {
        "content, hidden products": _hits(content, cold),
        "popular, hidden products": _hits(popular, cold),
        "popular, all other products of the same baskets": _hits(popular, warm),
        "content, all other products of the same baskets": _hits(content, warm),
        "content, among hidden products alone": _hits(content, cold, hidden),
        "any order, among hidden products alone": _chance(cold, int(hidden.sum())),
    }
    for name, estimate in answers.items():
        print(f"  {name:50} HR@20 {estimate['mean']:.4f} [{estimate['low']:.4f}, {estimate['high']:.4f}]")
    popularity = answers["popular, all other products of the same baskets"]["mean"]
    ratio = answers["content, hidden products"]["mean"] / popularity
    print(
        f"  {int(hidden.sum())} of {len(hidden)} products hidden, {len(cold)} questions, {ratio:.2f} times popularity"
    )
    return {"hidden": int(hidden.sum()), "products": len(hidden), "cases": len(cold), "ratio": ratio, **answers}


def _cases(future: Interactions, hidden: np.ndarray, generator: np.random.Generator) -> tuple[list[Case], list[Case]]:
    """A hidden product of a basket is asked for from up to ten others of it that are not hidden, and so is one that is
    not hidden: the same baskets, once for each kind."""
    cold, warm = [], []
    for basket, (start, end) in enumerate(pairwise(future.offsets.tolist())):
        products = generator.permutation(np.unique(future.product[start:end]))
        unseen, seen = products[hidden[products]], products[~hidden[products]]
        if len(unseen) == 0 or len(seen) < 3:
            continue
        context = Context(time=int(future.time[start]), session=seen[1:11].astype(np.int32))
        cold.append(Case(context, unseen[:1].astype(np.int32), basket))
        warm.append(Case(context, seen[:1].astype(np.int32), basket))
    return cold[:_MOST], warm[:_MOST]


def _hits(model: Model, cases: list[Case], among: np.ndarray | None = None) -> dict[str, float]:
    """Products of the context are no answers, so they are passed over; with `among`, so are all but these."""
    hits = []
    for case in cases:
        best = model.scores(case.context).best(10**6).products
        shown = best[~np.isin(best, case.context.session)]
        shown = shown if among is None else shown[among[shown]]
        hits.append(float(case.targets[0] in shown[:DEPTH]))
    return over_units(np.array(hits), np.array([case.unit for case in cases])).as_dict()


def _chance(cases: list[Case], products: int) -> dict[str, float]:
    """What popularity comes to where it knows none of the products."""
    return over_units(np.full(len(cases), DEPTH / products), np.array([case.unit for case in cases])).as_dict()
