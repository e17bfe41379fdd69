"""What every encoder must do. A backend's test module inherits `EncoderContract` and gives an `encoder` fixture."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from openaisle.models.protocol import Encoder

TEXTS = [
    "mug",
    "保温杯 500ml 不锈钢",
    "Noise cancelling headphones WH-1000XM5",
    "",
    "a rather long description of a garden chair, " * 40,
    "😀👩‍👩‍👧 emoji",
    "\x00 control \x07 characters \ud800",
    "T-shirt",
]


class EncoderContract:
    def test_is_an_encoder(self, encoder: Encoder) -> None:
        assert isinstance(encoder, Encoder)

    def test_rows_are_unit_vectors_of_the_stated_size(self, encoder: Encoder) -> None:
        for encode in (encoder.encode_queries, encoder.encode_documents):
            vectors = encode(TEXTS)
            assert vectors.dtype == np.float32
            assert vectors.shape == (len(TEXTS), encoder.identity.dimensions)
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)

    def test_batch_gives_what_single_texts_give_in_their_order(self, encoder: Encoder) -> None:
        for encode in (encoder.encode_queries, encoder.encode_documents):
            together = encode(TEXTS)
            alone = np.concatenate([encode([text]) for text in TEXTS])
            assert np.einsum("ij,ij->i", together, alone).min() > 1 - 1e-3

    def test_different_texts_have_different_vectors(self, encoder: Encoder) -> None:
        vectors = encoder.encode_documents(["mug", "a wooden garden chair", "保温杯"])
        cosines = vectors @ vectors.T
        assert cosines[~np.eye(3, dtype=bool)].max() < 0.999

    def test_no_texts_give_no_rows(self, encoder: Encoder) -> None:
        assert encoder.encode_queries([]).shape == (0, encoder.identity.dimensions)
        assert encoder.encode_documents([]).shape == (0, encoder.identity.dimensions)

    def test_stray_blanks_change_nothing(self, encoder: Encoder) -> None:
        for encode in (encoder.encode_queries, encoder.encode_documents):
            clean, stray = encode(["red mug"]), encode([" red \t\u3000 mug \n"])
            np.testing.assert_allclose(clean, stray, atol=1e-6)

    def test_identity_is_stable(self, encoder: Encoder) -> None:
        before = encoder.identity
        encoder.encode_queries(["mug"])
        assert encoder.identity == before
        assert before.name
        assert before.version
        assert len(before.digest) == 64

    def test_threads_may_share_it(self, encoder: Encoder) -> None:
        expected = encoder.encode_queries(TEXTS)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: encoder.encode_queries(TEXTS), range(16)))
        for answer in answers:
            np.testing.assert_allclose(answer, expected, atol=1e-5)
