"""What the methods propose for one context, each product once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers, located
from openaisle.recommend.protocol import Model
from openaisle.recommend.scores import Best, Scores, Values

PER_METHOD = 40
"""Products that each method proposes, unless more are asked for. (On yoochoose's validation part 60 put no more right
answers among the first 20.)"""
UNRANKED = 3 * PER_METHOD
"""The rank of a product among what a method did not propose."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What each method has to say for one context, and the best that it would propose."""

    scores: Mapping[str, Scores]
    best: Mapping[str, Best]


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


def ask(context: Context, methods: Mapping[str, Model], count: int = PER_METHOD) -> Answers:
    """Every method, once, for its best `count`."""
    scores = {name: method.scores(context) for name, method in methods.items()}
    return Answers(scores, {name: each.best(count) for name, each in scores.items()})


def propose(answers: Answers, proposing: Collection[str], extra: Numbers) -> Proposals:
    """The best of the methods that are `proposing`, and `extra`; all methods then tell what they say of each."""
    best = answers.best
    parts = [each.products[each.scores > 0] for name, each in best.items() if name in proposing]
    products = np.unique(np.concatenate([extra, *parts])).astype(np.int32)
    ranks = _ranks(products, [each.products for each in best.values()])
    said = {
        name: Said(scores.of(products) / _scale(best[name]), rank)
        for (name, scores), rank in zip(answers.scores.items(), ranks, strict=True)
    }
    return Proposals(products, said)


def _scale(best: Best) -> np.float32:
    """The best score of a method, 1 where it has none."""
    return np.float32(best.scores[0] if len(best.scores) and best.scores[0] > 0 else 1)


def _ranks(products: Numbers, best: Sequence[Numbers]) -> Values:
    """(methods, products)"""
    ranks = np.full((len(best), len(products)), UNRANKED, np.float32)
    if len(products) == 0 or not best:
        return ranks
    wanted = np.concatenate(best)
    method = np.repeat(np.arange(len(best)), [len(each) for each in best])
    rank = np.concatenate([np.arange(1, len(each) + 1) for each in best])
    places, found = located(wanted, products)
    ranks[method[found], places[found]] = rank[found]
    return ranks
