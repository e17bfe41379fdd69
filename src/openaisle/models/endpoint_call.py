"""The request that an embeddings endpoint answers."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import ModelError
from openaisle.models.json_endpoint import JsonEndpoint, Waits

_LARGEST_ANSWER = 256 << 20


class Caller:
    """Speaks to one address about one model."""

    def __init__(self, address: str, model: str, key: str | None, dimensions: int | None, waits: Waits) -> None:
        self.address = address
        self.model = model
        self._dimensions = dimensions
        self._endpoint = JsonEndpoint(
            address,
            key,
            waits,
            largest=_LARGEST_ANSWER,
            smaller="Set a smaller batch_size.",
            key_setting="api_key_env under [encoder]",
        )

    def close(self) -> None:
        self._endpoint.close()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`(len(texts), dimensions)` as the endpoint gives them, not yet of unit length."""
        body: dict[str, Any] = {"model": self.model, "input": list(texts), "encoding_format": "float"}
        if self._dimensions is not None:
            body["dimensions"] = self._dimensions
        return self._parsed(self._endpoint.post(body), len(texts))

    def _parsed(self, content: bytes, count: int) -> NDArray[np.float32]:
        """Rows in the order of the texts: each item of the answer says which one it is for."""
        try:
            items = json.loads(content)["data"]
            rows = {int(item["index"]): item["embedding"] for item in items}
            vectors = np.asarray([rows[index] for index in range(count)], dtype=np.float32)
        except (ValueError, KeyError, TypeError):
            raise self._nonsense() from None
        if vectors.ndim != 2 or len(items) != count:
            raise self._nonsense()
        return vectors

    def _nonsense(self) -> ModelError:
        return ModelError(
            f"{self.address} did not answer with one vector a text.",
            "Use an endpoint that speaks OpenAI's embeddings API.",
        )
