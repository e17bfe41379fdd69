"""Scores over the vocabulary, whole and sampled."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from openaisle.learning.unlabelled.vocabulary import TiedVocabulary


def test_is_cross_entropy_over_the_words_of_the_model() -> None:
    torch.manual_seed(1)
    words, vectors, ids = nn.Embedding(40, 8), torch.randn(600, 8), torch.randint(40, (600,))
    tied = TiedVocabulary(words)
    expected = cross_entropy(vectors @ words.weight.T, ids, reduction="none")
    torch.testing.assert_close(tied(vectors, ids), expected)
    assert [name for name, _ in tied.named_parameters()] == ["bias"]


def test_a_large_vocabulary_is_sampled_only_to_learn() -> None:
    torch.manual_seed(1)
    words, vectors, ids = nn.Embedding(500, 8), torch.randn(20, 8), torch.randint(500, (20,))
    tied = TiedVocabulary(words, drawn=50)
    tied(vectors, ids).sum().backward()
    assert words.weight.grad is not None
    touched = words.weight.grad.abs().sum(dim=1) > 0
    assert touched[ids].all()
    assert touched.sum() <= 70
    whole = cross_entropy(vectors @ words.weight.T, ids, reduction="none")
    with torch.no_grad():
        torch.testing.assert_close(tied(vectors, ids), whole)
    assert (tied(vectors, ids) < whole).all()


def test_nothing_to_score() -> None:
    tied = TiedVocabulary(nn.Embedding(40, 8))
    assert tied(torch.zeros(0, 8), torch.zeros(0, dtype=torch.int64)).shape == (0,)
