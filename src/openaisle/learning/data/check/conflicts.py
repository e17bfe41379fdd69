"""The same text with different answers: one of them is wrong, and no model can learn both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator

from openaisle.learning.data.check.findings import Finding, Level, some
from openaisle.learning.data.check.texts import every_example
from openaisle.learning.data.keys import canonical
from openaisle.learning.examples import DataSet, Example, JudgedQuery, Labelled, Scored, Tagged, Triplet

_FAR_APART = 0.5
"""Scores of one pair that differ by more contradict each other; judges differ a little."""

Stated = tuple[str, str, Hashable]
"""What is spoken of (as its key and as it is written) and what is said of it."""


def conflicts(data: DataSet) -> Iterator[Finding]:
    """Texts labelled, tagged or judged in two ways, and texts that are an answer and a negative of one query."""
    stated = [each for example in every_example(data) for each in _stated(example)]
    found = [*_contradicted(stated), *_both_ways(data)]
    if found:
        yield Finding(
            Level.WARNING,
            "conflicting_labels",
            f"{len(found):,} texts have answers that contradict each other.",
            len(found),
            some(found),
            "Decide on one answer for each and drop the others.",
        )


def _stated(example: Example) -> Iterator[Stated]:
    match example:
        case Labelled():
            yield canonical(example.text), example.text, frozenset(example.labels)
        case Tagged():
            yield example.text, example.text, example.spans
        case Scored():
            yield f"{example.left}\0{example.right}", f"{example.left} / {example.right}", example.score > _FAR_APART
        case JudgedQuery():
            query = canonical(example.query)
            for candidate in example.candidates:
                name = candidate.product_id or candidate.text
                yield f"{query}\0{name}", f"{example.query} / {candidate.text}", candidate.gain > 0
        case _:
            return


def _contradicted(stated: Iterable[Stated]) -> list[str]:
    said: dict[str, set[Hashable]] = defaultdict(set)
    written: dict[str, str] = {}
    for key, text, answer in stated:
        said[key].add(answer)
        written.setdefault(key, text)
    return [written[key] for key, answers in said.items() if len(answers) > 1]


def _both_ways(data: DataSet) -> list[str]:
    triplets = [example for example in every_example(data) if isinstance(example, Triplet)]
    answers: dict[str, set[str]] = defaultdict(set)
    for triplet in triplets:
        answers[canonical(triplet.anchor)].add(canonical(triplet.positive))
    return [
        f"{triplet.anchor} / {negative}"
        for triplet in triplets
        for negative in triplet.negatives
        if canonical(negative) in answers[canonical(triplet.anchor)]
    ]
