"""The top of a ranking in the order that suits the shopper who asks, as far as that is a matter of taste.

The profile adds one more named part to the score: between 0 and what the shop allows, half of it for a product of
which the profile says nothing. It never overrules the query. A product found by its number, a page that the shopper
sorted and a page without a query stay as they are; and a product that fits the query better in kind (its title is the
query; it has all the words of the query) stays above every one below it that does not: what the profile adds to the
latter ends where the former stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from openaisle.engines.protocol import LexicalQuery, Rows, Scores
from openaisle.profiles.facts import Facts
from openaisle.profiles.service import Profiles
from openaisle.profiles.taste import Taste
from openaisle.search.question import Question
from openaisle.search.rank import IDENTIFIER, PROFILE, Ranked
from openaisle.search.request import SearchRequest

TOP = 100
"""Products, from the best down, that the profile moves."""
MOST = 0.25
"""What a profile adds at most, at full strength; words and meaning together add about 1."""

SOME_WORDS, ALL_WORDS, WHOLE_TITLE = 0, 1, 2
"""How a product fits the query, in kind."""


@dataclass(frozen=True, slots=True)
class PersonalizeStep:
    """`strength` is from 0 to 1. Safe for many threads."""

    profiles: Profiles
    strength: float

    def applies(self, request: SearchRequest, question: Question, ranked: Ranked) -> bool:
        """Whether there is a choice left to taste. The caller knows whether the shopper sorted."""
        return (
            bool(request.shopper)
            and self.strength > 0
            and not question.intent.browses
            and len(ranked.rows) > 1
            and not (IDENTIFIER in ranked.parts and ranked.parts[IDENTIFIER].any())
        )

    def personalize(self, question: Question, ranked: Ranked, shopper: str) -> Ranked:
        """The ranking with the part `PROFILE`; the very same where nothing is known of the shopper."""
        taste = self.profiles.taste(shopper)
        if taste is None:
            return ranked
        rows = ranked.rows[:TOP]
        facts = self.profiles.products.facts(question.snapshot.ids(rows))
        evidence = self._evidence(taste, facts)
        if taste.direction is not None:
            evidence += taste.direction.evidence(question.snapshot.cosines(rows, taste.direction.vector))
        added = MOST * self.strength * (1 + np.tanh(evidence / 2)) / 2
        return reordered(ranked, added.astype(np.float32), _fits(question, rows, facts))

    def _evidence(self, taste: Taste, facts: Sequence[Facts | None]) -> NDArray[np.float64]:
        traits = self.profiles.products.background().traits
        return np.array([0.0 if each is None else taste.evidence(traits(each)) for each in facts])


def reordered(ranked: Ranked, added: Scores, fits: NDArray[np.int8]) -> Ranked:
    """The ranking with `added` (never negative) to the scores of its first rows, and those in their new order.

    Of two rows the one that fits better in kind stays above the other if it was: its score bounds the other's.
    """
    end = len(added)
    before = ranked.scores[:end]
    scores = before + added
    for fit in (WHOLE_TITLE, ALL_WORDS):
        bound = np.minimum.accumulate(np.where(fits >= fit, scores, np.float32(np.inf)))
        scores = np.where(fits < fit, np.minimum(scores, bound), scores)
    order = np.argsort(-scores, kind="stable")  # equals keep their order
    whole = np.concatenate([order, np.arange(end, len(ranked.rows))])
    part = np.zeros(len(ranked.rows), np.float32)
    part[:end] = scores - before
    parts = {**ranked.parts, PROFILE: part}
    return Ranked(
        ranked.rows[whole],
        np.concatenate([scores, ranked.scores[end:]])[whole],
        {name: each[whole] for name, each in parts.items()},
    )


def _fits(question: Question, rows: Rows, facts: Sequence[Facts | None]) -> NDArray[np.int8]:
    every = LexicalQuery(question.intent.lexical.groups, 1.0)
    full = question.snapshot.retrieve(every, None, question.filter).lexical
    fits = np.where(np.isin(rows, full), ALL_WORDS, SOME_WORDS).astype(np.int8)
    asked = question.intent.text.casefold()
    titled = [each is not None and asked in each.titles for each in facts]
    return np.where(titled, np.int8(WHOLE_TITLE), fits)
