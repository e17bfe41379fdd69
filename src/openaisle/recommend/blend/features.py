"""The numbers that the blend ranks a proposal by, each belonging to one named part of the score."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.proposals import Proposals
from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers, entries, located
from openaisle.recommend.scores import Values

_DAY_MS = 86_400_000.0
_FAR = 99.0
"""Steps or days back of what never was."""

Column = NDArray[Any]
_Of = Callable[[Context, Proposals, Knowledge], Column | float]


@dataclass(frozen=True, slots=True)
class Feature:
    """`part` is the name under which its share of the score is told."""

    name: str
    part: str
    of: _Of


def features(methods: Iterable[str]) -> tuple[Feature, ...]:
    """Two of each method, then those of product, shopper and moment."""
    said = [feature for name in methods for feature in (_score(name), _rank(name))]
    return (*said, *_SIMPLE)


def table(context: Context, proposals: Proposals, knowledge: Knowledge, chosen: Sequence[Feature]) -> Values:
    """(proposals, features) float32."""
    rows = np.empty((len(proposals), len(chosen)), np.float32)
    for column, feature in enumerate(chosen):
        rows[:, column] = feature.of(context, proposals, knowledge)
    return rows


def _score(name: str) -> Feature:
    return Feature(name, name, lambda context, proposals, knowledge: proposals.said[name].scores)


def _rank(name: str) -> Feature:
    return Feature(f"{name}_rank", name, lambda context, proposals, knowledge: proposals.said[name].ranks)


def _frequency(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    return np.log1p(knowledge.frequencies(proposals.products))


def _reopening(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    return entries(knowledge.repeats.opened, proposals.products, 0)


def _rebuying(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    return entries(knowledge.repeats.bought, proposals.products, 0)


def _steps_back(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    """How many steps of the trail ago it was last opened; the newest is 0."""
    trail = context.trail
    steps = np.full(len(proposals), _FAR)
    for step, product in reversed(list(enumerate(trail[::-1].tolist()))):
        place = np.searchsorted(proposals.products, product)
        if place < len(proposals) and proposals.products[place] == product:
            steps[place] = step
    return steps


def _times_opened(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    return _counts(proposals.products, context.trail)


def _times_before(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    return _counts(proposals.products, context.history.product)


def _times_bought(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    return _counts(proposals.products, context.history.product[context.history.bought])


def _days_since(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    """Days since it was last in the shopper's history."""
    days = np.full(len(proposals), _FAR)
    places, found = located(context.history.product, proposals.products)
    # the history is oldest first, so the newest of a product is written last
    days[places[found]] = (context.time - context.history.time[found]) / _DAY_MS
    return days


def _length(context: Context, proposals: Proposals, knowledge: Knowledge) -> float:
    return float(len(context.trail))


def _past(context: Context, proposals: Proposals, knowledge: Knowledge) -> float:
    return float(len(context.history.product))


def _returning(context: Context, proposals: Proposals, knowledge: Knowledge) -> float:
    """Share of the last steps that went back to a product that was open already."""
    trail = context.trail[-5:].tolist()
    return 1 - len(set(trail)) / len(trail) if trail else 0.0


def _same_category(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    return _shared(context, proposals, knowledge, knowledge.shelf.category)


def _same_branch(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    return _shared(context, proposals, knowledge, knowledge.shelf.branch)


def _shared(context: Context, proposals: Proposals, knowledge: Knowledge, column: Numbers) -> Column:
    """Share of the last five products that have this category; NaN where none states any."""
    theirs = entries(column, context.remembered[-5:], -1)
    theirs = theirs[theirs >= 0]
    if len(theirs) == 0:
        return np.full(len(proposals), np.nan)
    shares: Column = (entries(column, proposals.products, -1)[:, None] == theirs[None, :]).mean(axis=1)
    return shares


def _price_ratio(context: Context, proposals: Proposals, knowledge: Knowledge) -> Column:
    """Logarithm of its price over the geometric mean of the last five; NaN where a price is missing."""
    theirs = entries(knowledge.shelf.price, context.remembered[-5:], np.nan)
    theirs = theirs[theirs > 0]
    prices = entries(knowledge.shelf.price, proposals.products, np.nan)
    if len(theirs) == 0:
        return np.full(len(proposals), np.nan)
    ratios: Column = np.log(np.where(prices > 0, prices, np.nan)) - np.log(theirs).mean()
    return ratios


def _counts(products: Numbers, among: Numbers) -> Column:
    places, found = located(among, products)
    return np.bincount(places[found], minlength=len(products))


_SIMPLE = (
    Feature("frequency", "popularity", _frequency),
    Feature("reopening", "habit", _reopening),
    Feature("rebuying", "habit", _rebuying),
    Feature("steps_back", "session", _steps_back),
    Feature("times_opened", "session", _times_opened),
    Feature("times_before", "history", _times_before),
    Feature("times_bought", "history", _times_bought),
    Feature("days_since", "history", _days_since),
    Feature("length", "session", _length),
    Feature("past", "history", _past),
    Feature("returning", "session", _returning),
    Feature("same_category", "category", _same_category),
    Feature("same_branch", "category", _same_branch),
    Feature("price_ratio", "price", _price_ratio),
)
