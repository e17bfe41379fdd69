"""One call, from a context to explained products: propose, rank, arrange, explain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from openaisle.recommend.blend.proposals import PER_METHOD, Answers, ask, propose
from openaisle.recommend.blend.ranker import Parts
from openaisle.recommend.context import Context
from openaisle.recommend.learnt import Learnt
from openaisle.recommend.placements import FILLING, Placement
from openaisle.recommend.reasons import Why, whys
from openaisle.recommend.rules.arranging import Arranged, Ranked, arrange

DIVERSITY = "diversity"
"""The part of a score that was lost for being like what stands before."""


@dataclass(frozen=True, slots=True)
class Picked:
    """A product by its number; `parts` add up to `score`."""

    product: int
    score: float
    parts: Mapping[str, float]
    why: Why


def picked(context: Context, learnt: Learnt, placement: Placement, count: int) -> list[Picked]:
    """At most `count` products for a placement, the best first; fewer where no more may be shown."""
    answers = ask(context, learnt.knowledge.methods, max(PER_METHOD, 2 * count))
    asked = Asked(context, learnt, answers, placement)
    chosen = _picked(asked, placement.proposing, count)
    if len(chosen) >= count:
        return chosen
    known = {each.product for each in chosen}
    filling = _picked(asked, FILLING, count + len(chosen))
    return [*chosen, *(each for each in filling if each.product not in known)][:count]


@dataclass(frozen=True, slots=True)
class Asked:
    """A call on its way, with what every method answered."""

    context: Context
    learnt: Learnt
    answers: Answers
    placement: Placement


def _picked(asked: Asked, proposing: tuple[str, ...], count: int) -> list[Picked]:
    context, knowledge, placement = asked.context, asked.learnt.knowledge, asked.placement
    proposals = propose(asked.answers, proposing, context.trail if placement.opened else context.trail[:0])
    if len(proposals) == 0:
        return []
    ranking = asked.learnt.ranker.ranking(context, proposals, knowledge)
    ranked = Ranked(proposals, ranking.scores, context, knowledge)
    arranged = arrange(ranked, placement, count)
    return _explained(ranked, arranged, ranking.parts(arranged.rows))


def _explained(ranked: Ranked, arranged: Arranged, parts: Parts) -> list[Picked]:
    shares = []
    for place, lost in enumerate(arranged.lost):
        own = {name: float(values[place]) for name, values in parts.items() if values[place] != 0}
        shares.append(own | {DIVERSITY: float(lost)} if lost else own)
    products = ranked.products[arranged.rows]
    reasons = whys(products, shares, ranked.context, ranked.knowledge)
    return [
        Picked(product, sum(own.values()), own, why)
        for product, own, why in zip(products.tolist(), shares, reasons, strict=True)
    ]
