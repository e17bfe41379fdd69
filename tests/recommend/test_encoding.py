from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from openaisle.catalog.product import Product
from openaisle.models.protocol import EncoderIdentity
from openaisle.recommend.encoding import Indexed, vectors_of


class Lengths:
    """An encoder that knows a product by the length of its title, and remembers what it was given."""

    identity = EncoderIdentity("lengths", "1", 2, "digest")

    def __init__(self) -> None:
        self.encoded: list[str] = []

    def encode_documents(self, texts: list[str]) -> np.ndarray:
        self.encoded += texts
        return np.array([[0.0, 1.0] for _ in texts], np.float32)

    encode_queries = encode_documents


class Two:
    """A catalogue of two products."""

    def get_many(self, ids: Sequence[str]) -> Mapping[str, Product]:
        return {id: Product(id, {"en": id.title()}) for id in ids if id in ("mug", "pot")}


def made(encoder: Lengths, ids: Sequence[str], indexed: Indexed) -> list[list[float]]:
    vectors = vectors_of(Two(), encoder, ("title",), lambda done, all: None, indexed)(ids)
    return [[round(float(value), 6) for value in row] for row in vectors]


def test_what_the_index_has_is_taken_from_it_and_only_the_rest_is_encoded() -> None:
    encoder, nan = Lengths(), float("nan")
    index = {"mug": [3.0, 4.0], "gone": [nan, nan], "pot": [nan, nan]}
    vectors = made(encoder, ["mug", "gone", "pot"], lambda ids: np.array([index[id] for id in ids], np.float32))
    assert vectors == [[0.6, 0.8], [0.0, 0.0], [0.0, 1.0]]
    assert encoder.encoded == ["Pot"]


@pytest.mark.parametrize("other", [None, np.ones((1, 3), np.float32)])
def test_vectors_of_another_encoder_are_not_taken(other: np.ndarray | None) -> None:
    encoder = Lengths()
    assert made(encoder, ["mug"], lambda ids: other) == [[0.0, 1.0]]
    assert encoder.encoded == ["Mug"]
