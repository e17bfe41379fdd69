"""Which texts are chosen for labelling, and that choosing beats chance on the sample store."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from openaisle.learning.unlabelled.active import select
from openaisle.sample.generate import products

AT_A_TIME, ROUNDS, SEEDS = 20, 3, range(6)


def random_rows(count: int, width: int = 8, seed: int = 1) -> NDArray[np.float32]:
    return np.random.default_rng(seed).standard_normal((count, width)).astype(np.float32)


def names(count: int) -> list[str]:
    return [f"text {number}" for number in range(count)]


def test_chooses_as_many_as_asked_each_once_and_the_same_again() -> None:
    vectors = random_rows(200)
    probabilities = np.random.default_rng(2).dirichlet(np.ones(4), 200)
    chosen = select(names(200), vectors, probabilities, 30, 5)
    assert len(set(chosen)) == 30
    assert chosen == select(names(200), vectors, probabilities, 30, 5)
    assert chosen != select(names(200), vectors, probabilities, 30, 6)


def test_takes_what_is_doubted_before_what_is_sure() -> None:
    probabilities = np.tile(np.array([0.999, 0.001]), (200, 1))
    doubted = list(range(100, 130))
    probabilities[doubted] = [0.52, 0.48]
    assert set(select(names(200), random_rows(200), probabilities, 3, 1)) <= set(doubted)


def test_the_most_doubted_come_first() -> None:
    certain = np.linspace(0.5, 1, 40)
    chosen = select(names(40), random_rows(40), certain, 10, 1)
    assert [certain[position] for position in chosen] == sorted(certain[position] for position in chosen)


def test_takes_one_of_each_group() -> None:
    centres = 10 * np.eye(6, dtype=np.float32)
    groups = np.repeat(np.arange(6), 20)
    vectors = centres[groups] + 0.01 * random_rows(120, 6)
    chosen = select(names(120), vectors, None, 6, 3)
    assert sorted(groups[chosen]) == list(range(6))


def test_texts_that_say_the_same_are_labelled_once() -> None:
    chosen = select(["Red  Mug", "red mug", "ｒｅｄ mug", "blue mug"], random_rows(4), None, 4, 1)
    assert chosen == [0, 3]


def test_vectors_that_coincide_still_fill_the_number() -> None:
    assert len(set(select(names(30), np.ones((30, 4), np.float32), None, 7, 1))) == 7


@pytest.mark.parametrize("n", [0, -1])
def test_nothing_asked_nothing_given(n: int) -> None:
    assert select(names(3), random_rows(3), None, n, 1) == []


def test_an_empty_pool_gives_nothing() -> None:
    assert select([], random_rows(0), None, 3, 1) == []


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="3 texts, 2 vectors"):
        select(names(3), random_rows(2), None, 1, 1)
    with pytest.raises(ValueError, match="2 probabilities"):
        select(names(3), random_rows(3), random_rows(2), 1, 1)


class Store:
    """Titles of the sample store as vectors, their departments, and a split by product, variants together."""

    def __init__(self) -> None:
        items = list(products())
        self.texts = [item["title"]["en"] for item in items]
        self.labels = np.array([item["category"][0] for item in items])
        self.groups = np.array([item["group_id"] or item["id"] for item in items])
        words = TfidfVectorizer(sublinear_tf=True).fit_transform(self.texts)
        self.vectors = TruncatedSVD(50, random_state=0).fit_transform(words).astype(np.float32)

    def accuracy(self, seed: int, active: bool) -> list[float]:
        """On unseen products, after each round of labelling."""
        random = np.random.default_rng(seed)
        kinds = random.permutation(np.unique(self.groups))
        tested = np.isin(self.groups, kinds[: len(kinds) // 3])
        pool, chosen, reached = np.flatnonzero(~tested), np.empty(0, np.intp), []
        probabilities = None
        for turn in range(ROUNDS):
            left = np.setdiff1d(pool, chosen)
            taken = self.choose(left, probabilities, seed + turn) if active else random.permutation(left)[:AT_A_TIME]
            chosen = np.concatenate([chosen, taken])
            learned = LogisticRegression(C=30, max_iter=300, tol=1e-2).fit(self.vectors[chosen], self.labels[chosen])
            probabilities = learned.predict_proba(self.vectors)
            reached.append(float((learned.predict(self.vectors[tested]) == self.labels[tested]).mean()))
        return reached

    def choose(self, left: NDArray[np.intp], probabilities: NDArray[np.float64] | None, seed: int) -> NDArray[np.intp]:
        texts = [self.texts[position] for position in left]
        known = None if probabilities is None else probabilities[left]
        return left[select(texts, self.vectors[left], known, AT_A_TIME, seed)]


@pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning:sklearn")
def test_beats_random_choice_on_the_sample_store() -> None:
    store = Store()
    chosen = np.array([store.accuracy(seed, active=True) for seed in SEEDS])
    random = np.array([store.accuracy(seed, active=False) for seed in SEEDS])
    gain = (chosen - random)[:, -1]
    assert gain.mean() > 0.03
    assert (gain > 0).sum() >= len(SEEDS) - 1
    assert (chosen.mean(axis=0) > random.mean(axis=0)).all()
