"""Queries written by a language model behind an OpenAI-compatible `/v1/chat/completions` (extra `endpoint`)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from openaisle.errors import ModelError
from openaisle.models.json_endpoint import JsonEndpoint, Waits, address_of, key_in

_LONGEST_TEXT = 1500
"""Characters of a product that are sent."""
_LONGEST_QUERY = 80
_LARGEST_ANSWER = 1 << 20
_ORNAMENT = re.compile(r"^(?:\s*(?:[-*•]|\d+[.)、:：]))+\s*")
_TASK = (
    "You write what shoppers type into the search box of a shop. For the product that the user describes, write "
    "{count} different search queries, in the languages of its text, from a short kind of product to a need in words. "
    "One query a line and nothing else. Never copy the whole title."
)


class EndpointWriter:
    """Asks for queries, one request a product. Whatever a product's text says, what comes back is read as queries."""

    def __init__(self, endpoint: JsonEndpoint, model: str) -> None:
        self.address = endpoint.address
        self.model = model
        self._endpoint = endpoint

    @classmethod
    def open(cls, url: str, model: str, api_key_env: str | None = None, waits: Waits | None = None) -> EndpointWriter:
        """The model `model` at `url`, with or without `/chat/completions` at its end.

        The key is read from the environment variable `api_key_env`. Raises `ModelError`, `MissingExtra` without httpx.
        """
        address = address_of(url, "/chat/completions", "https://host/v1")
        mend = "Check the endpoint and its model."
        key = key_in(api_key_env)
        return cls(JsonEndpoint(address, key, waits or Waits(), largest=_LARGEST_ANSWER, smaller=mend), model)

    def write(self, text: str, count: int) -> Sequence[str]:
        """Up to `count` queries, short lines only. Raises `ModelError`."""
        body = {
            "model": self.model,
            "messages": [
                {"role": "system", "content": _TASK.format(count=count)},
                {"role": "user", "content": text[:_LONGEST_TEXT]},
            ],
        }
        lines = (
            _ORNAMENT.sub("", line).strip(" \t\"'“”「」")
            for line in self._parsed(self._endpoint.post(body)).splitlines()
        )
        return [line for line in dict.fromkeys(lines) if 1 < len(line) <= _LONGEST_QUERY][:count]

    def close(self) -> None:
        self._endpoint.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

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
