"""Encoders behind an OpenAI-compatible `/v1/embeddings` (extra `endpoint`)."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ModelError
from openaisle.models.endpoint_call import Caller
from openaisle.models.json_endpoint import Waits, address_of, key_in
from openaisle.models.protocol import EncoderIdentity, Vectors
from openaisle.models.text_form import text_form
from openaisle.models.vectors import empty, unit

_MAX_TOKENS = 8192


class EndpointEncoder:
    """Asks an endpoint for vectors, `batch_size` texts a request; safe to share between threads."""

    def __init__(self, caller: Caller, identity: EncoderIdentity, batch_size: int, prefixes: tuple[str, str]) -> None:
        self._caller = caller
        self._identity = identity
        self._batch_size = batch_size
        self._query_prefix, self._document_prefix = prefixes

    @classmethod
    def open(
        cls,
        url: str,
        *,
        model: str | None,
        api_key_env: str | None = None,
        dimensions: int | None = None,
        batch_size: int = 64,
        query_prefix: str = "",
        document_prefix: str = "",
        waits: Waits | None = None,
    ) -> EndpointEncoder:
        """The encoder `model` at `url` (with or without `/embeddings` at its end), tried once.

        The key is read from the environment variable `api_key_env`. Stated `dimensions` are asked for and checked;
        without them the endpoint's first answer decides. Raises `MissingExtra` without httpx, `ModelError` when the
        endpoint cannot be used.
        """
        if not model:
            raise ModelError("The endpoint needs the name of a model.", "Set model under [encoder].")
        address = address_of(url, "/embeddings", "endpoint:https://host/v1")
        caller = Caller(address, model, key_in(api_key_env), dimensions, waits or Waits())
        try:
            found = len(caller.embed(["probe"])[0])
            identity = EncoderIdentity(model, "endpoint", found, _digest(caller, found, query_prefix, document_prefix))
            encoder = cls(caller, identity, batch_size, (query_prefix, document_prefix))
            encoder._checked(np.zeros((1, found), dtype=np.float32), dimensions or found)
        except BaseException:
            caller.close()
            raise
        return encoder

    @property
    def identity(self) -> EncoderIdentity:
        return self._identity

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._query_prefix, texts)

    def encode_documents(self, texts: Sequence[str]) -> Vectors:
        return self._encode(self._document_prefix, texts)

    def close(self) -> None:
        self._caller.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _encode(self, prefix: str, texts: Sequence[str]) -> Vectors:
        if not texts:
            return empty(self._identity.dimensions)
        formed = [prefix + text_form(text, _MAX_TOKENS) or " " for text in texts]
        starts = range(0, len(formed), self._batch_size)
        answers = [self._caller.embed(formed[start : start + self._batch_size]) for start in starts]
        vectors = np.concatenate([self._checked(answer, self._identity.dimensions) for answer in answers])
        return unit(vectors, self._identity.name)

    def _checked(self, vectors: NDArray[np.float32], dimensions: int) -> NDArray[np.float32]:
        if vectors.shape[1] != dimensions:
            raise ModelError(
                f"{self._caller.address} answered with {vectors.shape[1]} dimensions instead of {dimensions}.",
                "Set dimensions under [encoder] to what the model gives, then run `openaisle reindex`.",
            )
        return vectors


def _digest(caller: Caller, dimensions: int, query_prefix: str, document_prefix: str) -> str:
    parts = (caller.address, caller.model, str(dimensions), query_prefix, document_prefix)
    return sha256("\0".join(parts).encode()).hexdigest()
