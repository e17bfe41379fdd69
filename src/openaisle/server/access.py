"""Who may do what: bearer keys with scopes, or this machine alone while no key was ever made."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Annotated, Any, Literal, Protocol

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from openaisle.errors import Forbidden, Unauthorized
from openaisle.server.rates import Rates
from openaisle.storage.keys import Key

SCOPES = ("search", "write", "admin")
"""What a key may do; `admin` may do all."""

Demand = Literal["auto", "always", "never"]

_ASK_AGAIN = 0.25
"""Seconds for which it is taken that there is still no key, so that not every request asks the database."""

_bearer = HTTPBearer(auto_error=False, description="A key made with `openaisle keys create`.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


class KnowsKeys(Protocol):
    """The part of `storage.keys.Keys` that access needs."""

    def verify(self, token: str) -> Key | None: ...

    def any(self) -> bool: ...

    @property
    def at_hand(self) -> bool:
        """Whether both answer from this machine's files, too fast for a thread to be worth it."""
        ...


class Access:
    """Decides about one request.

    `auto` asks for a key once one was made, revoked ones counting, and always from callers on other machines. A key
    made by another process counts within `_ASK_AGAIN` seconds.
    """

    def __init__(
        self, keys: KnowsKeys, demand: Demand, rates: Rates, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._keys = keys
        self._demand = demand
        self._rates = rates
        self._clock = clock
        self._made = False
        self._ask_at = clock()

    def admit(self, request: Request, token: str | None, scopes: frozenset[str]) -> None:
        """Raises `Unauthorized`, `Forbidden` or `TooManyRequests`."""
        key = self._key(request, token)
        caller = f"key {key.id}" if key else f"address {request.client.host if request.client else ''}"
        self._rates.take(caller)
        if key is not None and not key.scopes & (scopes | {"admin"}):
            raise Forbidden(
                f"The key {key.prefix} is for {', '.join(sorted(key.scopes)) or 'nothing'}.",
                f"Use a key with the scope {' or '.join(sorted(scopes))}.",
            )

    async def admitted(self, request: Request, token: str | None, scopes: frozenset[str]) -> None:
        """`admit`, without keeping other requests waiting."""
        if self._keys.at_hand:
            self.admit(request, token, scopes)
        else:
            await run_in_threadpool(self.admit, request, token, scopes)

    def demands_keys(self) -> bool:
        """Whether callers on this machine need a key, too."""
        if self._demand == "auto":
            return self._made or self._asked()
        return self._demand == "always"

    def key_was_made(self) -> None:
        """Tell that this process has made a key."""
        self._made = True

    def _asked(self) -> bool:
        if self._clock() >= self._ask_at:
            if self._keys.any():
                self.key_was_made()
            self._ask_at = self._clock() + _ASK_AGAIN  # only now: nobody is let in on an answer that is not there yet
        return self._made

    def _key(self, request: Request, token: str | None) -> Key | None:
        if token is None:
            self._admit_without_key(request)
            return None
        key = self._keys.verify(token)
        if key is None and self._demand != "never":
            raise Unauthorized("The key is not known, or it was revoked.", "Use a key made by `openaisle keys create`.")
        return key

    def _admit_without_key(self, request: Request) -> None:
        if self._demand == "never" or (not self.demands_keys() and _stays_on_this_machine(request)):
            return
        raise Unauthorized(
            "This needs a key.", "Send Authorization: Bearer KEY with a key made by `openaisle keys create`."
        )


def allowed(*scopes: str) -> Callable[[Request, Credentials], Coroutine[Any, Any, None]]:
    """A dependency that admits keys with one of `scopes`, and `admin` keys."""
    wanted = frozenset(scopes)

    async def admit(request: Request, credentials: Credentials) -> None:
        access: Access = request.app.state.service.access
        await access.admitted(request, credentials.credentials if credentials else None, wanted)

    return admit


def _stays_on_this_machine(request: Request) -> bool:
    """Both ends and the name that was asked for: a page whose own name leads here (DNS rebinding) is kept out."""
    server = request.scope.get("server")
    try:
        asked = request.url.hostname or ""
    except ValueError:
        return False
    ends = (request.client.host if request.client else "", server[0] if server else "", asked)
    return all(map(is_loopback, ends))


@lru_cache(maxsize=1024)
def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


MaySearch = Depends(allowed("search"))
MayWrite = Depends(allowed("write"))
MayAdminister = Depends(allowed("admin"))
MayAnything = Depends(allowed(*SCOPES))
