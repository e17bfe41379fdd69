"""Queries written by a language model behind an OpenAI-compatible `/v1/chat/completions` (extra `endpoint`)."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from openaisle.errors import MissingExtra, ModelError
from openaisle.models.endpoint_call import Waits

_LONGEST_TEXT = 1500
"""Characters of a product that are sent."""
_LONGEST_QUERY = 80
_MAX_ANSWER_BYTES = 1 << 20
_WORTH_A_RETRY = {408, 409, 425, 429, 500, 502, 503, 504}
_ORNAMENT = re.compile(r"^(?:\s*(?:[-*•]|\d+[.)、:：]))+\s*")
_TASK = (
    "You write what shoppers type into the search box of a shop. For the product that the user describes, write "
    "{count} different search queries, in the languages of its text, from a short kind of product to a need in words. "
    "One query a line and nothing else. Never copy the whole title."
)


class EndpointWriter:
    """Asks for queries, one request a product. Whatever a product's text says, what comes back is read as queries."""

    def __init__(self, address: str, model: str, key: str | None, waits: Waits) -> None:
        self.address = address
        self.model = model
        self._waits = waits
        self._http = _httpx()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = self._http.Client(headers=headers, timeout=waits.timeout, follow_redirects=False)

    @classmethod
    def open(cls, url: str, model: str, api_key_env: str | None = None, waits: Waits | None = None) -> EndpointWriter:
        """The model `model` at `url`, with or without `/chat/completions` at its end.

        The key is read from the environment variable `api_key_env`. Raises `ModelError`, `MissingExtra` without httpx.
        """
        if not url.startswith(("https://", "http://")):
            raise ModelError(f"{url!r} is not an address.", "Write it as https://host/v1.")
        bare = url.rstrip("/")
        address = bare if bare.endswith("/chat/completions") else f"{bare}/chat/completions"
        return cls(address, model, _key(api_key_env), waits or Waits())

    def write(self, text: str, count: int) -> Sequence[str]:
        """Up to `count` queries, short lines only. Raises `ModelError`."""
        body = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": _TASK.format(count=count)},
                {"role": "user", "content": text[:_LONGEST_TEXT]},
            ],
        }
        lines = (_ORNAMENT.sub("", line).strip(" \t\"'“”「」") for line in self._answer(body).splitlines())
        return [line for line in dict.fromkeys(lines) if 1 < len(line) <= _LONGEST_QUERY][:count]

    def close(self) -> None:
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answer(self, body: dict[str, Any]) -> str:
        waits = self._waits.between()
        while True:
            status, content, why = self._once(body)
            if status == 200:
                return self._parsed(content)
            if status is not None and status not in _WORTH_A_RETRY:
                raise ModelError(
                    f"{self.address} answered with status {status}.", "Check the address, the model's name and the key."
                )
            wait = next(waits, None)
            if wait is None:
                raise ModelError(
                    f"{self.address} failed {self._waits.attempts} times: {why}.",
                    "Check that the endpoint is up and its limits, then try again.",
                )
            time.sleep(wait)

    def _once(self, body: dict[str, Any]) -> tuple[int | None, bytes, str]:
        """Status, content and, where there is no answer at all, why."""
        try:
            with self._client.stream("POST", self.address, json=body) as response:
                return response.status_code, self._read(response), f"status {response.status_code}"
        except self._http.TimeoutException:
            return None, b"", f"no answer in {self._waits.timeout:g} s"
        except self._http.TransportError as error:
            return None, b"", str(error) or type(error).__name__

    def _read(self, response: Any) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > _MAX_ANSWER_BYTES:
                raise ModelError(f"{self.address} answered with more than 1 MiB.", "Check the endpoint and its model.")
        return bytes(content)

    def _parsed(self, content: bytes) -> str:
        try:
            text = json.loads(content)["choices"][0]["message"]["content"]
        except (ValueError, KeyError, TypeError, IndexError):
            text = None
        if not isinstance(text, str):
            raise ModelError(
                f"{self.address} did not answer with a message.",
                "Use an endpoint that speaks OpenAI's chat completions API.",
            )
        return text


def _httpx() -> Any:
    try:
        import httpx
    except ModuleNotFoundError as error:
        raise MissingExtra(
            "A language model behind an endpoint needs httpx.", "Run `pip install 'openaisle[endpoint]'`."
        ) from error
    return httpx


def _key(variable: str | None) -> str | None:
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ModelError(f"The environment variable {variable} is not set.", "Put the endpoint's key into it.")
    return key
