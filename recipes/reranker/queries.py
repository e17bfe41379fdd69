"""Queries as shoppers type them, and how well an article answers one."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recipes.reranker.articles import Article, Fact, named
from recipes.reranker.kinds import Kinds

Language = Literal["en", "zh"]

_OF_A_PART = 0.2
"""What counts a case for the goods that were asked for, the goods for whose case was asked, or another part of them."""
_UNSAID = 0.3
"""What a fact counts that was asked for and of which the article says nothing; one that it contradicts counts 0."""
_KIND_ALONE = 0.5
"""Share of the gain that the right kind has by itself, where facts are asked for too."""
_PEOPLE = ("audience", "gender")


@dataclass(frozen=True, slots=True)
class Query:
    """Goods of a kind, or a `part` of them as in `Article`, with facts."""

    kind: int
    asked: tuple[Fact, ...]
    part: int | None = None


def gain(query: Query, article: Article, kinds: Kinds) -> float:
    """From 0 to 1, two decimals."""
    goods = kinds.alike(query.kind, article.kind) * (1.0 if article.part == query.part else _OF_A_PART)
    if article.kind != query.kind:
        goods *= 0.6  # near by the starter, yet another name
    if not query.asked:
        return round(goods, 2)
    fit = sum(_fit(fact, article) for fact in query.asked) / len(query.asked)
    return round(goods * (_KIND_ALONE + (1 - _KIND_ALONE) * fit), 2)


def _fit(fact: Fact, article: Article) -> float:
    if fact in article.facts:
        return 1.0
    return 0.0 if any(each.slot == fact.slot for each in article.facts) else _UNSAID


def text(draw: random.Random, query: Query, kinds: Kinds, language: Language) -> str:
    return _english(draw, query, kinds) if language == "en" else _chinese(draw, query, kinds)


def _english(draw: random.Random, query: Query, kinds: Kinds) -> str:
    before = [fact.en for fact in query.asked if not _comes_after(fact)]
    after = [f"for {fact.en}" if fact.slot in _PEOPLE else fact.en for fact in query.asked if _comes_after(fact)]
    draw.shuffle(before)
    if after and draw.random() < 0.4:
        before, after = [*(each.removeprefix("for ") for each in after), *before], []
    name = named(kinds, query.kind, query.part)[0]
    written = " ".join([*before, name, *after])
    return draw.choice((written.lower(), written.lower(), written))


def _chinese(draw: random.Random, query: Query, kinds: Kinds) -> str:
    words = [_shortened(draw, fact) for fact in query.asked]
    draw.shuffle(words)
    name = named(kinds, query.kind, query.part)[1]
    return draw.choice(("".join([*words, name]), "".join([*words, name]), " ".join([*words, name]), _last(name, words)))


def _last(name: str, words: Sequence[str]) -> str:
    return " ".join([name, *words])


def _shortened(draw: random.Random, fact: Fact) -> str:
    if fact.slot == "colour" and len(fact.zh) > 2 and draw.random() < 0.2:
        return fact.zh.removesuffix("色")
    return fact.zh


def _comes_after(fact: Fact) -> bool:
    return fact.slot in _PEOPLE or any(letter.isdigit() for letter in fact.en)
