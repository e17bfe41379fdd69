"""One request to an embeddings endpoint: retried when that may help, bounded in time and size, the key never shown."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from openaisle.errors import MissingExtra, ModelError

_MAX_ANSWER_BYTES = 256 << 20
_WORTH_A_RETRY = {408, 409, 425, 429, 500, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds: `timeout` for one answer; `first` is the wait before the second of `attempts`, doubled each time and
    never above `longest`, which also caps what the endpoint asks for in Retry-After."""

    timeout: float = 30.0
    attempts: int = 5
    first: float = 0.5
    longest: float = 30.0

    def between(self) -> Iterator[float]:
        """The waits before each further attempt, shaken so that many clients do not come back at once."""
        for attempt in range(self.attempts - 1):
            yield min(self.longest, self.first * 2**attempt) * random.uniform(0.75, 1.25)


class _Refused(Exception):
    """An answer that is worth another attempt; `after` is how long the endpoint asks to wait, in seconds."""

    def __init__(self, why: str, after: float = 0.0) -> None:
        super().__init__(why)
        self.after = after


class Caller:
    """Speaks to one address about one model."""

    def __init__(self, address: str, model: str, key: str | None, dimensions: int | None, waits: Waits) -> None:
        self.address = address
        self.model = model
        self._dimensions = dimensions
        self._waits = waits
        self._http = _httpx()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = self._http.Client(headers=headers, timeout=waits.timeout, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """`(len(texts), dimensions)` as the endpoint gives them, not yet of unit length."""
        body: dict[str, Any] = {"model": self.model, "input": list(texts), "encoding_format": "float"}
        if self._dimensions is not None:
            body["dimensions"] = self._dimensions
        return self._parsed(self._persistently(body), len(texts))

    def _persistently(self, body: dict[str, Any]) -> bytes:
        waits = self._waits.between()
        while True:
            try:
                return self._once(body)
            except _Refused as refusal:
                wait = next(waits, None)
                if wait is None:
                    raise ModelError(
                        f"{self.address} failed {self._waits.attempts} times: {refusal}.",
                        "Check that the endpoint is up and its limits, then try again.",
                    ) from None
                time.sleep(min(self._waits.longest, max(wait, refusal.after)))

    def _once(self, body: dict[str, Any]) -> bytes:
        try:
            with self._client.stream("POST", self.address, json=body) as response:
                content = self._read(response)
        except self._http.TimeoutException:
            raise _Refused(f"no answer in {self._waits.timeout:g} s") from None
        except self._http.TransportError as error:
            raise _Refused(str(error) or type(error).__name__) from None
        if response.status_code in _WORTH_A_RETRY:
            raise _Refused(f"status {response.status_code}", _retry_after(response.headers.get("retry-after")))
        if response.status_code != 200:
            raise ModelError(
                f"{self.address} answered with status {response.status_code}{_reason(content)}.",
                "Check the address, the model's name and the key (api_key_env under [encoder]).",
            )
        return content

    def _read(self, response: Any) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _MAX_ANSWER_BYTES:
                raise ModelError(f"{self.address} answered with more than 256 MiB.", "Set a smaller batch_size.")
        return bytes(content)

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


def _httpx() -> Any:
    try:
        import httpx
    except ModuleNotFoundError as error:
        raise MissingExtra("An endpoint encoder needs httpx.", "Run `pip install 'openaisle[endpoint]'`.") from error
    return httpx


def _retry_after(header: str | None) -> float:
    """Seconds asked for; a date, which is allowed too, counts as no wish."""
    try:
        return max(0.0, float(header or 0))
    except ValueError:
        return 0.0


def _reason(content: bytes) -> str:
    """What the endpoint says was wrong, one short line, when it says so in OpenAI's form."""
    try:
        message = json.loads(content)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return ""
    return f": {' '.join(str(message).split())[:200].rstrip('.')}"
