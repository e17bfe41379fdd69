"""Requests to one address that takes and gives JSON (extra `endpoint`): retried when that may help, bounded in time and
size, the key never shown."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from openaisle.errors import MissingExtra, ModelError

_WORTH_A_RETRY = {408, 409, 425, 429, 500, 502, 503, 504}
_MIB = 1 << 20


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


class JsonEndpoint:
    """Safe to share between threads. `largest` is the most bytes of an answer; `smaller` says how to get a smaller one,
    `key_setting` where the key is named, as mends of errors."""

    def __init__(
        self, address: str, key: str | None, waits: Waits, *, largest: int, smaller: str, key_setting: str = ""
    ) -> None:
        self.address = address
        self._waits = waits
        self._largest = largest
        self._smaller = smaller
        self._key_setting = f" ({key_setting})" if key_setting else ""
        self._http = _httpx()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = self._http.Client(headers=headers, timeout=waits.timeout, follow_redirects=False)

    def close(self) -> None:
        self._client.close()

    def post(self, body: Mapping[str, Any]) -> bytes:
        """What the address answers. Raises `ModelError` when it refuses, or fails as often as `waits` bears."""
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

    def _once(self, body: Mapping[str, Any]) -> bytes:
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
                f"Check the address, the model's name and the key{self._key_setting}.",
            )
        return content

    def _read(self, response: Any) -> bytes:
        content = bytearray()
        for chunk in response.iter_bytes():
            content += chunk
            if len(content) > self._largest:
                raise ModelError(f"{self.address} answered with more than {self._largest // _MIB} MiB.", self._smaller)
        return bytes(content)


def address_of(url: str, path: str, example: str) -> str:
    """`url` with `path` at its end, whether or not it stood there. Raises `ModelError` for what is no address."""
    if not url.startswith(("https://", "http://")):
        raise ModelError(f"{url!r} is not an address.", f"Write it as {example}.")
    bare = url.rstrip("/")
    return bare if bare.endswith(path) else bare + path


def key_in(variable: str | None) -> str | None:
    """The key that an environment variable holds; None without a variable. Raises `ModelError` when it is not set."""
    if variable is None:
        return None
    key = os.environ.get(variable, "").strip()
    if not key:
        raise ModelError(f"The environment variable {variable} is not set.", "Put the endpoint's key into it.")
    return key


def _httpx() -> Any:
    try:
        import httpx
    except ModuleNotFoundError as error:
        raise MissingExtra("An endpoint needs httpx.", "Run `pip install 'openaisle[endpoint]'`.") from error
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
