from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from encoder_contract import EncoderContract

from openaisle.models.cache import CacheCounts, QueryCache
from openaisle.models.onnx import OnnxEncoder
from openaisle.models.protocol import Encoder, EncoderIdentity, Vectors


class TestQueryCache(EncoderContract):
    @pytest.fixture(scope="class")
    @classmethod
    def encoder(cls, tiny_folder: Path) -> QueryCache:
        return QueryCache(OnnxEncoder.open(tiny_folder), 100)


class Counting:
    """Counts what it is asked to encode; a text's vector tells its length."""

    identity = EncoderIdentity("counting", "1", 2, "0" * 64)

    def __init__(self) -> None:
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        self.asked += texts
        angles = np.array([len(text) / 100 for text in texts])
        return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)

    encode_documents = encode_queries


def test_a_query_is_encoded_once() -> None:
    inner = Counting()
    cache = QueryCache(inner, 10)
    first = cache.encode_queries(["a", "bb", "a"])
    second = cache.encode_queries(["bb", "ccc"])
    assert inner.asked == ["a", "bb", "ccc"]
    np.testing.assert_array_equal(first[1], second[0])
    np.testing.assert_array_equal(first[0], first[2])
    assert cache.counts == CacheCounts(hits=1, misses=4, entries=3)


def test_the_query_not_asked_for_longest_goes_first() -> None:
    inner = Counting()
    cache = QueryCache(inner, 2)
    for text in ("a", "bb", "a", "ccc", "a", "bb"):
        cache.encode_queries([text])
    assert inner.asked == ["a", "bb", "ccc", "bb"]
    assert cache.counts.entries == 2


def test_more_queries_at_once_than_it_keeps() -> None:
    cache = QueryCache(Counting(), 2)
    texts = ["x" * length for length in range(1, 9)]
    np.testing.assert_array_equal(cache.encode_queries(texts), Counting().encode_queries(texts))
    assert cache.counts.entries == 2


def test_documents_pass_through() -> None:
    inner = Counting()
    cache = QueryCache(inner, 10)
    cache.encode_documents(["a"])
    cache.encode_documents(["a"])
    assert inner.asked == ["a", "a"]
    assert cache.counts == CacheCounts(0, 0, 0)


def test_the_answer_may_be_changed_without_harm() -> None:
    cache = QueryCache(Counting(), 10)
    cache.encode_queries(["a"])[:] = 9
    assert cache.encode_queries(["a"]).max() <= 1


def test_many_threads_keep_it_in_bounds() -> None:
    cache: Encoder = QueryCache(Counting(), 5)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: cache.encode_queries(["x" * (number % 20 + 1)]), range(2000)))
    assert isinstance(cache, QueryCache)
    assert cache.counts.entries == 5
    assert cache.counts.hits + cache.counts.misses == 2000


def test_a_size_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        QueryCache(Counting(), 0)
