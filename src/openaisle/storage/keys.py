"""API keys: shown once, kept hashed, found by a prefix, compared in constant time.

A token is `oa_<prefix>_<secret>`. The secret has 256 random bits, so one SHA-256 is as good as a slow password hash and
costs a request nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from openaisle.storage.engine import fetch, reading, writing
from openaisle.storage.moments import in_utc, moment_in_utc, now
from openaisle.storage.tables import api_keys

_MARK = "oa"
_PREFIX_BYTES = 6
_SECRET_BYTES = 32
_LONGEST_TOKEN = 200


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret."""

    id: str
    name: str
    prefix: str
    scopes: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, times in ISO 8601."""
        return {
            "id": self.id,
            "name": self.name,
            "prefix": self.prefix,
            "scopes": sorted(self.scopes),
            "created_at": self.created_at.isoformat(),
            "revoked_at": self.revoked_at.isoformat() if self.revoked_at else None,
        }


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made. `token` is the only time its plain text is to be had."""

    key: Key
    token: str

    def __repr__(self) -> str:
        return f"NewKey(key={self.key!r}, token=…)"


class Keys:
    """The API keys of one shop. Methods raise `StorageError` when the database refuses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def at_hand(self) -> bool:
        """Whether the keys lie in a file of this machine, not behind a network."""
        return self._engine.dialect.name == "sqlite"

    def create(self, name: str, scopes: Iterable[str]) -> NewKey:
        """A new key for `scopes` (free words, such as "search" or "ingest")."""
        prefix, secret = secrets.token_hex(_PREFIX_BYTES), secrets.token_urlsafe(_SECRET_BYTES)
        key = Key(uuid.uuid4().hex, name[:200], prefix, frozenset(scopes), now(), None)
        with writing(self._engine) as connection:
            connection.execute(
                insert(api_keys).values(
                    id=key.id,
                    name=key.name,
                    prefix=prefix,
                    hash=_hash(secret),
                    scopes=" ".join(sorted(key.scopes)),
                    created_at=key.created_at,
                )
            )
        return NewKey(key, f"{_MARK}_{prefix}_{secret}")

    def verify(self, token: str) -> Key | None:
        """The key that `token` is the plain text of, unless there is none or it was revoked."""
        mark, _, rest = token[:_LONGEST_TOKEN].partition("_")
        prefix, _, secret = rest.partition("_")
        row = self._find(prefix) if prefix.isascii() and prefix.isalnum() else None
        # An unknown prefix is compared too, so that the answer's time does not tell it from a wrong secret.
        expected = bytes(row.hash) if row is not None else bytes(32)
        fits = hmac.compare_digest(_hash(secret), expected)
        if row is None or not fits or mark != _MARK or row.revoked_at is not None:
            return None
        return _key(row)

    def _find(self, prefix: str) -> Row[Any] | None:
        with reading(self._engine) as connection:
            return connection.execute(select(api_keys).where(api_keys.c.prefix == prefix)).one_or_none()

    def revoke(self, id_: str) -> bool:
        """Make a key useless; False when there is no such key or it was revoked before."""
        change = update(api_keys).where(api_keys.c.id == id_, api_keys.c.revoked_at.is_(None)).values(revoked_at=now())
        with writing(self._engine) as connection:
            return connection.execute(change).rowcount == 1

    def any(self) -> bool:
        """Whether a key was ever made."""
        return bool(fetch(self._engine, "SELECT 1 FROM api_keys LIMIT 1", ()))

    def list(self) -> tuple[Key, ...]:
        """Every key, the oldest first, revoked ones too."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id))
            return tuple(_key(row) for row in rows)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def _key(row: Row[Any]) -> Key:
    scopes = frozenset(row.scopes.split())
    return Key(row.id, row.name, row.prefix, scopes, moment_in_utc(row.created_at), in_utc(row.revoked_at))
