from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from word_encoder import WordEncoder

from openaisle.learning.data.keys import canonical
from openaisle.learning.data.negatives.corpus import Corpus
from openaisle.learning.data.negatives.mining import Mining, mined
from openaisle.learning.data.negatives.neighbours import nearest
from openaisle.learning.examples import Candidate, JudgedQuery, Labelled, Triplet

COLOURS = ("red", "blue", "green", "black", "白", "黄")
KINDS = ("mug", "lamp", "chair", "kettle", "杯子")
TEXTS = tuple(f"{colour} {kind}" for colour in COLOURS for kind in KINDS)
GROUPS = tuple(f"group {number // 2}" for number in range(len(TEXTS)))
CORPUS = Corpus(tuple(map(str, range(len(TEXTS)))), TEXTS, GROUPS)


def _silent(stage: str, done: int, total: int | None) -> None:
    del stage, done, total


def by_words(query: str, count: int) -> Sequence[str]:
    words = set(canonical(query).split())
    ranked = sorted(range(len(TEXTS)), key=lambda place: (-len(words & set(canonical(TEXTS[place]).split())), place))
    return [str(place) for place in ranked[:count]]


PLACES = st.integers(0, len(TEXTS) - 1)
MININGS = st.builds(
    Mining,
    st.integers(1, 6),
    st.sampled_from([0.5, 0.95, 1.0]),
    st.integers(0, 5),
    st.sampled_from([None, WordEncoder()]),
    st.sampled_from([None, by_words]),
    st.booleans(),
)


@given(st.lists(st.tuples(st.sampled_from(COLOURS + KINDS), PLACES), min_size=1, max_size=10), MININGS)
def test_no_answer_of_a_query_is_ever_its_negative(pairs: list[tuple[str, int]], mining: Mining) -> None:
    triplets = [Triplet(query, TEXTS[place]) for query, place in pairs]
    found = mined(triplets, CORPUS, mining, _silent)
    answering = {query: {GROUPS[place] for asked, place in pairs if asked == query} for query, _ in pairs}
    for before, after in zip(triplets, found, strict=True):
        assert isinstance(after, Triplet)
        assert (after.anchor, after.positive) == (before.anchor, before.positive)
        assert len(set(after.negatives)) == len(after.negatives) <= mining.count
        assert all(GROUPS[TEXTS.index(text)] not in answering[before.anchor] for text in after.negatives)


@given(st.dictionaries(PLACES, st.sampled_from([0.0, 1.0, 3.0]), min_size=1, max_size=8), MININGS)
def test_what_is_judged_is_never_added_again(gains: dict[int, float], mining: Mining) -> None:
    judged = JudgedQuery("red mug", tuple(Candidate(TEXTS[place], gain, str(place)) for place, gain in gains.items()))
    (found,) = mined([judged], CORPUS, mining, _silent)
    assert isinstance(found, JudgedQuery)
    assert found.candidates[: len(gains)] == judged.candidates
    added = found.candidates[len(gains) :]
    assert {int(candidate.product_id) for candidate in added}.isdisjoint(gains)
    assert all(candidate.gain == 0 and CORPUS.texts[int(candidate.product_id)] == candidate.text for candidate in added)


def test_hard_negatives_come_before_random_ones_and_the_margin_keeps_likely_answers_out() -> None:
    triplet = Triplet("red mug", "blue mug")
    hard = mined([triplet], CORPUS, Mining(3, 1.0, encoder=WordEncoder()), _silent)[0]
    assert isinstance(hard, Triplet)
    assert all("red" in text or "mug" in text for text in hard.negatives)
    assert "red mug" not in hard.negatives  # the query itself, and nearer than its answer
    strict = mined([triplet], CORPUS, Mining(3, 0.95, encoder=WordEncoder()), _silent)[0]
    assert isinstance(strict, Triplet)
    assert not any("red" in text or "mug" in text for text in strict.negatives)


def test_words_alone_find_negatives_too() -> None:
    found = mined([Triplet("green", "green mug")], CORPUS, Mining(2, lexical=by_words), _silent)[0]
    assert isinstance(found, Triplet)
    assert all("green" in text for text in found.negatives)


def test_the_seed_decides_and_other_examples_do_not() -> None:
    pairs = [Triplet(query, TEXTS[place]) for place, query in enumerate(COLOURS)]
    alone = mined(pairs[:1], CORPUS, Mining(4, seed=3), _silent)
    assert mined(pairs, CORPUS, Mining(4, seed=3), _silent)[0] == alone[0]
    assert mined(pairs[:1], CORPUS, Mining(4, seed=4), _silent) != alone


def test_held_out_answers_rule_out_negatives() -> None:
    everything_but_one = [Triplet("red", text) for text in TEXTS if text != "red lamp"]
    found = mined([Triplet("red", "red mug")], CORPUS, Mining(3), _silent, everything_but_one)[0]
    assert isinstance(found, Triplet)
    assert set(found.negatives) <= {"red lamp"}


def test_corpus_texts_are_encoded_once() -> None:
    encoder = WordEncoder()
    mined([Triplet("red", "red mug"), Triplet("blue", "another text")], CORPUS, Mining(2, encoder=encoder), _silent)
    assert sorted(encoder.encoded) == sorted([*TEXTS, "another text"])


def test_labelled_texts_and_an_empty_corpus_are_left_alone() -> None:
    labelled = (Labelled("a", ("b",)),)
    assert mined(labelled, CORPUS, Mining(2), _silent) == labelled
    pairs = (Triplet("a", "b"),)
    assert mined(pairs, Corpus((), (), ()), Mining(2), _silent) == pairs


@pytest.mark.parametrize("depth", [0, 1, 3, 10])
def test_nearest_agrees_with_sorting(depth: int) -> None:
    scores = np.random.default_rng(7).integers(0, 4, (5, 8)).astype(np.float32)
    expected = np.argsort(-scores, axis=1, kind="stable")[:, :depth]
    found = nearest(scores, depth)
    assert np.array_equal(np.take_along_axis(scores, found, 1), np.take_along_axis(scores, expected, 1))
    assert all(len(set(row)) == min(depth, 8) for row in found.tolist())
