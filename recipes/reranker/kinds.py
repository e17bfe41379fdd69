"""Kinds of goods in both languages, and how near they are to one another: by the starter, and by shared words."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from recipes.student.texts import Pair, dictionary

from openaisle.models.open import open_encoder
from openaisle.sample.source import load_store

KINDS = 6_000
"""Kinds in all: the sample store's, and those words of the dictionary that are nearest to one of them."""
NEIGHBOURS = 24
_UNRELATED, _SAME = 0.30, 0.85
"""Mean cosine of two names in both languages, by the starter: what says nothing, and what means the same goods."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Kinds:
    """`en` and `zh` name each kind; the vectors, (kinds, 384) of unit length, are the starter's of those names."""

    en: tuple[str, ...]
    zh: tuple[str, ...]
    english: Vectors
    chinese: Vectors
    of_store: int
    """How many of them, the first, are the sample store's."""

    def __len__(self) -> int:
        return len(self.en)

    def alike(self, one: int, other: int) -> float:
        """From 0, other goods, to 1, the same ones by another name."""
        if one == other:
            return 1.0
        cosine = (self.english[one] @ self.english[other] + self.chinese[one] @ self.chinese[other]) / 2
        return float(np.clip((cosine - _UNRELATED) / (_SAME - _UNRELATED), 0, 1))

    def neighbour(self, draw: random.Random, kind: int) -> int:
        """One of the nearest kinds by the starter, nearer ones more often."""
        nearest = self._nearest[kind]
        return int(nearest[min(draw.randrange(len(nearest)), draw.randrange(len(nearest)))])

    def namesake(self, draw: random.Random, kind: int) -> int:
        """Another kind whose name has a word or a character in common; any kind where there is none."""
        places = [place for part in _parts(self.en[kind], self.zh[kind]) for place in self._by_part[part][:40]]
        others = [place for place in places if place != kind]
        return draw.choice(others) if others else draw.randrange(len(self))

    @cached_property
    def _nearest(self) -> NDArray[np.intp]:
        found = []
        for start in range(0, len(self), 512):
            rows = slice(start, start + 512)
            cosines = self.english[rows] @ self.english.T + self.chinese[rows] @ self.chinese.T
            cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -np.inf
            found.append(np.argsort(-cosines, axis=1)[:, :NEIGHBOURS])
        return np.concatenate(found)

    @cached_property
    def _by_part(self) -> dict[str, list[int]]:
        by_part: dict[str, list[int]] = defaultdict(list)
        for place, names in enumerate(zip(self.en, self.zh, strict=True)):
            for part in _parts(*names):
                by_part[part].append(place)
        return by_part


def read_kinds(cedict: Path, cache: Path) -> Kinds:
    """The kinds of the sample store, in its order, then the dictionary's. Their vectors are kept in `cache`."""
    goods = [Pair(kind.name.en, kind.name.zh, "kind") for one in load_store().departments for kind in one.kinds]
    known = {name for pair in goods for name in (pair.en, pair.zh)}
    words = [word for word in dictionary(cedict) if _is_name(word) and not known & {word.en, word.zh}]
    every = [*goods, *{word.zh: word for word in words}.values()]
    english, chinese = _vectors([pair.en for pair in every], [pair.zh for pair in every], cache)
    like_goods = _like(english, len(goods)) + _like(chinese, len(goods))
    chosen = [*range(len(goods)), *(len(goods) + np.argsort(-like_goods)[: KINDS - len(goods)])]
    en, zh = (tuple(getattr(every[place], language) for place in chosen) for language in ("en", "zh"))
    return Kinds(en, zh, english[chosen], chinese[chosen], len(goods))


def _vectors(english: Sequence[str], chinese: Sequence[str], cache: Path) -> tuple[Vectors, Vectors]:
    if not cache.exists():
        encoder = open_encoder("starter")
        assert encoder is not None
        vectors = {"en": encoder.encode_queries(english), "zh": encoder.encode_queries(chinese)}
        np.savez(cache, **{name: each.astype(np.float16) for name, each in vectors.items()})
    held = np.load(cache)
    return held["en"].astype(np.float32), held["zh"].astype(np.float32)


def _like(vectors: Vectors, goods: int) -> Vectors:
    """How near each word is to the nearest kind of the store."""
    nearest: Vectors = (vectors[goods:] @ vectors[:goods].T).max(axis=1)
    return nearest


def _is_name(word: Pair) -> bool:
    return 1 <= len(word.zh) <= 5 and word.en.count(" ") <= 2 and not word.en.startswith("to ") and ";" not in word.en


def _parts(en: str, zh: str) -> list[str]:
    return [*(word for word in en.lower().split() if len(word) > 2), *zh]
