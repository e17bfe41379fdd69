"""What the methods propose for one context, each product once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers
from openaisle.recommend.protocol import Model
from openaisle.recommend.scores import Scores, Values

PER_METHOD = 60
"""Products that each method may propose."""
UNRANKED = 2 * PER_METHOD
"""The rank of a product among what a method did not propose."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one method says of the proposals: its scores, as parts of its best one, and its ranks from 1."""

    scores: Values
    ranks: Values


@dataclass(frozen=True, slots=True)
class Proposals:
    """`products` in ascending order."""

    products: Numbers
    said: Mapping[str, Said]

    def __len__(self) -> int:
        return len(self.products)


def propose(context: Context, methods: Mapping[str, Model], proposing: Collection[str], extra: Numbers) -> Proposals:
    """The best of the methods that are `proposing`, and `extra`; all methods then tell what they say of each."""
    answers: dict[str, Scores] = {name: method.scores(context) for name, method in methods.items()}
    best = {name: answer.best(PER_METHOD) for name, answer in answers.items()}
    parts = [best[name].products[best[name].scores > 0] for name in answers if name in proposing]
    products = np.unique(np.concatenate([extra, *parts])).astype(np.int32)
    said = {}
    for name, answer in answers.items():
        top = best[name]
        scale = float(top.scores[0]) if len(top.scores) and top.scores[0] > 0 else 1.0
        said[name] = Said(answer.of(products) / np.float32(scale), _ranks(products, top.products))
    return Proposals(products, said)


def _ranks(products: Numbers, best: Numbers) -> Values:
    ranks = np.full(len(products), UNRANKED, np.float32)
    if len(products) == 0:
        return ranks
    places = np.minimum(np.searchsorted(products, best), len(products) - 1)
    found = products[places] == best
    ranks[places[found]] = np.flatnonzero(found) + 1
    return ranks
