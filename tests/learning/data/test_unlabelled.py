from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from word_encoder import WordEncoder

from openaisle.learning.data.unlabelled import alone, pairs
from openaisle.learning.examples import Candidate, JudgedQuery, Labelled, Triplet

TEXTS = {"1": "red mug", "2": "blue mug", "3": "red lamp", "4": "steel bolt"}


def _search(query: str, count: int) -> Sequence[str]:
    del query
    return [*TEXTS, "gone"][:count]


def _texts(ids: Iterable[str]) -> dict[str, str]:
    return {id_: TEXTS[id_] for id_ in ids if id_ in TEXTS}


def test_pairs_that_are_judged_are_not_offered() -> None:
    known = (JudgedQuery("red mugs", (Candidate("red mug", 2, "1"),)), Triplet("red mug", "red lamp"))
    pool = pairs(["red mug", "Red mugs"], known, _search, _texts, encoder=WordEncoder(), seed=7)
    assert list(zip(pool.ids, pool.others, strict=True)) == [("2", "blue mug"), ("4", "steel bolt")]
    assert pool.vectors.shape == (2, 256)
    assert np.allclose(np.linalg.norm(pool.vectors, axis=1), 1)
    assert pool.probabilities is not None
    assert pool.probabilities[0] > pool.probabilities[1] == 0


def test_no_pairs_are_left() -> None:
    known = (JudgedQuery("q", tuple(Candidate(text, 1, id_) for id_, text in TEXTS.items())),)
    pool = pairs(["q"], known, _search, _texts, encoder=WordEncoder(), seed=7)
    assert (pool.texts, len(pool.vectors)) == ((), 0)


def test_texts_lean_to_the_class_whose_words_they_share() -> None:
    known = [Labelled("red mug", ("kitchen",)), Labelled("blue mug", ("kitchen",)), Labelled("steel bolt", ("tools",))]
    pool = alone(["green mug", "a bolt", "Mugs, red", " "], known, encoder=WordEncoder(), seed=7)
    assert sorted(pool.texts) == ["a bolt", "green mug"]
    assert pool.probabilities is not None
    leaning = dict(zip(pool.texts, pool.probabilities.argmax(axis=1).tolist(), strict=True))
    assert leaning == {"green mug": 0, "a bolt": 1}
    assert np.allclose(pool.probabilities.sum(axis=1), 1)


def test_without_labels_nothing_is_thought_of_texts() -> None:
    assert alone(["a", "b"], [], encoder=WordEncoder(), seed=7).probabilities is None
    assert alone(["a"], [Labelled("b", ("one",))], encoder=WordEncoder(), seed=7).probabilities is None
