"""Examples of matching as judged lists: as a batch to learn from, and as what a split is measured on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from openaisle.errors import DataError
from openaisle.learning.examples import Candidate, Example, JudgedQuery, Scored, Triplet

Gains = Mapping[str, float]
"""Text → gain."""


@dataclass(frozen=True, slots=True)
class Lists:
    """n distinct queries, D distinct documents; `place` int64 (n, m) with -1 where a list is shorter, `gains` float32
    (n, m) between 0 and 1."""

    queries: tuple[str, ...]
    documents: tuple[str, ...]
    place: Tensor
    gains: Tensor


def candidates(example: Example) -> tuple[str, tuple[Candidate, ...]]:
    """The query of an example with its judged texts. Raises `DataError` for a kind that has none."""
    match example:
        case JudgedQuery():
            return example.query, example.candidates
        case Triplet():
            negatives = (Candidate(text, 0.0) for text in example.negatives)
            return example.anchor, (Candidate(example.positive, 1.0), *negatives)
        case Scored():
            return example.left, (Candidate(example.right, example.score),)
    raise DataError(
        f"A {type(example).__name__} has no query and texts, which matching and re-ranking learn from.",
        "Choose a source of judgments or pairs under [data], or another task.",
    )


def highest_gain(examples: Sequence[Example]) -> float:
    """What gains are divided by, so that a full answer counts 1; at least 1. Raises `DataError` without examples or
    where nothing answers anything."""
    highest = max((each.gain for example in examples for each in candidates(example)[1]), default=0.0)
    if highest <= 0:
        raise DataError(
            "There is no query that any text answers, so there is nothing to learn.",
            "Give judgments with gains above 0.",
        )
    return max(1.0, highest)


def require_contrast(examples: Sequence[Example], loss: str) -> None:
    """Raises `DataError` where no query has texts of different gains, for a loss that compares just those."""
    if not any(len({each.gain for each in candidates(example)[1]}) > 1 for example in examples):
        raise DataError(
            f"The loss {loss} compares the texts of one query, and no query has two of different gains.",
            "Set negatives under [data] above 0, or train.loss to multiple_negatives.",
        )


def lists(examples: Sequence[Example], highest: float, longest: int) -> Lists:
    """A batch. Examples of the same query become one list, a text judged twice keeps its higher gain; of a list longer
    than `longest`, that many are drawn with PyTorch's generator, answers making up half if there are as many."""
    judged = {query: _drawn(gains, longest) for query, gains in _merged(examples).items()}
    if not judged:
        raise DataError("A batch has no judged text at all.", "Take out queries without any judged text.")
    documents = {
        text: number for number, text in enumerate(dict.fromkeys(text for one in judged.values() for text in one))
    }
    width = max(map(len, judged.values()))
    place = torch.full((len(judged), width), -1)
    gains = torch.zeros(len(judged), width)
    for row, one in enumerate(judged.values()):
        place[row, : len(one)] = torch.tensor([documents[text] for text in one])
        gains[row, : len(one)] = torch.tensor(list(one.values())) / highest
    return Lists(tuple(judged), tuple(documents), place, gains)


def _merged(examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    merged: dict[str, dict[str, float]] = {}
    for example in examples:
        query, judged = candidates(example)
        gains = merged.setdefault(query, {})
        for candidate in judged:
            gains[candidate.text] = max(candidate.gain, gains.get(candidate.text, candidate.gain))
    return {query: gains for query, gains in merged.items() if gains}


def _drawn(gains: Gains, longest: int) -> Gains:
    if len(gains) <= longest:
        return gains
    texts = list(gains)
    shuffled = [texts[position] for position in torch.randperm(len(texts)).tolist()]
    answers = [text for text in shuffled if gains[text] > 0]
    others = [text for text in shuffled if gains[text] <= 0]
    half = max(longest // 2, longest - len(others))
    chosen = answers[:half]
    return {text: gains[text] for text in (*chosen, *others[: longest - len(chosen)])}


def measured(examples: Sequence[Example], pool: int) -> list[JudgedQuery]:
    """What a split is measured on, one list an example.

    Where no example has a text that does not answer, ranking would be no feat: each is then given the texts of the
    examples that follow it, up to `pool`, but those that are known to answer its query.
    """
    judged = [JudgedQuery(*candidates(example)) for example in examples]
    if any(each.gain <= 0 for one in judged for each in one.candidates):
        return judged
    answers: dict[str, set[str]] = {}
    for one in judged:
        answers.setdefault(one.query, set()).update(each.text for each in one.candidates)
    texts = [each.text for one in judged for each in one.candidates]
    starts = _starts(judged)
    return [_among(one, texts, start, pool, answers[one.query]) for one, start in zip(judged, starts, strict=True)]


def _starts(judged: Sequence[JudgedQuery]) -> list[int]:
    starts, total = [], 0
    for one in judged:
        starts.append(total)
        total += len(one.candidates)
    return starts


def _among(one: JudgedQuery, texts: Sequence[str], start: int, pool: int, answers: set[str]) -> JudgedQuery:
    following = (texts[(start + step) % len(texts)] for step in range(min(len(texts), 2 * pool)))
    others = dict.fromkeys(text for text in following if text not in answers)
    return JudgedQuery(one.query, (*one.candidates, *(Candidate(text, 0.0) for text in list(others)[:pool])))
