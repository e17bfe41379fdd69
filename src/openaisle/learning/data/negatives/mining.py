"""Negatives for queries: the model's and the word search's best texts that are no answer, then random ones.

What the model puts nearly as near to the query as its answer may well be an answer that nobody marked, and is left out:
the positive-aware threshold of Moreira et al. 2024, "NV-Retriever: Improving text embedding models with effective
hard-negative mining" (there, too, 95 % of the positive's score does best).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest

import numpy as np

from openaisle.learning.data.negatives.corpus import Corpus
from openaisle.learning.data.negatives.known import Known
from openaisle.learning.data.negatives.neighbours import Neighbours, Progress, nearest
from openaisle.learning.examples import Candidate, Example, JudgedQuery, Triplet
from openaisle.models.protocol import Encoder, Vectors

Lexical = Callable[[str, int], Sequence[str]]
"""Query and how many → ids of products by words, best first."""
Minable = Triplet | JudgedQuery

_QUERIES = 64
"""Queries whose similarities to all texts are held at once."""
_DEPTH_FOR_EACH = 10
_LEAST_DEPTH = 30
_RANDOM_TRIES = 20


@dataclass(frozen=True, slots=True)
class Mining:
    """How many negatives for each example, and who finds them; without encoder and lexical search all are random.

    `margin` times the answer's own score is the highest score of a negative.
    """

    count: int
    margin: float = 0.95
    seed: int = 7
    encoder: Encoder | None = None
    lexical: Lexical | None = None
    by_model: bool = True
    """Whether the encoder finds negatives; if not it only filters those that words found."""
    positive_from: float = 0.5
    """Gain from which a judged text counts as an answer."""

    @property
    def depth(self) -> int:
        return max(_LEAST_DEPTH, _DEPTH_FOR_EACH * self.count)


def mined(
    examples: Sequence[Example], corpus: Corpus, mining: Mining, tell: Progress, known_from: Sequence[Example] = ()
) -> tuple[Example, ...]:
    """The examples with up to `mining.count` negatives added to each, in their order.

    A query's answers, texts that say the same, variants of its answers and what is judged already are never among them;
    `known_from` are further examples (other splits) whose answers count too. Examples without a query (labelled texts)
    come back as they are. Deterministic by seed: a query's random negatives depend on it and the corpus alone.
    """
    minable = [example for example in examples if isinstance(example, Minable)]
    if not mining.count or not len(corpus) or len(minable) < len(examples):
        return tuple(examples)
    known = Known((*minable, *known_from), corpus)
    neighbours = Neighbours(mining.encoder, corpus.texts, tell) if mining.encoder else None
    found: list[Example] = []
    for start in range(0, len(minable), _QUERIES):
        found += _batch(minable[start : start + _QUERIES], corpus, mining, known, neighbours)
        tell("mining", len(found), len(examples))
    return tuple(found)


def _batch(
    examples: Sequence[Minable], corpus: Corpus, mining: Mining, known: Known, neighbours: Neighbours | None
) -> Iterator[Minable]:
    queries = [_query(example) for example in examples]
    answers = [_answers(example, mining.positive_from) for example in examples]
    scores = None if neighbours is None else _Scores.of(queries, answers, neighbours)
    for row, (example, query) in enumerate(zip(examples, queries, strict=True)):
        dense = () if scores is None or not mining.by_model else scores.nearest(row, mining.depth)
        hard = _in_turn(dense, _by_words(query, corpus, mining))
        ruled_out = known.of(query)
        fit = (
            place
            for place in chain(hard, _at_random(query, corpus, mining))
            if place not in ruled_out and (scores is None or scores.is_negative(row, place, mining.margin))
        )
        yield _with_negatives(example, corpus, _distinct(fit, corpus, mining.count))


@dataclass(frozen=True, slots=True)
class _Scores:
    """Cosines of a batch: (queries, texts) to the corpus, (queries,) to each one's own answers, on the average."""

    corpus: Vectors
    answers: Vectors

    @classmethod
    def of(cls, queries: Sequence[str], answers: Sequence[Sequence[str]], neighbours: Neighbours) -> _Scores:
        vectors = neighbours.encoder.encode_queries(queries)
        encoded = neighbours.vectors_of(dict.fromkeys(chain.from_iterable(answers)))
        own = np.full(len(queries), np.inf, np.float32)  # without an answer nothing is too near
        for row, texts in enumerate(answers):
            if texts:
                own[row] = np.mean([encoded[text] @ vectors[row] for text in texts])
        return cls(neighbours.similarities(vectors), own)

    def nearest(self, row: int, depth: int) -> list[int]:
        return [int(place) for place in nearest(self.corpus[row : row + 1], depth)[0]]

    def is_negative(self, row: int, place: int, margin: float) -> bool:
        return bool(self.corpus[row, place] <= margin * self.answers[row])


def _by_words(query: str, corpus: Corpus, mining: Mining) -> list[int]:
    if mining.lexical is None:
        return []
    places = map(corpus.place, mining.lexical(query, mining.depth))
    return [place for place in places if place is not None]


def _in_turn(left: Sequence[int], right: Sequence[int]) -> Iterator[int]:
    """The first of each, the second of each, and so on, every place once."""
    taken = chain.from_iterable(zip_longest(left, right))
    return iter(dict.fromkeys(place for place in taken if place is not None))


def _at_random(query: str, corpus: Corpus, mining: Mining) -> Iterator[int]:
    """Places drawn by the query and the seed; few tries suffice unless nearly everything is ruled out."""
    draw = random.Random(f"negatives {mining.seed} {query}")
    return (draw.randrange(len(corpus)) for _ in range(mining.count * _RANDOM_TRIES))


def _distinct(places: Iterable[int], corpus: Corpus, count: int) -> list[int]:
    """The first `count` places whose texts differ."""
    chosen: dict[str, int] = {}
    for place in places:
        chosen.setdefault(corpus.texts[place], place)
        if len(chosen) == count:
            break
    return list(chosen.values())


def _query(example: Minable) -> str:
    return example.anchor if isinstance(example, Triplet) else example.query


def _answers(example: Minable, positive_from: float) -> list[str]:
    if isinstance(example, Triplet):
        return [example.positive]
    return [candidate.text for candidate in example.candidates if candidate.gain >= positive_from]


def _with_negatives(example: Minable, corpus: Corpus, places: Sequence[int]) -> Minable:
    if isinstance(example, Triplet):
        return replace(example, negatives=(*example.negatives, *(corpus.texts[place] for place in places)))
    added = tuple(Candidate(corpus.texts[place], 0.0, corpus.ids[place]) for place in places)
    return replace(example, candidates=(*example.candidates, *added))
