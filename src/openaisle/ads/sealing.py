"""The token of a shown ad: what a click on it may cost, sealed, so that showing an ad writes nothing.

A token is 48 characters. Its content is covered by a keyed pad and authenticated (the manner in which ad exchanges send
prices: a pad from a keyed hash of a nonce, and a keyed hash over the whole), because shoppers' browsers carry it:
nobody can read what an advertiser pays, or move a price to another ad. Campaign, product and query come back beside the
token and are checked by it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass

from openaisle.ads.money import LARGEST
from openaisle.errors import InvalidAdToken
from openaisle.storage.meta import Meta

TOPIC = 0xFFFF
"""Number of the keyword of an ad that was found by meaning."""

_NONCE, _TAG = 9, 10
_FIELDS = (7, 6, 2, 1, 1)
"""Bytes of price, time, keyword, position and relevance."""
_KEPT_AS = "ads.secret"


@dataclass(frozen=True, slots=True)
class Showing:
    """An ad as it was shown. `price` is what a click costs, in minor units; `keyword` its number within the campaign,
    `TOPIC` for one found by meaning; `time` in milliseconds since 1970; `position` on the page, from 1;
    `relevance` in tenths of the page's best organic score."""

    campaign_id: str
    product_id: str
    query_id: str
    price: int
    time: int
    keyword: int
    position: int
    relevance: int = 10


class Seal:
    """Seals and opens with one secret of at least 32 bytes."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) < 32:
            raise ValueError("the secret is shorter than 32 bytes")
        self._pad_key = hmac.digest(secret, b"pad", "sha256")
        self._tag_key = hmac.digest(secret, b"tag", "sha256")

    @classmethod
    def of_shop(cls, meta: Meta) -> Seal:
        """With the shop's own secret, which is made at the first call."""
        found = meta.get(_KEPT_AS)
        if found is None:
            meta.put_new(_KEPT_AS, secrets.token_hex(32))
            found = meta.get(_KEPT_AS) or ""
        return cls(bytes.fromhex(found))

    def seal(self, showing: Showing) -> str:
        if not 0 <= showing.price <= LARGEST:
            raise ValueError("the price cannot be sealed")
        nonce = secrets.token_bytes(_NONCE)
        values = (showing.price, showing.time, showing.keyword, showing.position, showing.relevance)
        plain = b"".join(value.to_bytes(size, "big") for value, size in zip(values, _FIELDS, strict=True))
        body = nonce + self._padded(nonce, plain)
        tag = self._tag(body, showing.campaign_id, showing.product_id, showing.query_id)
        return base64.urlsafe_b64encode(body + tag).decode()

    def open(self, token: str, *, campaign_id: str, product_id: str, query_id: str) -> Showing:
        """Raises `InvalidAdToken` where the token was not made here, or for another ad or query."""
        sealed = _decoded(token)
        body, tag = sealed[:-_TAG], sealed[-_TAG:]
        if not hmac.compare_digest(tag, self._tag(body, campaign_id, product_id, query_id)):
            raise _invalid()
        plain = self._padded(body[:_NONCE], body[_NONCE:])
        values = []
        for size in _FIELDS:
            values.append(int.from_bytes(plain[:size], "big"))
            plain = plain[size:]
        price, time, keyword, position, relevance = values
        return Showing(campaign_id, product_id, query_id, price, time, keyword, position, relevance)

    def _padded(self, nonce: bytes, text: bytes) -> bytes:
        pad = hmac.digest(self._pad_key, nonce, "sha256")
        return bytes(a ^ b for a, b in zip(text, pad, strict=False))

    def _tag(self, body: bytes, *names: str) -> bytes:
        # each name is hashed first, so that no two sets of names run into the same bytes
        named = b"".join(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest() for name in names)
        return hmac.digest(self._tag_key, body + named, "sha256")[:_TAG]


def _decoded(token: str) -> bytes:
    try:
        sealed = base64.b64decode(token, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise _invalid() from None
    if len(sealed) != _NONCE + sum(_FIELDS) + _TAG:
        raise _invalid()
    return sealed


def _invalid() -> InvalidAdToken:
    return InvalidAdToken(
        "The token does not belong to this campaign, product and query.",
        "Send campaign, product, query_id and token just as the sponsored hit had them.",
    )
