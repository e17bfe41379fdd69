"""What must never be a negative of a query: its answers, what says the same, and all variants of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from openaisle.learning.data.keys import canonical
from openaisle.learning.data.negatives.corpus import Corpus
from openaisle.learning.examples import Example, JudgedQuery, Triplet


class Known:
    """The places of a corpus that each query rules out, over all examples that ask the same."""

    def __init__(self, examples: Iterable[Example], corpus: Corpus) -> None:
        members: dict[str, list[int]] = defaultdict(list)
        for place, group in enumerate(corpus.groups):
            members[group].append(place)
        self._ruled_out: dict[str, set[int]] = defaultdict(set)
        for example in examples:
            query, answers, judged = _stated(example)
            places = {place for text in judged for place in corpus.saying(text)}
            answering = {corpus.groups[place] for text in answers for place in corpus.saying(text)}
            places.update(place for group in answering for place in members[group])
            self._ruled_out[canonical(query)] |= places

    def of(self, query: str) -> set[int]:
        return self._ruled_out.get(canonical(query), set())


def _stated(example: Example) -> tuple[str, list[str], list[str]]:
    """The query, the texts that answer it, and all texts of which it is known whether they do."""
    match example:
        case JudgedQuery():
            answers = [candidate.text for candidate in example.candidates if candidate.gain > 0]
            return example.query, answers, [candidate.text for candidate in example.candidates]
        case Triplet():
            return example.anchor, [example.positive], [example.anchor, example.positive, *example.negatives]
        case _:
            return "", [], []
