"""How large the parts of an event may be."""

from __future__ import annotations

ID_LENGTH = 128
NAME_LENGTH = 256
"""Of a shopper or a session as the shop knows them, before they become pseudonyms."""
QUERY_LENGTH = 1024
PRODUCT_ID_LENGTH = 256
LABEL_LENGTH = 128
"""Of a query's id, a placement, a campaign."""
AGENT_LENGTH = 1024

POSITION = 1_000_000
QUANTITY = 1_000_000
PRICE = 1e12
DWELL_SECONDS = 86_400.0

FUTURE_MS = 300_000
"""How far ahead of this machine a shop's clock may run."""
OLDEST_MS = 788_918_400_000
"""The beginning of 1995: before it there were no web shops, and what looks older is in another unit."""

LINE_BYTES = 1_048_576
ITEMS = 1000
"""Products that one record may name."""
