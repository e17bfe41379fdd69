"""From ranked proposals to the products of a placement, in the order they are shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.recommend.blend.knowledge import Knowledge
from openaisle.recommend.blend.proposals import Proposals
from openaisle.recommend.context import Context
from openaisle.recommend.ids import Numbers
from openaisle.recommend.methods.content import ContentModel
from openaisle.recommend.placements import Placement
from openaisle.recommend.rules.allowing import allowed, beside
from openaisle.recommend.rules.diversity import diverse, likeness_of
from openaisle.recommend.rules.price_band import outside
from openaisle.recommend.scores import Values

_LOOKED_AT = 4
"""Times the places to fill: how far down diversity may reach."""

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Arranged:
    """`rows` of the proposals as they are shown; `lost` is what each lost to diversity (0 or less)."""

    rows: Rows
    lost: Values


@dataclass(frozen=True, slots=True)
class Ranked:
    """Proposals with their scores, and what they were ranked for."""

    proposals: Proposals
    scores: Values
    context: Context
    knowledge: Knowledge

    @property
    def products(self) -> Numbers:
        return self.proposals.products


def arrange(ranked: Ranked, placement: Placement, count: int) -> Arranged:
    """At most `count` of the proposals, by score, within the rules of the placement."""
    products, context, knowledge = ranked.products, ranked.context, ranked.knowledge
    rows = np.flatnonzero(allowed(products, context, knowledge, placement))
    far = outside(products, context, knowledge.shelf, placement.band)
    far |= beside(products, context, knowledge, placement.category)
    rows = rows[np.lexsort((products[rows], -ranked.scores[rows], far[rows]))]
    rows = _one_a_group(rows, products, knowledge)
    near, behind = rows[~far[rows]], rows[far[rows]]
    first = _diversified(ranked, near, placement.diversity, count)
    second = _diversified(ranked, behind, placement.diversity, count - len(first.rows))
    both = Arranged(np.concatenate((first.rows, second.rows)), np.concatenate((first.lost, second.lost)))
    return _with_newcomers(ranked, both, near, placement.newcomers, count)


def _one_a_group(rows: Rows, products: Numbers, knowledge: Knowledge) -> Rows:
    """The best of the variants that belong together."""
    _, first = np.unique(knowledge.shelf.group[products[rows]], return_index=True)
    return rows[np.sort(first)]


def _diversified(ranked: Ranked, rows: Rows, strength: float, count: int) -> Arranged:
    """The first `count` of `rows`, which are in order of score."""
    rows = rows[: max(0, count) * _LOOKED_AT]
    if len(rows) == 0:
        return Arranged(rows, np.empty(0, np.float32))
    products = ranked.products[rows]
    content = ranked.knowledge.methods.get("content")
    vectors = content.vectors(products) if isinstance(content, ContentModel) else None
    likeness = likeness_of(products, vectors, ranked.knowledge.shelf)
    order, lost = diverse(ranked.scores[rows], likeness, strength, max(0, count))
    return Arranged(rows[order], lost)


def _with_newcomers(ranked: Ranked, arranged: Arranged, rows: Rows, every: int, count: int) -> Arranged:
    """One of `every` places goes to a product that nobody has seen, those nearest by content first, where fewer of
    them got in by themselves."""
    if every == 0 or "content" not in ranked.proposals.said:
        return arranged
    unseen = ranked.knowledge.frequencies(ranked.products) == 0
    wanted = count // every - int(unseen[arranged.rows].sum())
    if wanted <= 0:
        return arranged
    liked = ranked.proposals.said["content"].scores
    waits = unseen & (liked > 0)
    waits[arranged.rows] = False
    waiting = rows[waits[rows]]
    chosen = waiting[np.argsort(-liked[waiting], kind="stable")][:wanted]
    kept = count - len(chosen)
    return Arranged(
        np.concatenate((arranged.rows[:kept], chosen)),
        np.concatenate((arranged.lost[:kept], np.zeros(len(chosen), np.float32))),
    )
