"""Shoppers and sessions under other names: HMAC-SHA256 with a key that each shop makes for itself and never shows.

The same shopper always gets the same pseudonym, so that behaviour can be learnt from, while who it was can be told only
by whoever has both the key and the name. It is cut to 128 bits and written in 22 characters.
"""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from functools import lru_cache

from sqlalchemy import Engine

from openaisle.storage.meta import Meta

KEY_NAME = "events.pseudonym_key"
_KEY_BYTES = 32
_BYTES = 16
_REMEMBERED = 65_536


class Pseudonyms:
    """The pseudonyms of one shop."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")
        self._of = lru_cache(_REMEMBERED)(self._computed)

    @classmethod
    def of_shop(cls, engine: Engine) -> Pseudonyms:
        """With the shop's key, which is made when it is first asked for."""
        kept = Meta(engine).get(KEY_NAME)
        if kept is None:
            Meta(engine).put_new(KEY_NAME, secrets.token_hex(_KEY_BYTES))
            kept = Meta(engine).get(KEY_NAME)
            assert kept is not None
        return cls(bytes.fromhex(kept))

    def __repr__(self) -> str:
        return "Pseudonyms(key=…)"

    def shopper(self, name: str) -> str:
        """The pseudonym of a shopper as the shop knows them; "" stays ""."""
        return self._of(b"shopper\0", name) if name else ""

    def session(self, name: str) -> str:
        """The same of a session; a shopper and a session of one name have nothing in common."""
        return self._of(b"session\0", name) if name else ""

    def _computed(self, what: bytes, name: str) -> str:
        # a copy of what has read the key already; one call for all would let other threads go first, every time
        keyed = self._keyed.copy()
        keyed.update(what + name.encode())
        return urlsafe_b64encode(keyed.digest()[:_BYTES])[:22].decode()
